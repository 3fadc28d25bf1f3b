"""Questions about ending that are answered from the data, never from a stored flag (Q5.11)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Min
from django.utils.module_loading import import_string

from datamap.declarations import Holding, Store
from datamap.sweeping import SweepCounts
from retention.rules import free_rows, is_counted, swept_holdings, swept_stores

INTERVAL: Final = timedelta(hours=1)
"""How often the sweeps run: nothing may be older than its term plus one interval."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A rule that is not kept: `oldest_at` is the counting instant (or the end) of the oldest row still stored. `table`
    is the code of a store where that is no table."""

    table: str
    rule: str
    oldest_at: datetime


def overdue(now: datetime) -> list[Overdue]:
    """The rules under which a row is older than its term plus one interval, whether or not any sweep ever ran."""
    late = [
        Overdue(holding.model, holding.period, oldest)
        for holding in swept_holdings()
        if is_counted(holding) and (oldest := _oldest_late(holding, now))
    ]
    return late + [
        Overdue(store.code, store.period, oldest) for store in swept_stores() if (oldest := _oldest_late_in(store, now))
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


def _oldest_late_in(store: Store, now: datetime) -> datetime | None:
    found: SweepCounts = import_string(store.purge_with)(store, now=now - INTERVAL, apply=False)
    return found.oldest_at if found.due > found.held else None
