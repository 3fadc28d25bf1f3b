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
from dsar.terms import PACKAGED

_SITE: Final = Actor.system("dsar.starting")


def start(case: SubjectRequest, *, now: datetime) -> SubjectRequest:
    """Begin what needs no staff for this right, in the caller's transaction. Nothing begins by itself for somebody
    who is represented: staff judge that first (security I11).
    """
    if Representative.objects.filter(case=case).exists():
        return case
    if case.right in PACKAGED:
        queue_copy(case, now=now)
    match case.right:
        case Right.WITHDRAWAL:
            return at_once.withdraw_all(case, now=now)
        case Right.MARKETING_OBJECTION:
            return at_once.stop_marketing(case, now=now)
        case Right.ERASURE if case.channel != Channel.PORTAL_AUTH:
            erasure_letters.tell_erasure_waits(case, now=now)
        case Right.OBJECTION if case.user is not None:
            stop_processing(case, case.user, actor=_SITE, now=now)
    return case
