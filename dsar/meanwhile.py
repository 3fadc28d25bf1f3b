"""Tells the running requests of somebody who was erased, by whatever way: their desk must know (Art. 12(3), 17)."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from audit.trail import Actor
from datamap.trace import Subject
from dsar.cases import note
from dsar.models import CaseEvent, SubjectRequest
from dsar.terms import PERSON_ERASED, RUNNING
from vault.tokens import subject_tokens

_SYSTEM: Final = Actor.system("dsar.meanwhile")


def requests_of_erased(subject: Subject, *, case_number: str) -> Callable[[datetime], None]:
    """Find the person's other requests while something leads to them; what is given back writes it down in each.

    By another request, as a child, from the command line, or once more after a restore: each request hears it once.
    """
    mine = Q(user__isnull=True, email__in=subject.emails)
    if subject.user_id is not None:
        mine |= Q(subject_token__in=subject_tokens([subject.user_id]))
    running = [stage.value for stage in RUNNING]
    known = CaseEvent.objects.filter(case_number=OuterRef("number"), action=PERSON_ERASED)
    others = SubjectRequest.objects.filter(mine, ~Exists(known), stage__in=running, identified_at__isnull=False)
    found = list(others.exclude(number=case_number).order_by("number").values_list("pk", flat=True))

    def write(now: datetime) -> None:
        for case in SubjectRequest.objects.filter(pk__in=found).order_by("number"):
            note(case, PERSON_ERASED, actor=_SYSTEM, now=now)

    return write
