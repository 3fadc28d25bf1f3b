"""The worker's part of a snapshot: copies what will go before the answer can be due, sealed, once (clauses.md D12)."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from datamap.declarations import Holding
from datamap.standstill import Tells
from datamap.trace import Subject, rows_condition, subject_of_user
from dsar.access_copy.archive import frozen_view
from dsar.access_copy.contents import Column, Table, tables_of
from dsar.access_copy.rows import Values, read_chunks
from dsar.access_copy.stood import as_line, kept_columns, packed
from dsar.access_copy.zipping import Sink
from dsar.deadlines import latest_answer
from dsar.identity import account_of
from dsar.models import Snapshot, SubjectRequest
from dsar.queries import subject_of, visitor_numbers
from dsar.snapshots import destroy_of
from dsar.terms import LEASE, RUNNING
from retention.rules import due_condition, is_counted
from vault.files import delete_sealed, sealed_writer
from vault.standing import require_master_key

log = logging.getLogger(__name__)

ATTEMPTS: Final = 5
_RUNNING: Final = [stage.value for stage in RUNNING]


def snapshots_to_take(now: datetime) -> list[UUID]:
    """Requests whose snapshot nobody is taking: no bell rang, or a worker died over it."""
    waiting = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    orders = Snapshot.objects.filter(waiting, taken_at__isnull=True, attempts__lte=ATTEMPTS)
    return list(orders.order_by("ordered_at").values_list("case_id", flat=True))


def keeping() -> Tells:
    """The rows that no purge may take yet: they wait to be copied. For `KEEPERS`.

    A request whose snapshot failed every time holds nothing any more: terms are law, and the log calls for staff.
    """
    waiting = SubjectRequest.objects.filter(
        stage__in=_RUNNING, snapshot__taken_at__isnull=True, snapshot__attempts__lte=ATTEMPTS
    )
    people = [subject_at_receipt(case) for case in waiting.select_related("user")]

    def kept(holding: Holding) -> Q:
        if holding.model == "dsar.Snapshot" or not is_counted(holding):
            return Q()
        return reduce(or_, (rows_condition(holding, one) for one in people), Q())

    return kept


def subject_at_receipt(case: SubjectRequest) -> Subject:
    """Whom a request would be about, were its identity shown: nothing of it is given before it is."""
    if case.identified_at is not None:
        return subject_of(case)
    user = case.user or account_of(case.email)
    known = subject_of_user(user) if user else Subject(emails=frozenset({case.email} - {""}))
    return replace(known, visitors=known.visitors | visitor_numbers(case))


def take_snapshot(case_id: UUID, *, now: datetime) -> Snapshot | None:
    """Take the snapshot of a request, once: None where there is none to take or another worker is at it.

    All tables show the same instant. The file is written outside any transaction; the row takes it only while the
    lease holds and the request is about the same person still. Raises WrongMasterKey, before the attempt counts.
    """
    require_master_key()
    snapshot = _lease(case_id, now=now)
    if snapshot is None:
        return None
    subject = subject_at_receipt(snapshot.case)
    until = latest_answer(now)
    try:
        with sealed_writer(snapshot.key_owner, context=snapshot.context) as writer, frozen_view():
            manifest = _write(writer, subject, until=until)
    except Exception:
        Snapshot.objects.filter(pk=snapshot.pk, lease=snapshot.lease).update(lease=None, leased_until=None)
        raise
    if not _conclude(snapshot, writer.name, manifest, subject, now=now):
        delete_sealed(writer.name)
        return None
    log.info("snapshot %s taken: %d rows", snapshot.pk, sum(manifest.values()))
    snapshot.refresh_from_db()
    return snapshot


def _lease(case_id: UUID, *, now: datetime) -> Snapshot | None:
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        snapshot = Snapshot.objects.select_for_update().filter(case_id=case_id, taken_at__isnull=True).first()
        if case is None or snapshot is None or (snapshot.leased_until and snapshot.leased_until > now):
            return None
        if case.is_closed:  # answered already, with everything there was: nothing is left to be set aside
            destroy_of(case_id, now=now)
            return None
        snapshot.attempts += 1
        if snapshot.attempts > ATTEMPTS:
            log.error("snapshot %s could not be taken: its rows go on time", snapshot.pk)
            snapshot.save(update_fields=["attempts"])
            return None
        snapshot.lease, snapshot.leased_until, snapshot.case = uuid4(), now + LEASE, case
        snapshot.save(update_fields=["attempts", "lease", "leased_until"])
    return snapshot


def _conclude(snapshot: Snapshot, name: str, manifest: dict[str, int], subject: Subject, *, now: datetime) -> bool:
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).filter(pk=snapshot.case_id).first()
        if case is None:
            return False
        if case.is_closed:
            destroy_of(case.pk, now=now)
            return False
        mine = Snapshot.objects.filter(pk=snapshot.pk, lease=snapshot.lease, taken_at__isnull=True)
        if subject_at_receipt(case) != subject:
            mine.update(lease=None, leased_until=None)
            return False
        return bool(
            mine.update(
                file_name=name,
                manifest=manifest,
                reaches_until=latest_answer(now),
                taken_at=now,
                lease=None,
                leased_until=None,
            )
        )


def _write(sink: Sink, subject: Subject, *, until: datetime) -> dict[str, int]:
    """One line for the person, then for each table its columns and its rows; table -> rows."""
    counts: dict[str, int] = {}
    sink.write(as_line(packed(subject)))
    for table in tables_to_keep(subject):
        columns = kept_columns(table)
        sink.write(as_line({"table": table.holding.model, "columns": list(columns)}))
        counts[table.holding.model] = 0
        for rows in due_lines(table, until=until):
            sink.write(b"".join(rows))
            counts[table.holding.model] += len(rows)
    return counts


def tables_to_keep(subject: Subject) -> Iterator[Table]:
    """The tables of which time takes rows, snapshots themselves excepted."""
    for table in tables_of(subject):
        if is_counted(table.holding) and table.holding.model != "dsar.Snapshot":
            yield table


def due_lines(table: Table, *, until: datetime) -> Iterator[list[bytes]]:
    """The due rows chunk by chunk: whether a row is the person's own, its key, and the columns that may be read."""
    columns = kept_columns(table)
    due = due_condition(table.holding, now=until)
    for rows, is_own in table.sources():
        for keys, *chunk in read_chunks(rows.filter(due), ["pk", *columns]):
            shown = [
                _readable(column, values) if is_own or column.shared else [None] * len(keys)
                for column, values in zip(columns.values(), chunk, strict=True)
            ]
            yield [as_line([is_own, *row]) for row in zip(keys, *shown, strict=True)]


def _readable(column: Column, values: Values) -> Values:
    """What is only described is not copied: that something is held is enough."""
    return [1 if value not in (None, "", b"") else None for value in values] if column.is_described else values
