"""Migrations beside a site in use: they wait for no lock for long, and each has a way back (O4)."""

import threading
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from django.core.management import CommandError, get_commands
from django.db import OperationalError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader

from qlekta.management.commands import migrate
from tests.database import as_owner

TABLE: Final = "newsletters_campaign"

pytestmark = pytest.mark.requirement("O4")


@pytest.fixture
def held(transactional_db: None) -> Iterator[Callable[[], None]]:
    """Somebody else reads the table and does not end; call what is lent, and he does."""
    reads, ends = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS SHARE MODE")
            reads.set()
            ends.wait(30)
        connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    assert reads.wait(10)
    yield ends.set
    ends.set()
    reader.join()


def change(after_each: Callable[[], None] = lambda: None) -> Callable[[], None]:
    """A migration that needs the table for itself, and takes back what it did."""

    def work() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE {TABLE} ADD COLUMN brief int; ALTER TABLE {TABLE} DROP COLUMN brief")
        finally:
            after_each()

    return work


def test_a_locked_table_is_queued_for_briefly_and_tried_again_until_it_is_free(
    held: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "PATIENCE", "50ms")
    tries: list[int] = []

    def third_time_free() -> None:
        tries.append(1)
        if len(tries) == 3:
            held()

    with as_owner():
        migrate.patiently(connection, change(third_time_free), pause=0.05)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",)
    assert len(tries) > 3


def test_a_table_that_stays_locked_ends_with_a_sentence(
    held: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "PATIENCE", "20ms")
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)
    with as_owner(), pytest.raises(CommandError, match="locked by somebody else"):
        migrate.patiently(connection, change(), pause=0)


def test_another_trouble_is_not_tried_again(transactional_db: None) -> None:
    tries: list[int] = []

    def broken() -> None:
        tries.append(1)
        raise OperationalError("The disk is full.")

    with pytest.raises(OperationalError, match="disk"):
        migrate.patiently(connection, broken)
    assert tries == [1]


def test_the_site_s_migrate_is_the_patient_one_and_its_patience_ends_before_two_seconds() -> None:
    assert get_commands()["migrate"] == "qlekta"
    assert migrate.PATIENCE == "1500ms"


def test_every_migration_says_that_it_can_be_taken_back() -> None:
    """`bin/check` really takes all of them back, and makes them anew."""
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    assert len(found) > 50
    assert [f"{key}: {item}" for key, one in found.items() for item in one.operations if not item.reversible] == []
