"""The visit log is read for a named purpose only, and who reads it is on record (policy clause 7.3, Q7.11)."""

from datetime import datetime
from typing import cast

from django.db.models import QuerySet

from audit.trail import Actor, record
from datamap.catalogue import period
from datamap.periods import Elapsed
from datamap.standstill import without_restricted
from visits.models import PageUse, Visit
from visits.terms import ReadingPurpose


class PurposeRefused(PermissionError):
    """The visit log may not be read for this purpose."""


def read(*, purpose: ReadingPurpose | str, actor: Actor, now: datetime) -> QuerySet[Visit]:
    """The visits of the last 20 weeks for a purpose of clause 7.3; the reading is written into the audit trail.

    Raises PurposeRefused, also on record, for any other purpose.
    """
    try:
        wanted = ReadingPurpose(purpose)
    except ValueError:
        # The word itself stays out of the trail: anything may stand in it.
        record("visits.reading_refused", actor=actor, details={"purpose": "unlisted"}, now=now)
        raise PurposeRefused("The visit log may not be read for this purpose.") from None
    record("visits.read", actor=actor, details={"purpose": wanted.value}, now=now)
    return current(now=now)


def current(*, now: datetime) -> QuerySet[Visit]:
    """The visits that may still be held at `now`: what is due is not readable even before the purge has been there,
    and what is restricted not at all (Art. 18)."""
    return without_restricted(Visit.objects.filter(at__gt=begins_after(now=now)))


def current_uses(*, now: datetime) -> QuerySet[PageUse]:
    """The same of what browsers reported."""
    return without_restricted(PageUse.objects.filter(at__gt=begins_after(now=now)))


def begins_after(*, now: datetime) -> datetime:
    """What began at this moment or before has come of age."""
    return cast("Elapsed", period("VISIT_LOG").term).latest_due_start(now)
