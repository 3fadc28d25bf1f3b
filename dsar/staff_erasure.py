"""Erasure by two members of the staff, for who asked by letter or by word and cannot press the button (Art. 17)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from datamap.terms import Right
from dsar.cases import note
from dsar.casework import take_up
from dsar.caution import require_calm
from dsar.erasure import Wish, begin_erasure, copy_before, require_plan
from dsar.models import SubjectRequest
from dsar.proposals import erasure_digest
from dsar.queries import subject_of
from dsar.refusals import (
    AccessComesFirst,
    AlreadyProposed,
    CopyNotFetched,
    CopyUnderWay,
    NobodyToErase,
    ProposalChanged,
    SamePersonErases,
    WrongStage,
)
from dsar.steps import Step
from dsar.terms import Stage
from retention.erasure import ErasurePlan, plan_erasure

_PROPOSAL: Final = ("plan_digest", "objects_to_archive", "copy_waived_at", "erasure_proposed_by")
"""What stands in the request while an erasure waits for the second person."""


def planned_erasure(case: SubjectRequest, *, objection_to_archive: bool, now: datetime) -> ErasurePlan:
    """What the erasure would do now. Raises NobodyToErase where no identity leads to an account or an address."""
    subject = subject_of(case)
    if not subject.is_somebody:
        raise NobodyToErase
    return plan_erasure(subject, now=now, archive=not objection_to_archive)


def propose_erasure(
    case_id: UUID, *, objection_to_archive: bool, step: Step, waive_copy: bool = False
) -> SubjectRequest:
    """Prepare the erasure of exactly what the plan says today; nothing happens before a second person agrees.

    `waive_copy` where the person has said that she does not need the copy that lies ready; the record says when we were
    told. Raises WrongStage, NobodyToErase, AccessComesFirst, ErasureRestricted, and AlreadyProposed: what waits is
    taken back first.
    """
    with transaction.atomic():
        case = _erasable(case_id, step=step)
        if case.erasure_proposed_by is not None:
            raise AlreadyProposed
        plan = planned_erasure(case, objection_to_archive=objection_to_archive, now=step.now)
        _require(case, Wish(plan.digest, objection_to_archive, waive_copy), now=step.now)
        case.plan_digest, case.objects_to_archive = plan.digest, objection_to_archive
        case.copy_waived_at = step.now if waive_copy else None
        case.erasure_proposed_by, case.erasure_approved_by = step.by.pk, None
        case.save(update_fields=[*_PROPOSAL, "erasure_approved_by"])
        if waive_copy:
            note(case, "copy_waived", actor=step.actor, now=step.now, reason=step.reason)
        note(case, "erasure_proposed", actor=step.actor, now=step.now, reason=step.reason)
    return case


def take_back(case_id: UUID, *, step: Step) -> SubjectRequest:
    """Nothing is erased: the proposal is gone, and another one may be made. Raises WrongStage where there is none."""
    with transaction.atomic():
        case = _erasable(case_id, step=step)
        if case.erasure_proposed_by is None:
            raise WrongStage
        case.plan_digest, case.objects_to_archive, case.erasure_proposed_by = "", False, None
        case.copy_waived_at = None
        case.save(update_fields=_PROPOSAL)
        note(case, "erasure_returned", actor=step.actor, now=step.now, reason=step.reason)
    return case


def approve_erasure(case_id: UUID, *, step: Step, seen: str = "") -> SubjectRequest:
    """The second person agrees, and a worker carries it out; from here on nobody withdraws it (security G4).

    `seen` is the digest of what he was shown. Raises ProposalChanged, SamePersonErases, PlanChanged where the data are
    others than those that were proposed, WaitsForSafety after a
    change of the account, and as `propose_erasure`.
    """
    require_calm(SubjectRequest.objects.get(pk=case_id), now=step.now)
    with transaction.atomic():
        case = _erasable(case_id, step=step)
        if case.erasure_proposed_by is None:
            raise WrongStage
        if case.erasure_proposed_by == step.by.pk:
            raise SamePersonErases
        if seen and seen != erasure_digest(case):
            raise ProposalChanged
        wish = Wish(case.plan_digest, case.objects_to_archive, waive_copy=case.copy_waived_at is not None)
        _require(case, wish, now=step.now)
        return begin_erasure(
            case,
            wish,
            now=step.now,
            actor=step.actor,
            action="erasure_approved",
            reason=step.reason,
            erasure_approved_by=step.by.pk,
        ).case


def _erasable(case_id: UUID, *, step: Step) -> SubjectRequest:
    case = take_up(case_id, step=step)
    if case.right != Right.ERASURE or case.stage != Stage.OPEN:
        raise WrongStage
    return case


def _require(case: SubjectRequest, wish: Wish, *, now: datetime) -> None:
    """The copy that the same person asked for comes first, and the plan is the one that was proposed."""
    subject = subject_of(case)
    if not subject.is_somebody:
        raise NobodyToErase
    try:
        require_plan(subject, copy_before(case), wish, now=now)
    except (CopyUnderWay, CopyNotFetched):
        raise AccessComesFirst from None
