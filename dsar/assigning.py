"""Says who of the staff handles a request, and keeps whom a complaint is about away from it (policy clause 16)."""

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from datamap.terms import Right
from dsar.cases import note
from dsar.casework import take_up
from dsar.conflicts import refuse_conflict
from dsar.models import SubjectRequest
from dsar.refusals import NoSuchAccount, NotAComplaint
from dsar.steps import Step


def assign(case_id: UUID, address: str, *, step: Step) -> SubjectRequest:
    """Give a request to the member of the staff with this address. Raises NoSuchAccount, ConflictOfInterest."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        colleague = _staff(address)
        refuse_conflict(case, colleague.pk)
        return _hand_over(case, colleague.pk, step=step)


def take_over(case_id: UUID, *, step: Step) -> SubjectRequest:
    """Take a request oneself."""
    with transaction.atomic():
        return _hand_over(take_up(case_id, step=step), step.by.pk, step=step)


def name_complained_of(case_id: UUID, address: str, *, step: Step) -> SubjectRequest:
    """Record whom of the staff a complaint is about; who is named handles it no more. Raises NotAComplaint."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.right != Right.COMPLAINT:
            raise NotAComplaint
        named = _staff(address).pk
        values: dict[str, Any] = {"complaint_about": named}
        if case.assigned_to == named:
            values["assigned_to"] = None
        if case.refusal_proposed_by == named:
            values |= {"refusal_proposed_by": None, "refusal_reason": "", "refusal_act": "", "answer": ""}
        # Noted before it is stored: who finds that a complaint is about herself says so, and has it no more.
        note(case, "conflict_named", actor=step.actor, now=step.now, reason=step.reason)
        _store(case, values)
    return case


def _hand_over(case: SubjectRequest, to: UUID, *, step: Step) -> SubjectRequest:
    _store(case, {"assigned_to": to})
    note(case, "assigned", actor=step.actor, now=step.now, reason=step.reason)
    return case


def _store(case: SubjectRequest, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(case, name, value)
    case.save(update_fields=list(values))


def _staff(address: str) -> Any:
    people = get_user_model()._default_manager.filter(is_staff=True, is_active=True)
    found = people.filter(**{f"{get_user_model().get_email_field_name()}__iexact": address.strip()}).first()
    if found is None:
        raise NoSuchAccount
    return found
