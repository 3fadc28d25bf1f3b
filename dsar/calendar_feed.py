"""A calendar of due dates for one member of the staff, by a secret address that can be revoked: case numbers and days,
nothing about anybody (clauses.md C6). RFC 5545, all-day events, in ASCII, so that no line needs folding or escaping."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

from django.db.models import Q

from dsar.buttons import APPROVE, WORK
from dsar.models import CalendarFeed, SubjectRequest
from dsar.queries import by_due_date
from dsar.terms import RUNNING
from vault.tokens import new_secret, secret_digest

LONGEST: Final = 2000
"""Events in one calendar, the most pressing first: programs choke on more."""


def make_feed(owner: Any, *, now: datetime) -> str:
    """Make the secret of a member's calendar; the one before it opens nothing any more. Only the digest is stored."""
    secret = new_secret()
    CalendarFeed.objects.update_or_create(owner=owner, defaults={"digest": secret_digest(secret), "made_at": now})
    return secret


def revoke_feed(owner: Any) -> None:
    """End the calendar at once."""
    CalendarFeed.objects.filter(owner=owner).delete()


def has_feed(owner: Any) -> bool:
    """Whether the member has a calendar."""
    return CalendarFeed.objects.filter(owner=owner).exists()


def owner_of(secret: str) -> Any | None:
    """Whose calendar a secret opens: somebody who may still work on requests, judged at each look; else nobody."""
    feed = CalendarFeed.objects.filter(digest=secret_digest(secret)).select_related("owner").first()
    if feed is None:
        return None
    owner: Any = feed.owner
    return owner if owner.is_active and owner.is_staff and owner.has_perm(WORK) else None


def calendar_of(owner: Any, *, now: datetime) -> str:
    """The due dates of running requests as this member sees them on the desk."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Qlekta//due dates//EN", "METHOD:PUBLISH"]
    for number, due in _due_dates(owner):
        lines += _event(number, due, now=now)
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _due_dates(owner: Any) -> Iterator[tuple[str, date]]:
    running = [stage.value for stage in RUNNING]
    cases = SubjectRequest.objects.filter(stage__in=running, due_on__isnull=False)
    cases = cases.exclude(user=owner.pk).exclude(complaint_about=owner.pk)
    if not owner.has_perm(APPROVE):
        cases = cases.filter(Q(assigned_to=owner.pk) | Q(assigned_to__isnull=True))
    for number, due in by_due_date(cases).values_list("number", "due_on")[:LONGEST]:
        if due is not None:
            yield number, due


def _event(number: str, due: date, *, now: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{number}@qlekta",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{due:%Y%m%d}",
        f"SUMMARY:{number}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]
