"""Tests run with the privileges of the site, never with those of the tables' owner."""

import contextlib
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, cast

import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the test database as its owner, with all migrations, then step down for the rest of the session."""
    connection_created.connect(_step_down)
    with django_db_blocker.unblock():
        # Begun by the migrations: a test that is rolled back would leave lines in its files that nobody knows.
        _execute(connections["default"], "TRUNCATE replay_journalentry, replay_journalhead")
        for connection in connections.all(initialized_only=True):
            _step_down(connection=connection)
    yield
    from visits.buffer import BUFFER

    BUFFER.begin()  # what the last tests visited has no log to go to
    connection_created.disconnect(_step_down)
    connections.close_all()


@contextlib.contextmanager
def as_owner(using: str = "default") -> Iterator[None]:
    """Act as the owner with triggers off: ledgers refuse TRUNCATE, and a flush must empty them too."""
    connection = connections[using]
    _execute(connection, "RESET ROLE", "SET session_replication_role = replica")
    try:
        yield
    finally:
        _execute(connection, "SET session_replication_role = origin")
        _step_down(connection=connection)


def in_every_database(items: list[pytest.Item]) -> None:
    """Let each test use every database that the settings name, where they name more than the site's."""
    if len(aliases := set(connections)) > 1:
        TransactionTestCase.databases = aliases  # for tests that ask by a fixture
        for marker in (found for item in items for found in item.iter_markers("django_db")):
            cast("dict[str, Any]", marker.kwargs)["databases"] = sorted(aliases)


def flush_as_owner() -> None:
    """Make what follows a test with real transactions run as the owner, and only that."""

    def fixture_teardown(self: TransactionTestCase) -> None:
        with contextlib.ExitStack() as stack:
            for alias in self.databases:
                stack.enter_context(as_owner(alias))
                _empty(connections[alias])
            _drop_days()

    setattr(TransactionTestCase, "_fixture_teardown", fixture_teardown)  # noqa: B010 - private; where the flush is


def _empty(connection: BaseDatabaseWrapper) -> None:
    """Django's flush truncates every table and makes content types and permissions anew, which takes longer than most
    tests. Here only what holds rows is emptied, and those two stay: no test changes them."""
    tables = _tables(connection.alias)
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        held = " UNION ALL ".join(
            f"SELECT '{table}', pg_relation_size('{table}') WHERE EXISTS (SELECT FROM {name(table)})"
            for table in tables
        )
        cursor.execute(held)
        sizes = dict(cursor.fetchall())
        if max(sizes.values(), default=0) > _WORTH_A_TRUNCATE:
            truncate(connection)
        elif sizes:
            cursor.execute("; ".join(f"DELETE FROM {name(table)}" for table in sizes))


def truncate(connection: BaseDatabaseWrapper) -> None:
    """Leave no file with a deleted row; to be called as the owner."""
    _execute(connection, f"TRUNCATE {', '.join(map(connection.ops.quote_name, _tables(connection.alias)))}")


_WORTH_A_TRUNCATE: Final = 1 << 20  # bytes; deleted rows stay in their file, and no plan should be made over them


@cache
def _tables(alias: str) -> list[str]:
    kept = {"django_content_type", "auth_permission"}
    found = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(found) - kept)


def _drop_days() -> None:
    """A flush empties tables and leaves partitions: a day of one test would be a day of the next."""
    from visits.partitions import LOGS, existing_days, log_connection

    connection = log_connection()
    for day in [found for log in LOGS for found in existing_days(connection, log)]:
        _execute(connection, f"DROP TABLE IF EXISTS {day.table}")


@pytest.fixture
def published_texts(db: None) -> None:
    """Publish the legal texts again: a flush took them away, or nobody has published them yet."""
    from django.utils import timezone

    from consent.services import publish_texts

    publish_texts(now=timezone.now())


def _step_down(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    _execute(connection, f"SET ROLE {connection.ops.quote_name(settings.DATABASE_SITE_ROLE)}")


def _execute(connection: BaseDatabaseWrapper, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
