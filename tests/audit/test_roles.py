"""The site's role gets its rights on every table, and no more than it needs (L1)."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.conf import settings as site_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.db.migrations.state import ProjectState
from pytest_django import Settings

from audit.operations import AppendOnly
from audit.roles import create_site_role, exposed_tables, grant_site_role

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("L1")]
Owner = Callable[[], AbstractContextManager[None]]
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def rights(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r FROM unnest(%s) r WHERE has_table_privilege(%s, %s, r)",
            [list(RIGHTS), site_settings.DATABASE_SITE_ROLE, table],
        )
        return {row[0] for row in cursor.fetchall()}


def append_only(table: str, *, forwards: bool = True) -> None:
    operation = AppendOnly(table)
    move = operation.database_forwards if forwards else operation.database_backwards
    with connection.schema_editor(atomic=False) as editor:
        move("audit", editor, ProjectState(), ProjectState())


def test_ordinary_tables_are_writable_and_ledgers_are_not() -> None:
    assert rights("vault_datakey") == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert rights("audit_entry") == {"SELECT", "INSERT"}


def test_a_new_ledger_and_its_partitions_lose_the_rights_they_had(owner: Owner) -> None:
    with owner():
        execute(
            "CREATE TABLE probe (id int, at date) PARTITION BY RANGE (at)",
            "CREATE TABLE probe_may PARTITION OF probe FOR VALUES FROM ('2026-05-01') TO ('2026-06-01')",
        )
        grant_site_role()
        assert rights("probe_may") == {"SELECT", "INSERT", "UPDATE", "DELETE"}
        append_only("probe")
        assert exposed_tables(["probe"]) == {"probe": f"The role {site_settings.DATABASE_SITE_ROLE} may change it."}
        grant_site_role()
        grant_site_role()
        assert (rights("probe"), rights("probe_may")) == ({"SELECT", "INSERT"}, {"SELECT", "INSERT"})


def test_append_only_can_be_undone_by_a_migration(owner: Owner) -> None:
    with owner():
        execute("CREATE TABLE probe (id int)", "INSERT INTO probe VALUES (1)")
        append_only("probe")
        with pytest.raises(DatabaseError, match="probe is append-only"), transaction.atomic():
            execute("UPDATE probe SET id = 2")
        append_only("probe", forwards=False)
        execute("UPDATE probe SET id = 2")
        assert exposed_tables(["probe"]) == {"probe": "Its triggers are missing or switched off."}


def test_a_table_that_the_site_owns_keeps_its_owners_rights(owner: Owner) -> None:
    with owner():
        execute("CREATE TABLE probe (id int)", f"ALTER TABLE probe OWNER TO {site_settings.DATABASE_SITE_ROLE}")
        grant_site_role()
    assert rights("probe") == set(RIGHTS)


def test_a_migrating_role_without_the_owners_rights_is_told_which_tables(owner: Owner) -> None:
    with owner():
        execute("CREATE ROLE probe_migrator", "SET ROLE probe_migrator")
        with pytest.raises(ImproperlyConfigured, match=r"audit_entry \("):
            grant_site_role()


def test_the_role_is_created_where_it_is_missing(owner: Owner, settings: Settings) -> None:
    settings.DATABASE_SITE_ROLE = "probe_site"
    with pytest.raises(ImproperlyConfigured, match='CREATE ROLE "probe_site" NOLOGIN'):
        create_site_role()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        create_site_role()
        create_site_role()
        grant_site_role()
        assert rights("audit_entry") == {"SELECT", "INSERT"}
        cursor.execute("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'probe_site'")
        assert cursor.fetchone() == (False, False)
