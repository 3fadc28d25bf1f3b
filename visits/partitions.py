"""One partition for each UTC day, made ahead; never a default one: a day is taken off without a lock (policy 5.2)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from datamap import leftovers
from visits.databases import log_alias
from visits.models import PageUse, Visit

SCHEMA: Final = "visit_days"
TABLE: Final = Visit._meta.db_table
ONE_DAY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(microseconds=1)
_NAME: Final = re.compile(r"([a-z]+)_(\d{8})")

# The two numbers under which PostgreSQL knows "somebody is changing the set of days".
LOCK: Final = (0x514C, 0x5649)

_DAYS = """
SELECT class.relname, link.inhrelid IS NOT NULL, COALESCE(link.inhdetachpending, false)
FROM pg_class AS class
JOIN pg_namespace AS space ON space.oid = class.relnamespace
LEFT JOIN pg_inherits AS link ON link.inhrelid = class.oid
WHERE space.nspname = %s AND class.relkind = 'r'
ORDER BY class.relname
"""


@dataclass(frozen=True, slots=True)
class Log:
    """A table that consists of days; `prefix` begins the names of their tables."""

    model: type[models.Model]
    prefix: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table


VISITS: Final = Log(Visit, "visit")
USES: Final = Log(PageUse, "use")
LOGS: Final = (VISITS, USES)


@dataclass(frozen=True, slots=True)
class Day:
    """One partition; `is_attached` is False between taking it off and dropping it, should a run die there."""

    day: date
    is_attached: bool = False
    is_detaching: bool = False
    log: Log = VISITS

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, time(), UTC)

    @property
    def end(self) -> datetime:
        return self.start + ONE_DAY

    @property
    def last_instant(self) -> datetime:
        """The youngest time a row of this day can have: PostgreSQL counts microseconds."""
        return self.end - _INSTANT

    @property
    def table(self) -> str:
        """The quoted name; it consists of our own letters and digits."""
        return f'"{SCHEMA}"."{self.log.prefix}_{self.day:%Y%m%d}"'


def log_connection() -> BaseDatabaseWrapper:
    """The connection of this thread to the database that holds the visit log."""
    return connections[log_alias()]


def existing_days(connection: BaseDatabaseWrapper, log: Log = VISITS) -> list[Day]:
    """All days of a log there are, the oldest first, with those that are taken off but not yet dropped."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, [SCHEMA])
        rows = cursor.fetchall()
    return [
        Day(datetime.strptime(found[2], "%Y%m%d").replace(tzinfo=UTC).date(), attached, detaching, log)
        for name, attached, detaching in rows
        if (found := _NAME.fullmatch(name)) and found[1] == log.prefix
    ]


def make_partitions(*, now: datetime, days_ahead: int = 7, days_back: int = 0) -> int:
    """Makes what is missing of the days around `now`, in every log; returns of how many days something was.

    Safe to repeat and to run twice at once.
    """
    today = now.astimezone(UTC).date()
    days = [today + ONE_DAY * offset for offset in range(-days_back, days_ahead + 1)]
    return len({day for log in LOGS for day in ensure_days(days, log)})


def ensure_days(days: Iterable[date], log: Log = VISITS) -> list[date]:
    """Makes those of the named days that are missing, under a lock that lets one process at a time do so."""
    connection = log_connection()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
        there = {item.day for item in existing_days(connection, log)}
        missing = sorted(set(days) - there)
        for day in missing:
            for statement in _creation(Day(day, log=log), connection.ops.quote_name(settings.DATABASE_SITE_ROLE)):
                cursor.execute(statement)
    return missing


def _creation(day: Day, role: str) -> tuple[str, ...]:
    # Attaching a finished table lets readers and writers of the log go on; PARTITION OF would stop them all.
    table = day.log.table
    return (
        f"CREATE TABLE {day.table} (LIKE {table} INCLUDING ALL)",
        f"ALTER TABLE {day.table} {leftovers.SET}",
        f"ALTER TABLE {day.table} OWNER TO {role}",
        f"ALTER TABLE {table} ATTACH PARTITION {day.table} FOR VALUES FROM ('{day.start}') TO ('{day.end}')",
    )
