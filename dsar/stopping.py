"""What staff decide where an address of the account has stopped a request: it goes on, or it ends (security I7)."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from dsar import silence_letters
from dsar.access import destroy_package
from dsar.cases import move, reopen_case
from dsar.cases import note as write_down
from dsar.casework import take_up
from dsar.models import Caution, Package, SubjectRequest
from dsar.refusals import WrongStage
from dsar.remembering import note_caution
from dsar.steps import Step
from dsar.terms import CLOSED, UNIDENTIFIED, IdentityOutcome, Stage


def release(case_id: UUID, *, step: Step) -> None:
    """Let the request go on at once, for a reason. Raises WrongStage where nothing waits."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        found = Caution.objects.select_for_update().filter(case=case).first()
        if found is None or (found.stopped_at is None and found.waits_until <= step.now):
            raise WrongStage
        found.stopped_at, found.waits_until = None, max(step.now, found.placed_at + timedelta.resolution)
        found.save(update_fields=["stopped_at", "waits_until"])
        note_caution(found, now=step.now)
        write_down(case, "caution_released", actor=step.actor, now=step.now, reason=step.reason)


def uphold(case_id: UUID, *, step: Step) -> SubjectRequest:
    """The request did not come from the owner of the account: no check shows her any more, the copy is destroyed, and
    the request is closed. Raises WrongStage where nobody has stopped it, or where an erasure has begun.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if not is_stopped(case) or case.stage in {Stage.EXECUTING, Stage.WITHDRAWN, Stage.CLOSED_UNIDENTIFIED}:
            raise WrongStage
        write_down(case, "caution_upheld", actor=step.actor, now=step.now, reason=step.reason)
        for package in Package.objects.filter(request=case):
            destroy_package(package, now=step.now)
        case.identity_checks.filter(outcome=IdentityOutcome.SHOWN).update(outcome=IdentityOutcome.FAILED)
        if case.stage in CLOSED:
            case = reopen_case(case_id, actor=step.actor, now=step.now, reason=step.reason)
        if case.stage == Stage.CLARIFICATION_PENDING:
            case.pauses.filter(answered_at__isnull=True).update(answered_at=step.now)
            case = move(case_id, Stage.OPEN, action="taken_up", actor=step.actor, now=step.now)
        if case.stage not in UNIDENTIFIED:
            case = move(
                case_id,
                Stage.IDENTITY_PENDING,
                action="identity_doubted",
                actor=step.actor,
                now=step.now,
                reason=step.reason,
                identified_at=None,
                erasure_proposed_by=None,
            )
        case = move(
            case_id,
            Stage.CLOSED_UNIDENTIFIED,
            action="closed_unidentified",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
            answer="",
        )
        silence_letters.tell_closed(case, now=step.now)
    return case


def is_stopped(case: SubjectRequest) -> bool:
    """Whether somebody has stopped this request and staff have not decided yet."""
    caution: Caution | None = getattr(case, "caution", None)
    return caution is not None and caution.stopped_at is not None
