"""What begins by itself once it is shown whose request it is (Art. 12(2), 12(3))."""

from datetime import datetime

from dsar.access import queue_copy
from dsar.models import Representative, SubjectRequest
from dsar.terms import PACKAGED


def start(case: SubjectRequest, *, now: datetime) -> None:
    """Begin what a worker does for this right, in the caller's transaction. Nothing begins by itself for somebody
    who is represented: staff judge that first (security I11).
    """
    if Representative.objects.filter(case=case).exists():
        return
    if case.right in PACKAGED:
        queue_copy(case, now=now)
