"""How case files, messages, copies and snapshots end, with keys and files, by time or by right (T16; Art. 17)."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from audit.trail import Actor
from datamap.declarations import Holding
from datamap.registry import model_of, registry
from datamap.standstill import deleting_by_parts, due_and_held, without_kept
from datamap.sweeping import Ended, SweepCounts, end_each
from datamap.trace import Subject, rows_about
from dsar.access import destroy_package
from dsar.attachments import empty, remove
from dsar.cases import note
from dsar.models import Attachment, Intake, Package, Snapshot, SubjectRequest
from dsar.snapshots import destroy, destroy_of
from dsar.terms import WhyDestroyed
from vault.files import delete_on_commit
from vault.keys import destroy_key

_SITE: Final = Actor.system("dsar.sweeping")


def purge_cases(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Case files three years after their closing; with the key goes whatever the ledger of events sealed with it."""
    return _swept(holding, partial(_destroy, now=now), since="received_at", now=now, apply=apply)


def _destroy(cases: QuerySet[SubjectRequest], *, now: datetime) -> int:
    deleted = 0
    for case_id in cases.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            for package in Package.objects.filter(request_id=case_id):
                destroy_package(package, now=now)
            destroy_of(case_id, now=now)
            remove(Attachment.objects.filter(case_id=case_id), now=now)
            destroy_key(case_id, now=now)
            deleted += bool(SubjectRequest.objects.filter(pk=case_id).delete()[0])
    return deleted


def purge_packages(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Copies 30 days after they were made available."""
    return _swept(holding, partial(_destroy_packages, now=now), since="built_at", now=now, apply=apply)


def purge_intakes(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Messages, with their sealed originals, when the last request that they opened has ended."""
    return _swept(holding, partial(_destroy_intakes, now=now), since="arrived_at", now=now, apply=apply)


def purge_snapshots(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Snapshots at the end of their case file, should one outlive it."""
    return _swept(holding, partial(destroy, now=now), since="ordered_at", now=now, apply=apply)


def purge_attachments(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Files with their request; what nobody looked at in time is destroyed before, and the request shows it."""
    return _swept(holding, partial(_end_files, now=now), since="received_at", now=now, apply=apply)


def _end_files(files: QuerySet[Any], *, now: datetime) -> int:
    ended = 0
    for file in files.select_related("case"):
        is_over = file.case.ends_at is not None and file.case.ends_at <= now
        with transaction.atomic():
            if is_over or not file.is_there:
                ended += remove(Attachment.objects.filter(pk=file.pk), now=now)
            elif empty(file, WhyDestroyed.UNCHECKED, now=now):
                note(file.case, "file_destroyed", actor=_SITE, now=now)
                ended += 1
    return ended


def erase_attachments(subject: Subject, *, now: datetime) -> int:
    """All files of one person's requests, in the executor's transaction."""
    return remove(rows_about(registry().holding(Attachment), subject, owned_only=True), now=now)


def _swept(
    holding: Holding, end: Callable[[QuerySet[Any]], int], *, since: str, now: datetime, apply: bool
) -> SweepCounts:
    """Sweep a table whose rows go with keys and sealed files: `end` takes each row that nothing keeps."""
    rows = model_of(holding)._default_manager
    due = rows.filter(ends_at__lte=now).order_by("pk")
    (count, held), ended = due_and_held(due, holding), Ended()
    if apply:
        with deleting_by_parts():
            keys = list(without_kept(due, holding).values_list("pk", flat=True))
            ended = end_each(keys, lambda key: end(rows.filter(pk__in=key)))
    return ended.counts(due=count, held=held)


def erase_intakes(subject: Subject, *, now: datetime) -> int:
    """All messages of one person, in the executor's transaction; the requests keep their channel and their dates."""
    return _destroy_intakes(rows_about(registry().holding(Intake), subject, owned_only=True), now=now)


def _destroy_intakes(intakes: QuerySet[Any], *, now: datetime) -> int:
    deleted = 0
    for intake in intakes.iterator():
        with transaction.atomic():
            destroy_key(intake.pk, now=now)
            delete_on_commit(intake.raw_file)
            deleted += bool(Intake.objects.filter(pk=intake.pk).delete()[1].get("dsar.Intake"))
    return deleted


def erase_packages(subject: Subject, *, now: datetime) -> int:
    """All copies of one person, in the executor's transaction."""
    packages = rows_about(registry().holding(Package), subject, owned_only=True)
    return _destroy_packages(packages, now=now)


def _destroy_packages(packages: QuerySet[Any], *, now: datetime) -> int:
    deleted = 0
    for package in packages.iterator():
        with transaction.atomic():
            deleted += destroy_package(package, now=now)
    return deleted


def erase_snapshots(subject: Subject, *, now: datetime) -> int:
    """All snapshots of one person, in the executor's transaction."""
    return destroy(rows_about(registry().holding(Snapshot), subject, owned_only=True), now=now)
