"""With the site's database rights nobody changes a ledger; its owner must first switch off the guard (L1, L2)."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from audit.ledger import ledgers, verify
from audit.models import Entry
from audit.roles import exposed_tables
from audit.triggers import CREATE_FUNCTION

pytestmark = pytest.mark.django_db

_REFUSED = "permission denied|must be owner|must be superuser"
ATTACKS = [
    "UPDATE audit_entry SET reason = ''",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "TRUNCATE audit_entry RESTART IDENTITY CASCADE",
    "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (id) DO UPDATE SET reason = ''",
    "SELECT * FROM audit_entry FOR UPDATE",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "ALTER TABLE audit_entry DISABLE TRIGGER USER",
    "ALTER TABLE audit_entry DROP COLUMN reason",
    "ALTER TABLE audit_entry OWNER TO CURRENT_USER",
    "ALTER TABLE audit_entry RENAME TO forgotten",
    "DROP TRIGGER audit_append_only ON audit_entry",
    "DROP FUNCTION audit_refuse_change() CASCADE",
    "DROP TABLE audit_entry",
    "CREATE RULE forget AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    "CREATE TRIGGER forget BEFORE INSERT ON audit_entry EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    CREATE_FUNCTION,
    "SET session_replication_role = replica",
    "SELECT setval(pg_get_serial_sequence('audit_entry', 'id'), 1, false)",
    "UPDATE pg_trigger SET tgenabled = 'D'",
]


@pytest.mark.requirement("L1")
@pytest.mark.clause("Q15.6")
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_site_role_is_refused(entries: list[Entry], attack: str) -> None:
    with pytest.raises(DatabaseError, match=_REFUSED), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert (verify(Entry).rows, verify(Entry).is_whole) == (len(entries), True)


@pytest.mark.requirement("L1")
def test_granting_itself_the_right_gives_the_site_role_nothing(entries: list[Entry]) -> None:
    role = connection.ops.quote_name(settings.DATABASE_SITE_ROLE)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE ON audit_entry TO {role}")  # PostgreSQL only warns
        cursor.execute("SELECT has_table_privilege(current_user, 'audit_entry', 'UPDATE')")
        assert cursor.fetchone() == (False,)


@pytest.mark.requirement("L1")
def test_the_site_login_cannot_become_the_owner() -> None:
    from runner.postgres import SITE_LOGIN

    parameters = {**connection.get_connection_params(), "user": SITE_LOGIN}
    parameters.pop("cursor_factory", None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        owner = cursor.fetchone()[0]
    with closing(psycopg2.connect(**parameters)) as site, site.cursor() as cursor:
        cursor.execute("SELECT count(*) >= 0 FROM audit_entry")  # it does reach the table
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(f'SET ROLE "{owner}"')


@pytest.mark.requirement("L2")
@pytest.mark.parametrize("statement", ATTACKS[:3])
def test_the_owner_is_refused_by_the_triggers(
    entries: list[Entry], owner: Callable[[], AbstractContextManager[None]], statement: str
) -> None:
    verb = statement.split(maxsplit=1)[0]
    with (
        owner(),
        pytest.raises(DatabaseError, match=f"audit_entry is append-only: {verb} is refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.requirement("L1", "L2")
def test_every_ledger_of_the_project_is_guarded() -> None:
    tables = [model._meta.db_table for model in ledgers()]
    assert "audit_entry" in tables
    assert exposed_tables(tables) == {}
