"""Orders a copy anew that could not be put together: the person herself, or staff for her (Art. 12(3), 15(3))."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from audit.trail import Actor
from datamap.catalogue import length_of
from dsar.access import destroy_package, queue_copy
from dsar.cases import note, person_of
from dsar.casework import take_up
from dsar.doorbell import BUILD_PACKAGE, ring
from dsar.models import Package, SubjectRequest
from dsar.queries import subject_of
from dsar.refusals import TooManyAttempts, WrongStage
from dsar.steps import Step
from dsar.terms import PackageState, Stage
from retention.attempts import Limit, take
from vault.tokens import token

AGAIN_A_DAY: Final = Limit(3, length_of("ATTEMPTS"))


def has_failed(case: SubjectRequest) -> bool:
    """Whether the copy of a request waits for somebody to order it anew."""
    package: Package | None = getattr(case, "package", None)
    is_failed = package is not None and package.state == PackageState.FAILED
    return is_failed and case.stage == Stage.OPEN and subject_of(case).is_somebody


def can_be_ordered(case: SubjectRequest) -> bool:
    """The same for staff, who also order anew what lay ready when the request was taken up again."""
    package: Package | None = getattr(case, "package", None)
    is_stale = package is not None and package.state == PackageState.READY and case.stage == Stage.OPEN
    return has_failed(case) or (is_stale and subject_of(case).is_somebody)


def order_again(case: SubjectRequest, *, now: datetime) -> None:
    """The person asks for it once more. Raises WrongStage where nothing has failed, TooManyAttempts."""
    with transaction.atomic():
        current = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if not has_failed(current):
            raise WrongStage
        if not take(token(str(case.pk), purpose="dsar.copy_again"), AGAIN_A_DAY, now=now):
            raise TooManyAttempts
        _queue(current, actor=person_of(current), now=now)


def order_again_by_staff(case_id: UUID, *, step: Step) -> None:
    """Staff have looked at why it failed, or what was missing in it, and say so. Raises WrongStage."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if has_failed(case):
            _queue(case, actor=step.actor, now=step.now, reason=step.reason)
            return
        if not can_be_ordered(case):
            raise WrongStage
        destroy_package(case.package, now=step.now)
        queue_copy(case, now=step.now)
        note(case, "copy_ordered_again", actor=step.actor, now=step.now, reason=step.reason)


def _queue(case: SubjectRequest, *, actor: Actor, now: datetime, reason: str = "") -> None:
    failed = Package.objects.filter(request=case, state=PackageState.FAILED)
    if not failed.update(state=PackageState.QUEUED, attempts=0, queued_at=now, rows_done=0, rows_total=0):
        raise WrongStage
    note(case, "copy_ordered_again", actor=actor, now=now, reason=reason)
    transaction.on_commit(lambda: ring(BUILD_PACKAGE, case.pk), robust=True)
