"""Forgets the oldest rows of a ledger when their term is over; the hash they ended with is kept (Art. 5(1)(e))."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import connection, transaction
from django.db.models import Min
from django.db.models.functions import Now

from audit.ledger import LedgerRow, append, lock
from audit.models import Forgetting
from audit.triggers import FORGET
from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.registry import model_of
from datamap.standstill import kept_back
from datamap.sweeping import SweepCounts

BATCH: Final = 5000


def purge(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Forget what is due of a ledger that counts from `at`: beginnings of its chain only, never out of its middle.

    Its table was made append-only with a term; the database holds to that term by its own clock, so nothing is due here
    before it is due there, whatever `now` says. Raises TypeError for a table that is no ledger.
    """
    model = model_of(holding)
    if not issubclass(model, LedgerRow):
        raise TypeError(f"{holding.model} is no ledger.")
    due, held = _count(holding, model, now)
    deleted = 0
    while apply and (batch := _forget_batch(holding, model, now)):
        deleted += batch
    oldest = model._base_manager.aggregate(at=Min("at"))["at"]
    return SweepCounts(due=due + held, deleted=deleted, held=held, oldest_at=oldest)


@transaction.atomic
def _forget_batch(holding: Holding, model: type[LedgerRow], now: datetime) -> int:
    lock(model)
    first = _first_kept(holding, model)
    due = [id_ for id_ in islice(_due(holding, model, now), BATCH) if first is None or id_ < first]
    if not due:
        return 0
    last_hash = model._base_manager.values_list("row_hash", flat=True).get(pk=due[-1])
    append(Forgetting(at=now, ledger=model._meta.label, rows=len(due), last_id=due[-1], last_hash=last_hash))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {FORGET}(%s, %s)", [model._meta.db_table, due[-1]])
    return len(due)


def _count(holding: Holding, model: type[LedgerRow], now: datetime) -> tuple[int, int]:
    """How many rows may go, and how many are due and stay: a chain loses its beginning only, so with a row that is kept
    all stay that come after it."""
    first, due, held = _first_kept(holding, model), 0, 0
    for id_ in _due(holding, model, now):
        if first is None or id_ < first:
            due += 1
        else:
            held += 1
    return due, held


def _first_kept(holding: Holding, model: type[LedgerRow]) -> int | None:
    """The first row that a hold or a restriction keeps."""
    kept = kept_back(holding)
    return model._base_manager.filter(kept).order_by("id").values_list("id", flat=True).first() if kept else None


def _due(holding: Holding, model: type[LedgerRow], now: datetime) -> Iterator[int]:
    """The ids of the rows before the first whose term is not over, in one statement."""
    rule = period(holding.period)
    rows = model._base_manager.order_by("id").annotate(clock=Now()).values_list("id", "at", "clock")
    for id_, at, clock in rows.iterator():
        if not rule.is_due(at, now=min(now, clock)):
            return
        yield id_
