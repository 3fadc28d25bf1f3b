"""A sign that the person of a request is under 16 restricts everything about her at once (policy clause 6; Art. 8).

The sign is her own word in a form, a parent who acts for her, or staff who read a message. No form asks for a date of
birth. What a stranger ticks about somebody's address counts once a code has shown that the address is his: else anybody
could silence anybody.
"""

from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model

from audit.trail import Actor
from dsar.cases import note
from dsar.models import Representative, SubjectRequest
from dsar.queries import events_of
from dsar.terms import AuthorityKind
from retention.minors import is_suspected, suspect

SAID: Final = "child_said"
_SITE: Final = Actor.system("dsar.young")


def note_said(case: SubjectRequest, *, now: datetime) -> None:
    """Keep beside a request of an unknown sender that it speaks of somebody under 16; twice is once."""
    if not _was_said(case):
        note(case, SAID, actor=_SITE, now=now)


def restrict_own(user: Any, case_number: str, *, now: datetime) -> None:
    """Who is logged in says so of herself. Staff are no children: theirs was a slip of the hand."""
    if not user.is_staff:
        suspect(user, case_number=case_number, reason="said so in the form", by=user, now=now)


def restrict_where_said(case: SubjectRequest, *, now: datetime) -> None:
    """The same for a request of which it has just become known whose it is."""
    user = case.user
    if user is None or user.is_staff or is_suspected(user):
        return
    parent = Representative.objects.filter(case=case, kind=AuthorityKind.PARENT, checked_at__isnull=False).first()
    if parent is not None:
        by = get_user_model()._default_manager.filter(pk=parent.checked_by or user.pk).first() or user
        suspect(user, case_number=case.number, reason="a parent acts for the person", by=by, now=now)
    elif _was_said(case):
        suspect(user, case_number=case.number, reason="said so in the form", by=user, now=now)


def _was_said(case: SubjectRequest) -> bool:
    return events_of(case).filter(action=SAID).exists()
