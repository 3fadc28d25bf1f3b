"""Asks before a sweep believes a clock that jumped: what is deleted too early cannot be brought back (security R6).

Two signs. The database's clock stands before the last run: then nothing is deleted. Or it stands more than two days
after it and more than a fifth of a large table is due at once: a beat that was dead for three weeks leaves less than
that of the twenty weeks' log, a clock that jumped by months leaves more. `purge --apply --confirm-clock` goes on.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.utils.module_loading import import_string

from datamap.declarations import Holding
from datamap.registry import model_of
from retention.models import SweepRun
from retention.rules import due_rows, is_counted, people_due

FAILURE: Final = "clock"
BACKWARDS: Final = timedelta(minutes=10)
"""Runs that overlap record in another order than they began."""
FORWARD: Final = 48 * timedelta(hours=1)
SHARE: Final = 5
"""One in so many rows."""
LARGE: Final = 1000
"""Rows from which on a table has a share worth speaking of."""


def is_doubtful(holdings: Iterable[Holding], *, now: datetime) -> bool:
    """True where nobody should delete at this `now` before somebody looked at the clock."""
    last = SweepRun.objects.exclude(failure=FAILURE).order_by("-id").values_list("at", flat=True).first()
    if last is None:
        return False
    if now < last - BACKWARDS:
        return True
    return now - last > FORWARD and any(_would_lose_a_large_share(holding, now) for holding in holdings)


def is_waiting() -> bool:
    """True where the last run stopped because of the clock, so that somebody must confirm it or set it right."""
    return SweepRun.objects.order_by("-id").values_list("failure", flat=True).first() == FAILURE


def _would_lose_a_large_share(holding: Holding, now: datetime) -> bool:
    rows = model_of(holding)._base_manager.count()
    if rows < LARGE:
        return False
    if holding.erase_due:
        due = people_due(holding, now=now).count()
    elif is_counted(holding):
        due = due_rows(holding, now=now).count()
    else:
        due = import_string(holding.purge_with)(holding, now=now, apply=False).due
    return bool(due * SHARE > rows)
