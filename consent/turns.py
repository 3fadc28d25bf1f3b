"""Whose turn it is when one person decides twice at once, and which moment a decision gets (Art. 7(3), security L7).

Decisions of one person are taken one after another, those of different people wait for nobody. In doubt the answer is
no: a grant that was on its way while a withdrawal was recorded does not overtake it.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from consent.queries import last_decided_at
from datamap.once import forget

ON_THE_WAY: Final = timedelta(minutes=1)
"""As long as a request may be under way at most: a grant whose clock stands no more than this before the last decision
was made beside it. By more, the clock was set back since, and the grant is the later of the two."""

_INSTANT: Final = timedelta(microseconds=1)
_TURN: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def take_turn(whose: str) -> None:
    """Wait until nobody else decides for this person; until the caller's transaction ends nobody else does."""
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [f"consent:{whose}"])
    forget()


def moment_of_ending(whose: str, purpose: str, *, now: datetime, scope: str = "") -> datetime:
    """The time of a no that is said now: behind what was decided before it, whatever the clock says."""
    last = last_decided_at(whose, purpose, scope=scope)
    return last + _INSTANT if last and now < last else now


def moment_of_grant(last: datetime | None, *, now: datetime) -> datetime:
    """The time of a yes that is said now, where something was decided at `last`: its own, so that a no that came first
    by a moment keeps holding; behind it only where the clock was set back."""
    return last + _INSTANT if last and last - now > ON_THE_WAY else now
