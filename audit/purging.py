"""Forgets the oldest rows of a ledger when their term is over; the hash they ended with is kept (Art. 5(1)(e))."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Min, Q
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
    due, _last = _due(holding, model, now)
    held = _due(holding, model, now, kept=Q())[0] - due
    deleted = 0
    while apply and (batch := _forget_batch(holding, model, now)):
        deleted += batch
    oldest = model._base_manager.aggregate(at=Min("at"))["at"]
    return SweepCounts(due=due + held, deleted=deleted, held=held, oldest_at=oldest)


@transaction.atomic
def _forget_batch(holding: Holding, model: type[LedgerRow], now: datetime) -> int:
    lock(model)
    due, last_id = _due(holding, model, now, limit=BATCH)
    if not due:
        return 0
    last_hash = model._base_manager.values_list("row_hash", flat=True).get(pk=last_id)
    append(Forgetting(at=now, ledger=model._meta.label, rows=due, last_id=last_id, last_hash=last_hash))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {FORGET}(%s, %s)", [model._meta.db_table, last_id])
    return due


def _due(
    holding: Holding,
    model: type[LedgerRow],
    now: datetime,
    *,
    limit: int | None = None,
    kept: Q | None = None,
) -> tuple[int, int]:
    """How many rows, and the id of the last of them, stand before the first row whose term is not over, or that is kept
    by a hold or a restriction: a chain loses its beginning only."""
    rule = period(holding.period)
    count = last_id = 0
    rows = model._base_manager.order_by("id").annotate(clock=Now()).values_list("id", "at", "clock")
    if (stays := kept_back(holding) if kept is None else kept) and (
        first := model._base_manager.filter(stays).order_by("id").values_list("id", flat=True).first()
    ):
        rows = rows.filter(id__lt=first)
    for id_, at, clock in rows[:limit].iterator():
        if not rule.is_due(at, now=min(now, clock)):
            break
        count, last_id = count + 1, id_
    return count, last_id
