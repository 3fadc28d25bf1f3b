"""Questions about ending that are answered from the data, never from a stored flag (Q5.11)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Min

from datamap.declarations import Holding
from retention.rules import free_rows, is_counted, swept_holdings

INTERVAL: Final = timedelta(hours=1)
"""How often the sweeps run: nothing may be older than its term plus one interval."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A rule that is not kept: `oldest_at` is the counting instant (or the end) of the oldest row still stored."""

    table: str
    rule: str
    oldest_at: datetime


def overdue(now: datetime) -> list[Overdue]:
    """The rules under which a row is older than its term plus one interval, whether or not any sweep ever ran."""
    return [
        Overdue(holding.model, holding.period, oldest)
        for holding in swept_holdings()
        if is_counted(holding) and (oldest := _oldest_late(holding, now))
    ]


def database_now() -> datetime:
    """The database's clock: the one that all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (moment,) = cursor.fetchone()
    return moment.astimezone(UTC)


def _oldest_late(holding: Holding, now: datetime) -> datetime | None:
    # Bounded, so that all younger partitions of a partitioned table stay unread.
    late = free_rows(holding, now=now - INTERVAL)
    return late.aggregate(oldest=Min(holding.ends or holding.clock))["oldest"]
