"""Deletes what has reached its term, table by table, from the declarations alone (Art. 5(1)(e), policy clause 5.2)."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import Min, QuerySet
from django.utils.module_loading import import_string

from audit.appending import check_references
from audit.ledger import append
from datamap.declarations import Holding, Store
from datamap.registry import model_of, registry
from datamap.standstill import deleting, due_and_held, without_kept
from datamap.sweeping import End, Ended, SweepCounts, end_together, name_of
from datamap.terms import Source
from datamap.trace import People, rows_about
from retention import clock, reports
from retention.erasure import erase_people
from retention.models import SweepRun
from retention.queries import database_now
from retention.rules import (
    due_rows,
    free_rows,
    people_due,
    rule_version,
    store_version,
    swept_holdings,
    swept_stores,
)
from retention.statements import delete_rows

BATCH: Final = 1000
Rows = Callable[[], QuerySet[Any]]

log = logging.getLogger(__name__)


def sweep_all(*, now: datetime | None = None, apply: bool, confirm_clock: bool = False) -> list[SweepRun]:
    """One run over all rules with one `now`, by default the database's; one report per rule, also for nothing.

    Without `apply` nothing is deleted, and the reports are returned but not recorded. With a clock in doubt nothing is
    deleted either, and each report says so, until somebody confirms the clock.
    """
    moment = now or database_now()
    holdings, run = swept_holdings(), uuid4()
    rules: list[Holding | Store] = [*holdings, *swept_stores()]
    if apply and not confirm_clock and clock.is_doubtful(holdings, now=moment):
        log.error("the clock is in doubt: nothing is purged until somebody confirms it. %s", clock.WHAT_TO_DO)
        return [_stopped(rule, now=moment, run=run) for rule in rules]
    return [sweep(rule, now=moment, apply=apply, run=run) for rule in rules]


def sweep(rule: Holding | Store, *, now: datetime, apply: bool, run: UUID | None = None) -> SweepRun:
    """Delete what is due in one table in batches of at most 1 000 rows, or in a place that is no table, and report.

    Rows under a legal hold or a restriction stay and are counted. Two sweeps at once delete each row once. A row that
    fails is set aside and counted; the sweep goes on.
    """
    started = monotonic()
    counts = _own_purge(rule, now=now, apply=apply) if isinstance(rule, Store) else _swept(rule, now, apply=apply)
    report = SweepRun(
        run=run or uuid4(),
        table=rule.code if isinstance(rule, Store) else rule.model,
        rule=rule.period,
        rule_version=store_version(rule) if isinstance(rule, Store) else rule_version(rule),
        at=now,
        applied=apply,
        due=counts.due,
        deleted=counts.deleted,
        held=counts.held,
        failed=counts.failed,
        failure=counts.failure,
        oldest_at=counts.oldest_at,
        duration_ms=round((monotonic() - started) * 1000),
    )
    return _recorded(report) if apply else report


def _stopped(rule: Holding | Store, *, now: datetime, run: UUID) -> SweepRun:
    report = sweep(rule, now=now, apply=False, run=run)
    report.failure = clock.FAILURE
    return _recorded(report)


def _recorded(report: SweepRun) -> SweepRun:
    reports.sign(report)
    return append(report)


def _swept(holding: Holding, now: datetime, *, apply: bool) -> SweepCounts:
    if holding.purge_with:
        return _own_purge(holding, now=now, apply=apply)
    if holding.erase_due:
        return _by_people(holding, now, apply=apply)
    return _by_rows(holding, now, apply=apply)


def _own_purge(rule: Holding | Store, *, now: datetime, apply: bool) -> SweepCounts:
    # Not wrapped in a transaction: a partition is detached without blocking anybody only outside of one.
    try:
        counts: SweepCounts = import_string(rule.purge_with)(rule, now=now, apply=apply)
    except Exception as error:  # noqa: BLE001 - whatever one table brings, the rules after it are due as well
        name = rule.code if isinstance(rule, Store) else rule.model
        log.warning("purge of %s failed: %s", name, name_of(error))
        return SweepCounts(failed=1, failure=name_of(error))
    return counts


def _by_rows(holding: Holding, now: datetime, *, apply: bool) -> SweepCounts:
    due, held = due_and_held(due_rows(holding, now=now), holding)
    delete = partial(_delete_together, model_of(holding))
    ended = _delete_due(partial(free_rows, holding, now=now), delete) if apply else Ended()
    oldest = model_of(holding)._base_manager.aggregate(oldest=Min(holding.ends or holding.clock))["oldest"]
    return ended.counts(due=due, held=held, oldest_at=oldest)


def _by_people(holding: Holding, now: datetime, *, apply: bool) -> SweepCounts:
    count, held = due_and_held(people_due(holding, now=now), holding)
    erase = partial(_erase_together, holding, now=now)
    ended = _delete_due(partial(_free_people, holding, now), erase) if apply else Ended()
    return ended.counts(due=count, held=held)


def _free_people(holding: Holding, now: datetime) -> QuerySet[Any]:
    return without_kept(people_due(holding, now=now), holding)


def _delete_due(free: Rows, delete: End) -> Ended:
    ended = Ended()
    for keys in _batches(free):
        ended += end_together(keys, delete)
    return ended


def _batches(free: Rows) -> Iterator[list[Any]]:
    """Keys of due rows that nobody else is deleting, in the order of the keys, each batch in a transaction of its own.

    What is free is asked anew for each: a hold that was placed meanwhile holds. Ends when no free row is left behind
    the last key: a failed row lies before it and is not met again.
    """
    last: Any = None
    while True:
        with transaction.atomic():
            deleting()
            rows = free().order_by("pk").select_for_update(skip_locked=True, of=("self",))
            beyond = rows if last is None else rows.filter(pk__gt=last)
            keys = list(beyond.values_list("pk", flat=True)[:BATCH])
            if not keys:
                return
            yield keys
        last = keys[-1]


def _delete_together(model: type[models.Model], keys: list[Any]) -> int:
    deleted = delete_rows(model._base_manager.filter(pk__in=keys))
    check_references()
    return deleted


def _erase_together(holding: Holding, keys: list[Any], *, now: datetime) -> int:
    due = _still_due(holding, keys, now=now)
    return erase_people(People(user_ids=due), now=now) if due else 0


def _still_due(holding: Holding, keys: list[Any], *, now: datetime) -> frozenset[Any]:
    """Whom nothing keeps once nobody can change any more what they provided: an address may be confirmed just now."""
    people = People(user_ids=frozenset(keys))
    for item in registry().holdings:
        if item.source is Source.PROVIDED and not item.ledger:
            rows = rows_about(item, people, owned_only=True).select_for_update(of=("self",))
            list(rows.values_list("pk", flat=True))
    return frozenset(_free_people(holding, now).filter(pk__in=keys).order_by().values_list("pk", flat=True))
