"""Writes finished lines into the log, a whole batch in one `COPY` (policy clause 5.2)."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, cast

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from visits.hits import COLUMNS
from visits.partitions import VISITS, Log, ensure_days, log_connection

NOBODY: Final = r"\N"
_NO_PARTITION: Final = "23514"
# The lock of a foreign key, which leads from no log to an account: it waits for an erasure under way, and an erasure
# waits for it, also where the log has a database of its own.
_KEPT_FROM_ERASURE: Final = 'SELECT id FROM "{}" WHERE id = ANY(%s::uuid[]) ORDER BY id FOR KEY SHARE'
_known_days: Final[set[tuple[Log, date]]] = set()


def store(lines: Sequence[str]) -> None:
    """All lines in one transaction.

    A visit of an account that was erased since the request is written without the account: an erasure must not be
    undone by what was still on its way (Art. 17).

    Raises django.db.OperationalError or InterfaceError where PostgreSQL is away, DatabaseError for lines it refuses.
    """
    copy_lines(VISITS, COLUMNS, lines)


def copy_lines(log: Log, columns: Sequence[str], lines: Sequence[str]) -> None:
    """Lines of any log, each beginning with its time and its account; a day that has no partition yet gets one."""
    if not lines:
        return
    days = {(log, instant_of(line).date()) for line in lines}
    if not days <= _known_days:
        # Before the COPY: PostgreSQL would write the line it cannot place, address and all, into its own log.
        _make(days)
    try:
        _copy(log, columns, lines)
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", None) != _NO_PARTITION:
            raise
        _make(days)
        _copy(log, columns, lines)


def instant_of(line: str) -> datetime:
    """The time of the visit in UTC, with which every line begins."""
    return datetime.fromisoformat(line.partition("\t")[0]).astimezone(UTC)


def user_of(line: str) -> str:
    """The account in a line, `NOBODY` where nobody was logged in."""
    return line.split("\t", 2)[1]


def is_whole(line: str) -> bool:
    """False for a line that a crash has cut or an older release has written with other columns."""
    if not line.endswith("\n") or line.count("\t") != len(COLUMNS) - 1:
        return False
    try:
        instant_of(line)
    except ValueError:
        return False
    return True


def _without_the_erased(lines: Sequence[str]) -> list[str]:
    named = sorted({user_of(line) for line in lines} - {NOBODY})
    if not named:
        return list(lines)
    with connection.cursor() as cursor:
        cursor.execute(_KEPT_FROM_ERASURE.format(get_user_model()._meta.db_table), [named])
        there = {str(key) for (key,) in cursor.fetchall()}
    return [line if user_of(line) in there else _unnamed(line) for line in lines]


def _unnamed(line: str) -> str:
    at, _user, rest = line.split("\t", 2)
    return f"{at}\t{NOBODY}\t{rest}"


def _make(days: set[tuple[Log, date]]) -> None:
    for log in {log for log, _day in days}:
        ensure_days((day for found, day in days if found is log), log)
    _known_days.update(days)


def _copy(log: Log, columns: Sequence[str], lines: Sequence[str]) -> None:
    place = log_connection()
    statement = f"COPY {log.table} ({', '.join(columns)}) FROM STDIN"
    # The accounts are asked for in the site's transaction, which ends after the log's.
    with transaction.atomic(), transaction.atomic(using=place.alias):
        text = "".join(_without_the_erased(lines))
        with place.cursor() as cursor, place.wrap_database_errors:
            cast("Any", cursor).copy_expert(statement, io.StringIO(text))
