"""Questions about ending that are answered from the data, never from a stored flag (Q5.11)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Min
from django.utils.module_loading import import_string

from datamap.catalogue import period
from datamap.declarations import Holding, Store
from datamap.once import looking_once
from datamap.registry import registry
from datamap.standstill import without_kept
from datamap.sweeping import SweepCounts
from retention.rules import free_rows, people_due, swept_holdings

INTERVAL: Final = timedelta(hours=1)
"""How often the sweeps run: nothing may be older than its term plus one interval."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A rule that is not kept. `oldest_at` is the counting instant (or the end) of the oldest row still stored, where
    the rows say it by themselves. `table` is the code of a store where that is no table."""

    table: str
    rule: str
    oldest_at: datetime | None = None


def overdue(now: datetime) -> list[Overdue]:
    """The rules under which something is older than its term plus one interval, whether or not any sweep ever ran.

    Each is asked as its sweep would ask, so that what a hold, a restriction or a chain keeps raises no alarm.
    """
    with looking_once():
        found = [overdue_under(holding, now) for holding in swept_holdings()]
        found += [_late_in(store, now) for store in registry().stores if period(store.period).term is not None]
    return [item for item in found if item]


def database_now() -> datetime:
    """The database's clock: the one that all workers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (moment,) = cursor.fetchone()
    return moment.astimezone(UTC)


def overdue_under(holding: Holding, now: datetime) -> Overdue | None:
    """The same of one rule."""
    now -= INTERVAL
    if holding.late_with:
        is_left: bool = import_string(holding.late_with)(holding, now=now)
        return Overdue(holding.model, holding.period) if is_left else None
    if holding.purge_with:
        return _left_by_purge(holding, holding.model, now)
    if holding.erase_due:
        is_late = without_kept(people_due(holding, now=now), holding).exists()
        return Overdue(holding.model, holding.period) if is_late else None
    oldest = free_rows(holding, now=now).aggregate(oldest=Min(holding.ends or holding.clock))["oldest"]
    return Overdue(holding.model, holding.period, oldest) if oldest else None


def _late_in(store: Store, now: datetime) -> Overdue | None:
    if store.late_with:
        is_late: bool = import_string(store.late_with)(store, now=now - INTERVAL)
        return Overdue(store.code, store.period) if is_late else None
    if store.purge_with:
        return _left_by_purge(store, store.code, now - INTERVAL)
    oldest = _oldest_in(store)
    if oldest is None or not period(store.period).is_due(oldest, now=now - store.emptied_every):
        return None
    return Overdue(store.code, store.period, oldest)


def _oldest_in(store: Store) -> datetime | None:
    if not store.oldest_with:
        return None
    found: datetime | None = import_string(store.oldest_with)()
    return found


def _left_by_purge(rule: Holding | Store, name: str, now: datetime) -> Overdue | None:
    counts: SweepCounts = import_string(rule.purge_with)(rule, now=now, apply=False)
    return Overdue(name, rule.period) if counts.due > counts.held else None
