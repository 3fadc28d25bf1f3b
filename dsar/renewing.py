"""Renews a snapshot whose request outlives its reach: pauses, an extension and a late start can take long (D12).

What was set aside at the receipt stays as it stood then; what comes of age later, and is still there, is added.
"""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from datamap.periods import RIGA
from datamap.trace import Subject
from dsar.access_copy.archive import frozen_view
from dsar.access_copy.stood import as_line, kept_columns, rows_of_file, spoken_of
from dsar.access_copy.zipping import Sink
from dsar.deadlines import a_month_ahead, latest_answer
from dsar.models import Snapshot, SubjectRequest
from dsar.taking import due_lines, subject_at_receipt, tables_to_keep
from dsar.terms import LEASE, RUNNING
from vault.files import delete_on_commit, delete_sealed, sealed_writer
from vault.standing import require_master_key

log = logging.getLogger(__name__)


def snapshots_to_renew(now: datetime) -> list[UUID]:
    """Running requests whose snapshot reaches less than a month ahead, and nobody is at it."""
    return list(_short_ones(now).order_by("reaches_until").values_list("case_id", flat=True))


def renew_snapshot(case_id: UUID, *, now: datetime) -> bool:
    """Let the snapshot of a running request reach as far as a new one would; False where there is nothing to do.

    Without it the old one stays as it is. Raises WrongMasterKey and SnapshotUnreadable.
    """
    require_master_key()
    snapshot = _lease(case_id, now=now)
    if snapshot is None:
        return False
    subject, until = subject_at_receipt(snapshot.case), latest_answer(now)
    if not spoken_of(snapshot, subject):
        log.error("snapshot %s is about somebody else: not renewed", snapshot.pk)
        return False
    with sealed_writer(snapshot.key_owner, context=snapshot.context) as writer, frozen_view():
        manifest = _write(writer, snapshot, subject, until=until, day=now.astimezone(RIGA).date().isoformat())
    if not _conclude(snapshot, writer.name, manifest, until=until):
        delete_sealed(writer.name)
        return False
    log.info("snapshot %s renewed: %d rows", snapshot.pk, sum(manifest.values()))
    return True


def _short_ones(now: datetime) -> Any:
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    running = [stage.value for stage in RUNNING]
    return Snapshot.objects.filter(
        free, taken_at__isnull=False, reaches_until__lte=a_month_ahead(now), case__stage__in=running
    )


def _lease(case_id: UUID, *, now: datetime) -> Snapshot | None:
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        snapshot: Snapshot | None = _short_ones(now).select_for_update(of=("self",)).filter(case_id=case_id).first()
        if case is None or snapshot is None:
            return None
        snapshot.lease, snapshot.leased_until, snapshot.case = uuid4(), now + LEASE, case
        snapshot.save(update_fields=["lease", "leased_until"])
    return snapshot


def _write(sink: Sink, snapshot: Snapshot, subject: Subject, *, until: datetime, day: str) -> dict[str, int]:
    """The old file as it is, then under a head of its day whatever it does not hold yet; table -> rows."""
    counts: dict[str, int] = dict(snapshot.manifest)
    held: dict[str, set[int]] = {}
    for line in _copied(sink, rows_of_file(snapshot)):
        held.setdefault(line[0], set()).add(line[1])
    for table in tables_to_keep(subject):
        model, known = table.holding.model, held.get(table.holding.model, set())
        sink.write(as_line({"table": model, "columns": list(kept_columns(table)), "day": day}))
        for lines in due_lines(table, until=until):
            new = [line for line in lines if _key(json.loads(line)) not in known]
            sink.write(b"".join(new))
            counts[model] = counts.get(model, 0) + len(new)
    return counts


def _copied(sink: Sink, lines: Iterator[bytes]) -> Iterator[tuple[str, int]]:
    """Write the lines on; the table and the key of each row among them. Only a hash of each key is remembered."""
    sink.write(next(lines) + b"\n")
    model = ""
    for line in lines:
        sink.write(line + b"\n")
        if line.startswith(b"{"):
            model = json.loads(line)["table"]
        else:
            yield model, _key(json.loads(line))


def _key(row: list[Any]) -> int:
    return hash(str(row[1]))


def _conclude(snapshot: Snapshot, name: str, manifest: dict[str, int], *, until: datetime) -> bool:
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).filter(pk=snapshot.case_id).first()
        if case is None or case.is_closed:
            return False
        taken = Snapshot.objects.filter(pk=snapshot.pk, lease=snapshot.lease, file_name=snapshot.file_name).update(
            file_name=name, manifest=manifest, reaches_until=until, lease=None, leased_until=None
        )
        if taken:
            delete_on_commit(snapshot.file_name)
    return bool(taken)
