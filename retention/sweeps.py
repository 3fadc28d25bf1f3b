"""Deletes what has reached its term, table by table, from the declarations alone (Art. 5(1)(e), policy clause 5.2)."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import DatabaseError, models, transaction
from django.db.models import Min, QuerySet
from django.utils.module_loading import import_string

from audit.ledger import append
from datamap.declarations import Holding, Store
from datamap.registry import model_of, registry
from datamap.standstill import deleting, kept_back, without_kept
from datamap.sweeping import SweepCounts
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
from retention.statements import check_references, delete_rows

BATCH: Final = 1000
Delete = Callable[[list[Any]], int]
Rows = Callable[[], QuerySet[Any]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Swept:
    """Counts of one table, and the class of the first error; never its text, which may quote a row."""

    counts: SweepCounts
    failure: str = ""


def sweep_all(*, now: datetime | None = None, apply: bool, confirm_clock: bool = False) -> list[SweepRun]:
    """One run over all rules with one `now`, by default the database's; one report per rule, also for nothing.

    Without `apply` nothing is deleted, and the reports are returned but not recorded. With a clock in doubt nothing is
    deleted either, and each report says so, until somebody confirms the clock.
    """
    moment = now or database_now()
    holdings, run = swept_holdings(), uuid4()
    rules: list[Holding | Store] = [*holdings, *swept_stores()]
    if apply and not confirm_clock and clock.is_doubtful(holdings, now=moment):
        log.error("the clock is in doubt: nothing is purged until somebody confirms it")
        return [_stopped(rule, now=moment, run=run) for rule in rules]
    return [sweep(rule, now=moment, apply=apply, run=run) for rule in rules]


def sweep(rule: Holding | Store, *, now: datetime, apply: bool, run: UUID | None = None) -> SweepRun:
    """Delete what is due in one table in batches of at most 1 000 rows, or in a place that is no table, and report.

    Rows under a legal hold or a restriction stay and are counted. Two sweeps at once delete each row once. A row that
    fails is set aside and counted; the sweep goes on.
    """
    started = monotonic()
    swept = _store_swept(rule, now, apply=apply) if isinstance(rule, Store) else _swept(rule, now, apply=apply)
    report = SweepRun(
        run=run or uuid4(),
        table=rule.code if isinstance(rule, Store) else rule.model,
        rule=rule.period,
        rule_version=store_version(rule) if isinstance(rule, Store) else rule_version(rule),
        at=now,
        applied=apply,
        due=swept.counts.due,
        deleted=swept.counts.deleted,
        held=swept.counts.held,
        failed=swept.counts.failed,
        failure=swept.failure,
        oldest_at=swept.counts.oldest_at,
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


def _swept(holding: Holding, now: datetime, *, apply: bool) -> _Swept:
    if holding.purge_with:
        return _with_own_purge(holding, now=now, apply=apply)
    if holding.erase_due:
        return _by_people(holding, now, apply=apply)
    return _by_rows(holding, now, apply=apply)


def _store_swept(store: Store, now: datetime, *, apply: bool) -> _Swept:
    counts: SweepCounts = import_string(store.purge_with)(store, now=now, apply=apply)
    return _Swept(counts, OSError.__name__ if counts.failed else "")


def _with_own_purge(holding: Holding, *, now: datetime, apply: bool) -> _Swept:
    # Not wrapped in a transaction: a partition is detached without blocking anybody only outside of one.
    try:
        return _Swept(import_string(holding.purge_with)(holding, now=now, apply=apply))
    except DatabaseError as error:
        log.warning("purge of %s failed: %s", holding.model, _name(error))
        return _Swept(SweepCounts(failed=1), _name(error))


def _by_rows(holding: Holding, now: datetime, *, apply: bool) -> _Swept:
    due, held = due_rows(holding, now=now).count(), _held(holding, now)
    delete = partial(_delete_together, model_of(holding))
    deleted, failures = _delete_due(partial(free_rows, holding, now=now), delete) if apply else (0, [])
    oldest = model_of(holding)._base_manager.aggregate(oldest=Min(holding.ends or holding.clock))["oldest"]
    counts = SweepCounts(due=due, deleted=deleted, held=held, failed=len(failures), oldest_at=oldest)
    return _Swept(counts, failures[0] if failures else "")


def _held(holding: Holding, now: datetime) -> int:
    kept = kept_back(holding)
    return due_rows(holding, now=now).filter(kept).distinct().count() if kept else 0


def _by_people(holding: Holding, now: datetime, *, apply: bool) -> _Swept:
    due = people_due(holding, now=now)
    count, held = due.count(), due.count() - without_kept(due, holding).count()
    erase = partial(_erase_together, holding, now=now)
    deleted, failures = _delete_due(partial(_free_people, holding, now), erase) if apply else (0, [])
    counts = SweepCounts(due=count, deleted=deleted, held=held, failed=len(failures))
    return _Swept(counts, failures[0] if failures else "")


def _free_people(holding: Holding, now: datetime) -> QuerySet[Any]:
    return without_kept(people_due(holding, now=now), holding)


def _delete_due(free: Rows, delete: Delete) -> tuple[int, list[str]]:
    deleted, failures = 0, []
    for keys in _batches(free):
        gone, failed = _delete_batch(delete, keys)
        deleted += gone
        failures += failed
    return deleted, failures


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


def _delete_batch(delete: Delete, keys: list[Any]) -> tuple[int, list[str]]:
    try:
        return delete(keys), []
    except DatabaseError:
        return _delete_one_by_one(delete, keys)


def _delete_one_by_one(delete: Delete, keys: list[Any]) -> tuple[int, list[str]]:
    deleted, failures = 0, []
    for key in keys:
        try:
            deleted += delete([key])
        except DatabaseError as error:
            log.warning("a row was set aside: %s", _name(error))
            failures.append(_name(error))
    return deleted, failures


def _delete_together(model: type[models.Model], keys: list[Any]) -> int:
    with transaction.atomic():
        deleted = delete_rows(model._base_manager.filter(pk__in=keys))
        check_references()
    return deleted


def _erase_together(holding: Holding, keys: list[Any], *, now: datetime) -> int:
    with transaction.atomic():
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


def _name(error: DatabaseError) -> str:
    return type(error.__cause__ or error).__name__
