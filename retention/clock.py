"""Asks before a sweep believes a clock that jumped: what is deleted too early cannot be brought back (security R6).

Three signs. The database's clock stands before the last run: then nothing is deleted. Or it stands more than two days
after it, and more than a fifth of a large table is due at once: a beat that was dead for three weeks leaves less than
that of the twenty weeks' log, a clock that jumped by months leaves more. Or it stands more than two days after it, and
in those days lie two of which the site itself wrote nothing down, neither in the trail nor in journal, letters or
effects: then a fifth of any table is enough, however small. `purge --apply --confirm-clock` goes on.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.db import models
from django.db.models.functions import TruncHour
from django.utils.module_loading import import_string

from audit.models import Entry
from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.periods import Elapsed
from datamap.registry import model_of
from mailing.models import OutgoingMessage
from outbox.models import Effect
from replay.models import JournalEntry
from retention.models import SweepRun
from retention.rules import due_rows, is_counted, people_due

FAILURE: Final = "clock"
BACKWARDS: Final = timedelta(minutes=10)
"""Runs that overlap record in another order than they began."""
FORWARD: Final = timedelta(days=2)
SHARE: Final = 5
"""One in so many rows."""
LARGE: Final = 1000
"""Rows from which on a table has a share worth speaking of, also where the site was at work all the time."""

_WITNESSES: Final[tuple[tuple[type[models.Model], str], ...]] = (
    (Entry, "at"),
    (JournalEntry, "at"),
    (OutgoingMessage, "created_at"),
    (Effect, "created_at"),
)


WHAT_TO_DO: Final = (
    "The database's clock jumped, or this site stood still for days, and much is due at once, so nothing was deleted."
    " Compare the database's clock with another one. Where it is wrong, set it right: the next sweep goes on by itself."
    " Where it is right, say purge --apply --confirm-clock."
)


def is_doubtful(holdings: Iterable[Holding], *, now: datetime) -> bool:
    """True where nobody should delete at this `now` before somebody looked at the clock."""
    last = SweepRun.objects.exclude(failure=FAILURE).order_by("-id").values_list("at", flat=True).first()
    if last is None:
        return False
    if now < last - BACKWARDS:
        return True
    if now - last <= FORWARD:
        return False
    least = LARGE if _is_witnessed(last, now) else 1
    return any(_would_lose_a_large_share(holding, now, least=least) for holding in holdings)


def _is_witnessed(last: datetime, now: datetime) -> bool:
    """True where the site was at work all the time since the last run. What a jumped clock dated stands behind the gap
    that the jump left, so the gap is what counts, not the newest row."""
    hours = {last, now}
    for model, field in _WITNESSES:
        since = model._base_manager.filter(**{f"{field}__gt": last, f"{field}__lte": now}).order_by()
        hours.update(since.values_list(TruncHour(field), flat=True).distinct())
    return all(later - earlier <= FORWARD for earlier, later in pairwise(sorted(hours)))


def is_waiting() -> bool:
    """True where the last run stopped because of the clock, so that somebody must confirm it or set it right."""
    return SweepRun.objects.order_by("-id").values_list("failure", flat=True).first() == FAILURE


def _would_lose_a_large_share(holding: Holding, now: datetime, *, least: int) -> bool:
    term = period(holding.period).term
    if isinstance(term, Elapsed) and term.length <= FORWARD:
        return False  # links and codes: after two days all of them are over by any clock
    rows = model_of(holding)._base_manager.count()
    if rows < least:
        return False
    if holding.erase_due:
        due = people_due(holding, now=now).count()
    elif is_counted(holding):
        due = due_rows(holding, now=now).count()
    else:
        due = import_string(holding.purge_with)(holding, now=now, apply=False).due
    return bool(due * SHARE > rows)
