"""Staff mark a request whose words say that its person is under 16: this restricts at once (policy clause 6)."""

from typing import Any
from uuid import UUID

from django.db import transaction

from dsar.cases import note
from dsar.casework import take_up
from dsar.folder import standing_restrictions
from dsar.identity import account_of
from dsar.models import SubjectRequest
from dsar.queries import address_shown
from dsar.refusals import NoSuchAccount
from dsar.steps import Step
from retention.minors import suspect, suspect_at
from retention.standing import RestrictionGround


def mark_young(case_id: UUID, *, step: Step) -> None:
    """Restrict the account behind a request: the one it is linked to, else the one that has confirmed its address; and
    without an account what leads to the address that was shown to be hers.

    Raises NoSuchAccount where it is not known whose request it is, or where that is one of the staff.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        user: Any = case.user or account_of(case.email)
        address = address_shown(case)
        if (user is None and not address) or (user is not None and user.is_staff):
            raise NoSuchAccount
        why: dict[str, Any] = {"case_number": case.number, "reason": step.reason, "by": step.by, "now": step.now}
        if user is not None:
            suspect(user, **why)
        else:
            suspect_at(address, language=case.language, **why)
        note(case, "child_marked", actor=step.actor, now=step.now, reason=step.reason)


def _is_marked(case: SubjectRequest) -> bool:
    return any(item.ground == RestrictionGround.CHILD for item in standing_restrictions(case))


def may_be_marked(case: SubjectRequest) -> bool:
    """Offered until the person is marked; whether an account has this address, staff learn by the step alone."""
    return case.user is None or not (case.user.is_staff or _is_marked(case))
