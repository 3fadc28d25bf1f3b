"""What begins by itself once it is shown whose request it is (Art. 12(2), 12(3))."""

from datetime import datetime
from typing import Final

from audit.trail import Actor
from datamap.terms import Right
from dsar import at_once, erasure_letters
from dsar.access import queue_copy
from dsar.deadlines import Channel
from dsar.models import Representative, SubjectRequest
from dsar.objections import stop_processing
from dsar.queries import address_shown, is_at_own_address, subject_of
from dsar.terms import PACKAGED
from dsar.young import restrict_where_said

_SITE: Final = Actor.system("dsar.starting")


def start(case: SubjectRequest, *, now: datetime) -> SubjectRequest:
    """Begin what needs no staff for this right, in the caller's transaction.

    Nothing begins for somebody who is represented before staff have checked the authority and linked the person
    (security I11), and no copy before it is known about whom. What is done at once needs somebody, or an address, for
    whom it can be done: a letter that names neither is left to staff, for its answer would say what nobody did.
    """
    represented = Representative.objects.filter(case=case).first()
    if represented is not None and (represented.checked_at is None or case.user is None):
        return case
    restrict_where_said(case, now=now)
    if case.right in PACKAGED and subject_of(case).is_somebody and not hasattr(case, "package"):
        queue_copy(case, now=now)
    match case.right:
        case Right.WITHDRAWAL if subject_of(case).is_somebody:
            return at_once.withdraw_all(case, now=now)
        case Right.MARKETING_OBJECTION if case.email or subject_of(case).is_somebody:
            return at_once.stop_marketing(case, now=now)
        case Right.ERASURE if _is_confirmed_by_mail(case):
            erasure_letters.tell_erasure_waits(case, now=now)
        case Right.OBJECTION if case.user is not None or address_shown(case):
            stop_processing(case, actor=_SITE, now=now)
    return case


def _is_confirmed_by_mail(case: SubjectRequest) -> bool:
    """True where a code to the address of the request confirms an erasure: neither for who came by a log-in, nor for a
    representative, nor where staff led the request to an account from a foreign address."""
    is_by_code = case.channel != Channel.PORTAL_AUTH and is_at_own_address(case)
    return is_by_code and not Representative.objects.filter(case=case).exists()
