"""Twenty weeks to the microsecond: whole days are dropped, the boundary day loses its rows in batches (Q5.10, X37)."""

import contextlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from django.db import OperationalError, ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max, Min, Model, Q, QuerySet

from consent.models import ConsentEvent
from consent.terms import ConsentPurpose, ConsentState
from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.periods import Elapsed
from datamap.standstill import deleting_by_parts, kept_back, without_kept
from datamap.sweeping import SweepCounts
from visits import spool
from visits.models import PageUse
from visits.partitions import LOCK, LOGS, VISITS, Day, Log, existing_days, log_connection
from visits.terms import PAGE_USE

BATCH: Final = 5000
_ATTEMPTS: Final = 3
# Taken off concurrently, a day stops nobody while it waits; inside a transaction everybody would wait behind us.
_PATIENCE_CONCURRENT: Final = "10s"
_PATIENCE_BLOCKING: Final = "100ms"

# The bounds stand twice, so that neither half looks into any other day.
_DELETE_BATCH: Final = """
DELETE FROM {table} WHERE at >= %(since)s AND at <= %(cutoff)s AND id IN (
    SELECT id FROM {table} WHERE at >= %(since)s AND at <= %(cutoff)s
    ORDER BY id LIMIT {batch} FOR UPDATE SKIP LOCKED
)
"""
_RECEIPTS: Final = 200


def purge_uses(holding: Holding, *, now: datetime, apply: bool = True) -> SweepCounts:
    """The same for the reports of browsers; before it go those whose consent was withdrawn (Art. 7(3), 17(1)(b))."""
    withdrawn = _purge_withdrawn(holding, since=_cutoff(holding, now=now), apply=apply)
    by_age = purge(holding, now=now, apply=apply)
    return SweepCounts(
        due=by_age.due + withdrawn,
        deleted=by_age.deleted + (withdrawn if apply else 0),
        held=by_age.held,
        failed=by_age.failed,
        oldest_at=by_age.oldest_at,
    )


def purge(holding: Holding, *, now: datetime, apply: bool = True) -> SweepCounts:
    """Removes every visit that began 20 weeks before `now` or earlier; without `apply` only counts.

    Counting waits for nobody. Outside a transaction days are detached concurrently, so neither readers nor writers of
    the log notice. A day that somebody holds for too long is counted as failed and taken by the next run.
    """
    cutoff = _cutoff(holding, now=now)
    log, connection = _log_of(holding), log_connection()
    with _deleting(connection) if apply else contextlib.nullcontext():
        kept = kept_back(holding)
        days = existing_days(connection, log)
        guarded = _guarded(days, kept)
        parts = [
            _purge_around(day, kept, cutoff=cutoff, apply=apply)
            for day in days
            if day.day in guarded and day.start <= cutoff
        ]
        free = [day for day in days if day.day not in guarded]
        parts += [_purge_day(connection, day, apply=apply) for day in free if day.last_instant <= cutoff]
        parts += [
            _purge_boundary(day, cutoff=cutoff, apply=apply) for day in free if day.start <= cutoff < day.last_instant
        ]
        waiting = spool.purge(cutoff=cutoff, apply=apply) if log is VISITS else spool.Waiting()
        parts.append(SweepCounts(due=waiting.due, deleted=waiting.due if apply else 0))
        stored = _oldest_row(connection, log, cutoff=None if apply else cutoff)
        oldest = [found for found in (stored, waiting.oldest_at) if found]
    return SweepCounts(
        due=sum(part.due for part in parts),
        deleted=sum(part.deleted for part in parts),
        held=sum(part.held for part in parts),
        failed=sum(part.failed for part in parts),
        oldest_at=min(oldest, default=None),
    )


def _purge_day(connection: BaseDatabaseWrapper, day: Day, *, apply: bool) -> SweepCounts:
    if not apply:
        return SweepCounts(due=_count_if_there(connection, day))
    is_off = _taken_off(connection, day)
    # Counted when nobody can add to it any more.
    rows = _count(connection, day)
    if not is_off:
        return SweepCounts(due=rows, failed=rows)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {day.table}")
    return SweepCounts(due=rows, deleted=rows)


def _purge_boundary(day: Day, *, cutoff: datetime, apply: bool) -> SweepCounts:
    due = _rows(day.log).filter(at__gte=day.start, at__lte=cutoff)
    if not apply:
        return SweepCounts(due=due.count())
    deleted = 0
    while batch := _delete_batch(day, cutoff):
        deleted += batch
    # Rows that somebody has locked just now are left for the next run.
    left = due.count()
    return SweepCounts(due=deleted + left, deleted=deleted, failed=left)


def _guarded(days: list[Day], kept: Q) -> set[date]:
    """The days with rows that a legal hold or a restriction keeps: those are not dropped as a whole."""
    if not kept:
        return set()
    return {day.day for day in days if day.is_attached and _of_day(_rows(day.log).filter(kept), day).exists()}


def _purge_around(day: Day, kept: Q, *, cutoff: datetime, apply: bool) -> SweepCounts:
    """Row by row, so that exactly the kept ones stay; the day goes as a whole when nothing keeps them any more."""
    due = _rows(day.log).filter(at__gte=day.start, at__lte=min(cutoff, day.last_instant))
    free = due.exclude(kept)
    held, deleted = due.filter(kept).count(), 0
    if not apply:
        return SweepCounts(due=held + free.count(), held=held)
    while batch := _delete_free(free):
        deleted += batch
    left = free.count()
    return SweepCounts(due=held + deleted + left, deleted=deleted, held=held, failed=left)


