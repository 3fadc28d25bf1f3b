"""Which rows have reached their term: the storage rules as the declarations state them (Art. 5(1)(e))."""

import hashlib
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.periods import Elapsed
from datamap.registry import model_of, registry
from retention.order import children_first


def is_swept(holding: Holding) -> bool:
    """True where time alone ends the storage. A ledger loses nothing row by row: it needs a purge of its own."""
    if holding.purge_with:
        return True
    if holding.ledger:
        return False
    return bool(holding.ends) or (bool(holding.clock) and isinstance(period(holding.period).term, Elapsed))


def swept_holdings() -> list[Holding]:
    """Every table that time empties, children first."""
    return children_first(holding for holding in registry().holdings if is_swept(holding))


def due_rows(holding: Holding, *, now: datetime) -> QuerySet[Any]:
    """The rows whose end has come at `now`; the boundary is inclusive."""
    return model_of(holding)._base_manager.filter(_is_due(holding, now))


def _is_due(holding: Holding, now: datetime) -> Q:
    if holding.ends:
        return Q(**{f"{holding.ends}__lte": now})
    term = period(holding.period).term
    if not holding.clock or not isinstance(term, Elapsed):
        raise TypeError(f"{holding.model}: only an elapsed term can be counted from a clock; declare `ends`.")
    return Q(**{f"{holding.clock}__lte": term.latest_due_start(now)})


def rule_version(holding: Holding) -> str:
    """SHA-256 over everything that decides when a row of this table goes."""
    rule = period(holding.period)
    parts = (holding.model, rule.code, repr(rule.term), holding.clock, holding.ends, holding.purge_with)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
