"""Who may not handle a request: nobody decides on a request of his own, or on a complaint about himself
(security G4; policy clause 16). The database holds the same where an account is named."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model

from datamap.trace import normalise_email
from dsar.models import SubjectRequest
from dsar.refusals import ConflictOfInterest, OwnRequest


def refuse_conflict(case: SubjectRequest, staff_id: UUID) -> None:
    """Raises OwnRequest and ConflictOfInterest for who must leave this request to a colleague."""
    if case.complaint_about == staff_id:
        raise ConflictOfInterest
    if case.user_id == staff_id or (case.email and normalise_email(case.email) in _addresses(staff_id)):
        raise OwnRequest


def is_in_conflict(case: SubjectRequest, staff_id: UUID) -> bool:
    """The same as a question, for what the desk shows."""
    try:
        refuse_conflict(case, staff_id)
    except (OwnRequest, ConflictOfInterest):
        return True
    return False


def _addresses(staff_id: UUID) -> set[str]:
    name = get_user_model().get_email_field_name()
    own = get_user_model()._default_manager.filter(pk=staff_id).values_list(name)
    confirmed = EmailAddress.objects.filter(user_id=staff_id).values_list("email")
    return {normalise_email(address) for (address,) in own.union(confirmed)}
