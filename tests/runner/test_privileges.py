"""Tests have the privileges of the site, so that what the site may not do fails here first."""

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from audit.models import Entry
from audit.trail import Actor, record
from tests.database import as_owner


def current_user() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_test_acts_as_the_site() -> None:
    assert current_user() == settings.DATABASE_SITE_ROLE


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["TRUNCATE {0}", "DELETE FROM {0}", "UPDATE {0} SET reason = ''"])
def test_the_site_cannot_alter_a_ledger(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(Entry._meta.db_table))


@pytest.mark.django_db
def test_the_owner_is_lent_and_given_back() -> None:
    with as_owner():
        assert current_user() != settings.DATABASE_SITE_ROLE
    assert current_user() == settings.DATABASE_SITE_ROLE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_flush_empties_even_ledgers_and_gives_the_privileges_back(turn: str) -> None:
    assert not Entry.objects.exists()
    with transaction.atomic():
        record(f"test.{turn}", actor=Actor.system("test"), now=timezone.now())
    assert Entry.objects.count() == 1
    assert current_user() == settings.DATABASE_SITE_ROLE
