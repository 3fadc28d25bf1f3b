"""Counts the due dates of open requests anew when the table of holidays has changed (clauses.md C3)."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from audit.trail import Actor
from dsar.cases import note
from dsar.casework import take_up
from dsar.deadlines import TABLE_VERSION
from dsar.duedates import due_now, write_due
from dsar.models import SubjectRequest
from dsar.refusals import WrongStage
from dsar.steps import Step
from dsar.terms import RUNNING

log = logging.getLogger(__name__)

SYSTEM: Final = Actor.system("dsar.recounting")
_BATCH: Final = 500


def recount_due_dates(*, now: datetime) -> list[str]:
    """Count every open request that was counted with another table; returns the numbers that are due earlier now.

    Ends when no open request of an older table is left; what is counted is not counted again.
    """
    earlier: list[str] = []
    while batch := list(_stale().values_list("pk", flat=True)[:_BATCH]):
        earlier += [number for case_id in batch if (number := _recount(case_id, now=now))]
    if earlier:
        log.warning("%d requests are due earlier by the new table of holidays", len(earlier))
    return earlier


def _stale() -> QuerySet[SubjectRequest]:
    running = [stage.value for stage in RUNNING]
    return SubjectRequest.objects.filter(stage__in=running).exclude(due_table=TABLE_VERSION).order_by("pk")


def _recount(case_id: UUID, *, now: datetime) -> str:
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        before, after = case.due_on, due_now(case, capped=False)
        if before is None or after is None or after == before:
            write_due(case, after, cap=None)
            return ""
        if after > before:
            write_due(case, before, cap=before)
            note(case, "due_later_waits", actor=SYSTEM, now=now)
            return ""
        write_due(case, after, cap=None)
        note(case, "due_earlier", actor=SYSTEM, now=now)
        return case.number


def accept_later_date(case_id: UUID, *, step: Step) -> SubjectRequest:
    """Let the later date of the corrected table hold, by a decision with its reason. Raises WrongStage."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.due_cap is None or case.is_closed:
            raise WrongStage
        write_due(case, due_now(case, capped=False), cap=None)
        note(case, "due_later", actor=step.actor, now=step.now, reason=step.reason)
    return case
