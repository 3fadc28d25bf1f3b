"""Whether the log can take what comes: its tables are where they should be, and so are the days (policy clause 5.2)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from visits.databases import is_apart, log_alias
from visits.partitions import LOGS, ONE_DAY, existing_days, log_connection

AHEAD: Final = 1
"""Without tomorrow's table the job that makes days has not run for six days."""

HINT: Final = "bin/manage migrate_visits, then bin/manage make_partitions"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is wrong with the log: tables that are missing, days that are, and tables of days that were left in the
    database that held the log before it got one of its own."""

    tables: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    left_behind: int = 0

    @property
    def is_sound(self) -> bool:
        return not (self.tables or self.days or self.left_behind)


def look(*, now: datetime) -> Standing:
    """Ask the database that holds the log, and the other one for what should not be there any more.

    Raises what the databases raise.
    """
    connection = log_connection()
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    today = now.astimezone(UTC).date()
    tables = [log.table for log in LOGS if log.table not in there]
    days = {today + ONE_DAY * offset for offset in range(AHEAD + 1)}
    missing = {
        day for log in LOGS for day in days - {item.day for item in existing_days(connection, log) if item.is_attached}
    }
    return Standing(tables, sorted(map(str, missing)), days_left_behind())


def days_left_behind() -> int:
    """How many tables of days still lie in the site's database while the log has one of its own: no purge sees them."""
    if not is_apart():
        return 0
    return sum(len(existing_days(connections[DEFAULT_DB_ALIAS], log)) for log in LOGS)


@checks.register(checks.Tags.database)
def check_log(*, databases: Iterable[str] | None = None, **_options: Any) -> list[checks.CheckMessage]:
    """W001: a table of the log is missing; W002: a day; W003: days lie where no purge sees them.

    Warnings, because `migrate` asks before it makes the tables; /readyz is red for the same.
    """
    if log_alias() not in (databases or ()):
        return []
    found, said = look(now=timezone.now()), []
    if found.tables:
        said.append(("visits.W001", f"The database {log_alias()} has no {', '.join(found.tables)}."))
    elif found.days:
        said.append(("visits.W002", f"The visit log has no table for {', '.join(found.days)}."))
    if found.left_behind:
        said.append(("visits.W003", f"{found.left_behind} days of the visit log lie in the site's database still."))
    return [checks.Warning(sentence, hint=HINT, id=number) for number, sentence in said]
