"""Which rows have reached their term: the storage rules as the declarations state them (Art. 5(1)(e))."""

import hashlib
from calendar import isleap
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from datamap.catalogue import period
from datamap.declarations import Holding, Store
from datamap.periods import RIGA, CalendarYears, Elapsed, FullYearsAfter
from datamap.registry import model_of, registry
from datamap.standstill import without_kept
from retention.order import children_first


def is_swept(holding: Holding) -> bool:
    """True where time alone ends the storage. A ledger loses nothing row by row: it needs a purge of its own."""
    return bool(holding.purge_with or holding.erase_due) or (is_counted(holding) and not holding.ledger)


def is_counted(holding: Holding) -> bool:
    """True where each row says by itself when it is due."""
    return bool(holding.ends) or (bool(holding.clock) and period(holding.period).term is not None)


def swept_holdings() -> list[Holding]:
    """Every table that time empties, children first."""
    return children_first(holding for holding in registry().holdings if is_swept(holding))


def swept_stores() -> list[Store]:
    """Every place that is no table and that the sweeps empty."""
    return [store for store in registry().stores if store.purge_with]


def due_rows(holding: Holding, *, now: datetime) -> QuerySet[Any]:
    """The rows whose end has come at `now`; the boundary is inclusive."""
    return model_of(holding)._base_manager.filter(due_condition(holding, now=now))


def people_due(holding: Holding, *, now: datetime) -> QuerySet[Any]:
    """The accounts of a table whose people are to be erased whole."""
    rows: QuerySet[Any] = import_string(holding.erase_due)(now=now)
    return rows


def free_rows(holding: Holding, *, now: datetime) -> QuerySet[Any]:
    """The due rows that no legal hold and no restriction keeps back (`retention.precedence`)."""
    return without_kept(due_rows(holding, now=now), holding)


def due_condition(holding: Holding, *, now: datetime) -> Q:
    """The same as a condition, for a table that `is_counted`; TypeError for another one."""
    if holding.ends:
        return Q(**{f"{holding.ends}__lte": now})
    due, own = _ended(holding.period, holding.clock, now), holding.unpublished
    if own is not None and own.period:
        due |= Q(**own.where) & _ended(own.period, own.clock, now)
    return due


def _ended(code: str, clock: str, now: datetime) -> Q:
    match period(code).term:
        case Elapsed() as term:
            return Q(**{f"{clock}__lte": term.latest_due_start(now)})
        case CalendarYears(years):
            return _before_years(clock, years, now)
        case FullYearsAfter(years):
            first_kept = datetime(now.astimezone(RIGA).year - years, 1, 1, tzinfo=RIGA)
            return Q(**{f"{clock}__lt": first_kept})
    raise TypeError(f"{code}: no term ends the storage, and no field says its end.")


def _before_years(clock: str, years: int, now: datetime) -> Q:
    """Everything that began so many calendar years ago in Riga, as bounds that an index can use.

    A start on 29 February ends on a 28th, some hours before the 28th's own later starts: it needs a range of its own.
    """
    local = now.astimezone(RIGA)
    year = local.year - years
    if (local.month, local.day) == (2, 29) and not isleap(year):
        return Q(**{f"{clock}__lt": datetime(year, 3, 1, tzinfo=RIGA)})
    due = Q(**{f"{clock}__lte": local.replace(year=year)})
    if (local.month, local.day) == (2, 28) and isleap(year) and not isleap(local.year):
        leap_day = local.replace(year=year, day=29)
        midnight = datetime(year, 2, 29, tzinfo=RIGA)
        due |= Q(**{f"{clock}__gte": midnight, f"{clock}__lte": leap_day})
    return due


def rule_version(holding: Holding) -> str:
    """SHA-256 over everything that decides when a row of this table goes."""
    rule = period(holding.period)
    parts = [holding.model, rule.code, repr(rule.term), holding.clock, holding.ends, holding.purge_with]
    parts += [holding.erase_due] if holding.erase_due else []
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def store_version(store: Store) -> str:
    """The same for a place that is no table."""
    rule = period(store.period)
    return hashlib.sha256("\n".join([store.code, rule.code, repr(rule.term), store.purge_with]).encode()).hexdigest()
