"""Announces a reasonable fee for a manifestly unfounded or excessive request, before any work (Art. 12(5)(a))."""

from uuid import UUID

from django.db import transaction

from dsar import letters
from dsar.cases import note
from dsar.casework import take_up
from dsar.models import Package, SubjectRequest
from dsar.refusals import WorkHasBegun, WrongStage
from dsar.steps import Step
from dsar.terms import Stage


def announce_fee(case_id: UUID, fee_cents: int, why: str, *, step: Step) -> SubjectRequest:
    """Tell the person the fee and why; the burden of proof is ours, so `why` is her reading too.

    Raises WorkHasBegun where a copy is on its way or something was proposed, WrongStage where a fee was announced.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.stage != Stage.OPEN or case.fee_announced_at is not None:
            raise WrongStage
        if Package.objects.filter(request=case).exists() or case.erasure_proposed_by or case.refusal_proposed_by:
            raise WorkHasBegun
        case.fee_cents, case.fee_announced_at = fee_cents, step.now
        case.save(update_fields=["fee_cents", "fee_announced_at"])
        note(case, "fee_announced", actor=step.actor, now=step.now, reason=step.reason)
        letters.tell_fee(case, why, now=step.now)
    return case
