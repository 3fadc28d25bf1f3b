"""What must be true of a history, worked out without the site's own arithmetic of terms."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Model

from datamap.trace import Subject

RIGA: Final = ZoneInfo("Europe/Riga")
TWENTY_WEEKS: Final = timedelta(days=140)
COPY_TERM: Final = timedelta(days=30)
BACKUP_TERM: Final = timedelta(days=35)
OPT_IN: Final = timedelta(days=7)


@dataclass(slots=True)
class Fact:
    """A row that was written, and when it must be gone; None while nothing has begun to count."""

    row: Model
    ends: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.ends is not None and self.ends <= now


@dataclass(slots=True, eq=False)
class Person:
    """Somebody of the history: her account, her canary, and what of hers goes or stays when she leaves."""

    user: Any
    subject: Subject
    canary: str
    address: str
    personal: list[Fact] = field(default_factory=list)
    kept: list[Fact] = field(default_factory=list)
    restrictions: dict[str, UUID] = field(default_factory=dict)
    case_number: str = ""
    plan_digest: str = ""
    objected: bool = False
    child: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    """How many rows of each table the receipt of her erasure speaks of."""

    @property
    def facts(self) -> Iterator[Fact]:
        yield from self.personal
        yield from self.kept

    @property
    def wants_it_kept(self) -> bool:
        """Art. 18(1)(b)-(c): the rows may not go either."""
        return bool(self.restrictions.keys() & {"b", "c"})

    def facts_of(self, kind: type[Model]) -> list[Fact]:
        return [fact for fact in self.facts if isinstance(fact.row, kind)]


@dataclass(slots=True, eq=False)
class Held:
    """A legal hold: the rows of a table that it covers, and the rows of erased people of which it keeps a copy."""

    number: UUID
    model: type[Model]
    condition: Callable[[Any], bool]
    confirmed: bool = False
    copies: dict[str, set[Any]] = field(default_factory=dict)
    """Keys of the rows, for the case number of each erasure."""

    def covers(self, row: Model) -> bool:
        return isinstance(row, self.model) and self.condition(row)


def years_after(start: datetime, years: int) -> datetime:
    """The same day in Riga so many years later; 29 February becomes the 28th."""
    local = start.astimezone(RIGA)
    year = local.year + years
    return local.replace(year=year, day=min(local.day, monthrange(year, local.month)[1])).astimezone(UTC)