def _delete_free(free: QuerySet[Any]) -> int:
    with transaction.atomic(using=log_connection().alias):
        locked = free.order_by("id").select_for_update(skip_locked=True)
        return free.filter(pk__in=list(locked.values_list("pk", flat=True)[:BATCH])).delete()[0]


def _delete_batch(day: Day, cutoff: datetime) -> int:
    connection = log_connection()
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(_deletion(day.log), {"since": day.start, "cutoff": cutoff})
        return cursor.rowcount


def _deletion(log: Log) -> str:
    return _DELETE_BATCH.format(table=log.table, batch=BATCH)


def _taken_off(connection: BaseDatabaseWrapper, day: Day) -> bool:
    if not (day.is_attached or day.is_detaching):
        return True
    detach = _detach_here if connection.in_atomic_block else _detach_concurrently
    is_detaching = day.is_detaching
    for _attempt in range(_ATTEMPTS):
        try:
            detach(connection, day, is_detaching)
        except OperationalError:
            # A concurrent detachment that was broken off has begun all the same and only wants to be finished.
            is_detaching = any(item.day == day.day and item.is_detaching for item in existing_days(connection, day.log))
        else:
            return True
    return False


def _detach_concurrently(connection: BaseDatabaseWrapper, day: Day, is_detaching: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [_PATIENCE_CONCURRENT])
        try:
            how = "FINALIZE" if is_detaching else "CONCURRENTLY"
            cursor.execute(f"ALTER TABLE {day.log.table} DETACH PARTITION {day.table} {how}")
        finally:
            cursor.execute("RESET lock_timeout")


def _detach_here(connection: BaseDatabaseWrapper, day: Day, is_detaching: bool) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE_BLOCKING])
        cursor.execute(f"ALTER TABLE {day.log.table} DETACH PARTITION {day.table}{' FINALIZE' if is_detaching else ''}")
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _count(connection: BaseDatabaseWrapper, day: Day) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {day.table}")  # noqa: S608 - our own name
        return int(_only(cursor.fetchone()))


def _count_if_there(connection: BaseDatabaseWrapper, day: Day) -> int:
    """The same beside a purge that may drop the day just now."""
    try:
        with transaction.atomic(using=connection.alias):
            return _count(connection, day)
    except ProgrammingError:
        return 0


def _oldest_row(connection: BaseDatabaseWrapper, log: Log, *, cutoff: datetime | None) -> datetime | None:
    """The oldest time in the log; where rows are only counted, the oldest that would remain."""
    rows = _rows(log) if cutoff is None else _rows(log).filter(at__gt=cutoff)
    for day in existing_days(connection, log):
        # Day by day, since no index answers for the oldest row of the whole log.
        found: datetime | None = _of_day(rows, day).aggregate(oldest=Min("at"))["oldest"]
        if found is not None:
            return found
    return None


def _cutoff(holding: Holding, *, now: datetime) -> datetime:
    term = period(holding.period).term
    if not isinstance(term, Elapsed):
        raise TypeError(f"{holding.model} is purged by elapsed time, and {holding.period} is none.")
    return term.latest_due_start(now)


def _purge_withdrawn(holding: Holding, *, since: datetime, apply: bool) -> int:
    """Takes what was reported under a consent up to its last withdrawal; what a new consent allowed since stays.

    What was reported before a withdrawal as old as `since` is of age anyway: it is not looked for by every run anew.
    """
    withdrawals = (
        ConsentEvent.objects.filter(purpose=ConsentPurpose.COOKIE_ANALYTICS, scope=PAGE_USE)
        .filter(state=ConsentState.WITHDRAWN, at__gt=since)
        .exclude(subject_token="")
        .order_by("subject_token")
        .values_list("subject_token")
        .annotate(Max("at"))
    )
    ended, count = list(withdrawals), 0
    for start in range(0, len(ended), _RECEIPTS):
        condition = Q()
        for receipt_token, at in ended[start : start + _RECEIPTS]:
            condition |= Q(receipt_token=receipt_token, at__lte=at)
        rows = PageUse.objects.filter(condition)
        count += _delete_unless_kept(rows, holding) if apply else without_kept(rows, holding).count()
    return count


def _delete_unless_kept(rows: QuerySet[PageUse], holding: Holding) -> int:
    with _deleting(log_connection()):
        return int(without_kept(rows, holding)._raw_delete(rows.db) or 0)  # noqa: SLF001 - one DELETE, no collector


def _rows(log: Log) -> QuerySet[Any]:
    model: type[Model] = log.model
    return model._base_manager.all()


def _of_day(rows: QuerySet[Any], day: Day) -> QuerySet[Any]:
    return rows.filter(at__gte=day.start, at__lt=day.end)


def _log_of(holding: Holding) -> Log:
    return next(log for log in LOGS if log.model._meta.label == holding.model)


@contextlib.contextmanager
def _deleting(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with _alone(connection), deleting_by_parts():
        yield


@contextlib.contextmanager
def _alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """One purge at a time: a second waits and then finds nothing to do."""
    scope = "xact_" if connection.in_atomic_block else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_{scope}lock(%s, %s)", [LOCK[0], LOCK[1] + 1])
    try:
        yield
    finally:
        if not scope:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK[0], LOCK[1] + 1])


def _only(row: tuple[Any, ...] | None) -> Any:
    if row is None:
        raise RuntimeError("A count without a row.")
    return row[0]
