"""The arithmetic of storage periods: when a record under a rule must be gone (Art. 5(1)(e)).

Storage ends never roll to a working day and clamp downwards: a maximum is never rounded up.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from datamap.terms import Text

RIGA = ZoneInfo("Europe/Riga")


@dataclass(frozen=True, slots=True)
class Elapsed:
    """A term counted in elapsed time, whatever the clocks on the wall do: 20 weeks = 140 x 24 h."""

    length: timedelta

    def ends_at(self, start: datetime) -> datetime:
        return start.astimezone(UTC) + self.length

    def latest_due_start(self, now: datetime) -> datetime:
        """Everything that started at or before this instant is due at `now`."""
        return now.astimezone(UTC) - self.length


@dataclass(frozen=True, slots=True)
class CalendarYears:
    """A term of calendar years in Riga time: 29 February clamps down to 28 February."""

    years: int

    def ends_at(self, start: datetime) -> datetime:
        local = start.astimezone(RIGA)
        year = local.year + self.years
        day = min(local.day, monthrange(year, local.month)[1])
        wall = local.replace(year=year, day=day, fold=local.fold)
        end = wall.astimezone(UTC)
        if end.astimezone(RIGA).replace(tzinfo=None) != wall.replace(tzinfo=None):
            # The clocks skip this hour in spring: the end is the jump itself, not an hour later.
            end = end.replace(minute=0, second=0, microsecond=0)
        return end


@dataclass(frozen=True, slots=True)
class FullYearsAfter:
    """Full calendar years after the year of the start, Riga time: ends at midnight of a 1 January."""

    years: int

    def ends_at(self, start: datetime) -> datetime:
        year = start.astimezone(RIGA).year + self.years + 1
        return datetime(year, 1, 1, tzinfo=RIGA).astimezone(UTC)


Term = Elapsed | CalendarYears | FullYearsAfter


class Ending(StrEnum):
    """What the end of a period does to a record."""

    DELETE = "delete"
    BLANK = "blank"
    DESTROY_KEY = "destroy the key, then delete"
    REVIEW = "review once a year"
    CLOSE = "close: shown no more"
    NOTHING = "nothing: no data about persons"


@dataclass(frozen=True, slots=True)
class Period:
    """One storage rule: `term` is None where only a criterion ends the storage (the life of an account).

    `source` names the clause or act, `label` is what a person reads, `starts` what starts the count,
    `rule` the row of the retention table (T1-T22), `ending` what the end does. The rule is law for this site from
    `valid_from` on; one that does not apply to it today has `applies` False and a `source` that says when it would.
    """

    code: str
    label: Text
    term: Term | None
    source: str
    starts: Text = ""
    rule: str = ""
    ending: Ending = Ending.DELETE
    valid_from: date = date(2018, 5, 25)
    applies: bool = True

    def ends_at(self, start: datetime) -> datetime | None:
        """When a record that started at `start` (aware) must be gone, in UTC; None where a criterion decides."""
        return None if self.term is None else self.term.ends_at(start)

    def is_due(self, start: datetime, *, now: datetime) -> bool:
        """True from the very instant of the end on: the boundary is inclusive."""
        end = self.ends_at(start)
        return end is not None and now >= end
