"""Takes the log into the database that VISITS_DATABASE_URL names, once and whole, numbers included (policy clause 5.2).

A row keeps its number, by which a legal hold may name it, and no row written later gets one that was taken.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from visits.databases import ALIAS, is_apart
from visits.partitions import LOCK, LOGS, Day, Log, ensure_days, existing_days

_APP: Final = "visits"
_MOVING: Final = (LOCK[0], LOCK[1] + 3)


def prepare_log() -> int:
    """Make the tables of the log in its own database, and move there what lies in the site's; how many days moved.

    Does nothing where the log has no database of its own. Runs as the owner, while the site does not run: what an old
    process writes meanwhile stays where it is until the next call. Safe to repeat, also after it was killed. Raises
    ImproperlyConfigured where the named database is the site's.
    """
    if not is_apart():
        return 0
    source, target = connections[DEFAULT_DB_ALIAS], connections[ALIAS]
    with _alone(source, target):
        call_command("migrate", _APP, database=ALIAS, interactive=False, verbosity=0)
        return sum(_move_log(source, target, log) for log in LOGS if _has(source, log))


@contextmanager
def _alone(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper) -> Iterator[None]:
    """One mover at a time, and never from a database to itself: a lock of the one is free in the other."""
    with source.cursor() as here, target.cursor() as there:
        here.execute("SELECT pg_advisory_lock(%s, %s)", _MOVING)
        try:
            there.execute("SELECT pg_try_advisory_lock(%s, %s)", _MOVING)
            if there.fetchone() != (True,):
                raise ImproperlyConfigured("VISITS_DATABASE_URL names the site's own database: name another, or none.")
            try:
                yield
            finally:
                there.execute("SELECT pg_advisory_unlock(%s, %s)", _MOVING)
        finally:
            here.execute("SELECT pg_advisory_unlock(%s, %s)", _MOVING)


def _move_log(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, log: Log) -> int:
    _reserve_numbers(source, target, log)
    days = existing_days(source, log)
    for day in days:
        ensure_days([day.day], log)
        _move(source, target, day)
    return len(days)


def _has(source: BaseDatabaseWrapper, log: Log) -> bool:
    with source.cursor() as cursor:
        return log.table in source.introspection.table_names(cursor)


def _reserve_numbers(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, log: Log) -> None:
    sequence = f"{log.table}_id_seq"
    with source.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {sequence}")  # noqa: S608 - our own name
        (last,) = cursor.fetchone()
    with target.cursor() as cursor:
        cursor.execute(
            f"SELECT setval(%s, %s) FROM {sequence} WHERE last_value < %s",  # noqa: S608 - the same
            [sequence, last, last],
        )


def _move(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, day: Day) -> None:
    """The rows of a day: there first, and only then off here. Twice is once: a row's number and time are its key."""
    names = ", ".join(field.column for field in day.log.model._meta.concrete_fields if field.column)
    with transaction.atomic(using=target.alias), target.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE moving (LIKE {day.log.table}) ON COMMIT DROP")
        out = f"COPY (SELECT {names} FROM {day.table}) TO STDOUT"  # noqa: S608 - our own names
        _pipe(source, out, cursor, f"COPY moving ({names}) FROM STDIN")
        cursor.execute(
            f"INSERT INTO {day.log.table} ({names}) SELECT {names} FROM moving ON CONFLICT DO NOTHING"  # noqa: S608 - ours
        )
    with source.cursor() as cursor:
        if day.is_attached:
            cursor.execute(f"ALTER TABLE {day.log.table} DETACH PARTITION {day.table}")
        cursor.execute(f"DROP TABLE {day.table}")


def _pipe(source: BaseDatabaseWrapper, out: str, cursor: Any, into: str) -> None:
    """Rows go through a pipe of the kernel: none is kept, in memory or on a disk, between the two databases."""
    reading, writing = os.pipe()
    failures: list[Exception] = []

    def write() -> None:
        with os.fdopen(writing, "wb") as sink:
            try:
                with source.cursor() as reader:
                    cast("Any", reader).copy_expert(out, sink)
            except Exception as error:  # noqa: BLE001 - raised by who waits for this thread
                failures.append(error)

    source.inc_thread_sharing()
    thread = threading.Thread(target=write, name="visits-moving")
    thread.start()
    try:
        with os.fdopen(reading, "rb") as received:
            cursor.copy_expert(into, received)
    finally:
        thread.join()
        source.dec_thread_sharing()
    if failures:
        raise failures[0]
