"""Which reason wins where several speak about one row: keep it or let it go (Art. 17(1), 17(3), 18; policy clause 5.2).

Legal hold > statutory minimum > a child's erasure > Art. 18 restriction > erasure request > ordinary term. The longest
minimum delays, the shortest maximum deletes. Pure: no clock, no database; sweeps, plans and tests ask here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Reason(IntEnum):
    """The reasons, the stronger the higher; `TERM`, `ERASURE` and `CHILD` want a row gone, the others want it kept."""

    TERM = 1
    ERASURE = 2
    RESTRICTION = 3
    CHILD = 4
    MINIMUM = 5
    HOLD = 6


KEEPING = frozenset({Reason.RESTRICTION, Reason.MINIMUM, Reason.HOLD})


@dataclass(frozen=True, slots=True)
class Standing:
    """What speaks about one row. `minimums` are ends of statutory minimums, `maximums` ends of storage (both may be
    several), `wish` is what a person asked for: an erasure, or a child's."""

    held: bool = False
    restricted: bool = False
    minimums: tuple[datetime, ...] = ()
    maximums: tuple[datetime, ...] = ()
    wish: Reason | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Kept or not, for which reason (None: nothing asks for its end yet), and what was overruled by it."""

    is_kept: bool
    because: Reason | None
    overruled: tuple[Reason, ...] = ()

    @property
    def is_conflict(self) -> bool:
        """True where one reason had to give way: that is reported, never silent."""
        return bool(self.overruled)


def keepers(against: Reason) -> frozenset[Reason]:
    """The reasons that keep a row although `against` wants it gone."""
    return frozenset(reason for reason in KEEPING if reason > against)


def decide(standing: Standing, *, now: datetime) -> Verdict:
    """Weigh everything that speaks about a row at `now`; an end is reached at its very instant."""
    speaking = _speaking(standing, now)
    strongest = max(speaking, default=None)
    if strongest is None:
        return Verdict(is_kept=True, because=None)
    is_kept = strongest in KEEPING
    overruled = tuple(sorted(reason for reason in speaking if (reason in KEEPING) is not is_kept))
    return Verdict(is_kept, strongest, overruled)


def _speaking(standing: Standing, now: datetime) -> set[Reason]:
    found = {standing.wish} if standing.wish is not None else set()
    if standing.held:
        found.add(Reason.HOLD)
    if standing.restricted:
        found.add(Reason.RESTRICTION)
    if standing.minimums and now < max(standing.minimums):
        found.add(Reason.MINIMUM)
    if standing.maximums and now >= min(standing.maximums):
        found.add(Reason.TERM)
    return found
