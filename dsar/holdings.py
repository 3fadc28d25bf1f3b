"""What we hold about a person in numbers and plain words: how much, why, until when, and who got it (Art. 13-15)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue, end_of, period
from datamap.declarations import Holding, Purpose
from datamap.periods import RIGA
from datamap.processors import handlers
from datamap.registry import registry
from datamap.terms import LawfulBasis, Text
from datamap.trace import Reading, Subject
from datamap.transfers import received_about
from dsar.countries import country_name


@dataclass(frozen=True, slots=True)
class Held:
    """How much one table holds about the person, and the first and the last day on which some of it goes.

    The days are None where no date decides; `open` counts the rows for which it is not yet known.
    """

    holding: Holding
    rows: int
    open: int = 0
    first: date | None = None
    last: date | None = None

    @property
    def label(self) -> Text:
        return self.holding.label

    @property
    def basis(self) -> LawfulBasis | None:
        """Why the law lets us hold it, where that is something else than for the purpose as a whole."""
        own = self.holding.basis
        return None if own is catalogue().purposes[self.holding.purposes[0]].basis else own

    @property
    def until(self) -> str:
        """Until when it stays: a day, else the event that ends it."""
        if self.last is None:
            return self._event
        days = self._days
        return days if not self.open else _("%(days)s; the rest: %(event)s") % {"days": days, "event": self._event}

    @property
    def _days(self) -> str:
        if self.first == self.last or self.first is None:
            return _("until %(day)s") % {"day": _day(self.last)}
        return _("the first goes on %(first)s, the last on %(last)s") % {
            "first": _day(self.first),
            "last": _day(self.last),
        }

    @property
    def _event(self) -> str:
        rule = period(self.holding.period)
        if rule.term is None or not str(rule.starts):
            return str(rule.label)
        return _("%(term)s, counted from: %(start)s") % {"term": rule.label, "start": rule.starts}


@dataclass(frozen=True, slots=True)
class Group:
    """What is held for one purpose first of all."""

    purpose: Purpose
    held: tuple[Held, ...]

    @property
    def rows(self) -> int:
        return sum(item.rows for item in self.held)


@dataclass(frozen=True, slots=True)
class GotIt:
    """Somebody outside who got something about the person: who, what for, and what and when."""

    name: str
    service: Text
    what: Text
    country: str = ""
    safeguard: Text = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that is held about one person; `searched` counts the tables that were asked."""

    groups: tuple[Group, ...]
    recipients: tuple[GotIt, ...]
    searched: int

    @property
    def found(self) -> int:
        return sum(len(group.held) for group in self.groups)

    @property
    def rows(self) -> int:
        return sum(group.rows for group in self.groups)


def holdings_about(reading: Reading) -> Holdings:
    """What the map finds about the person, by the purpose that comes first for each table, and who got some of it."""
    held = [item for item in held_about(reading) if item.rows]
    groups = (
        Group(purpose, tuple(item for item in held if item.holding.purposes[0] == code))
        for code, purpose in catalogue().purposes.items()
    )
    return Holdings(
        tuple(group for group in groups if group.held),
        tuple(_recipients(reading.subject, held)),
        len(registry().holdings),
    )


def held_about(reading: Reading) -> list[Held]:
    """How much each table holds about the person, those with nothing included; one statement for each database."""
    questions: dict[str, list[QuerySet[Any, Any]]] = {}
    for holding in registry().holdings:
        question = _question(holding, reading)
        questions.setdefault(question.db, []).append(question)
    found = {row[0]: row[1:] for first, *others in questions.values() for row in first.union(*others, all=True)}
    return [_held(item, *found.get(item.model, (0, 0, None, None, None))) for item in registry().holdings]


def _question(holding: Holding, reading: Reading) -> QuerySet[Any, Any]:
    """How many rows, how many of them without a beginning or end yet, the first and last of these, and the first of the
    rows that have a shorter term of their own."""
    counting, own = holding.ends or holding.clock, holding.unpublished
    # A row to which several ways lead through another table comes once for each.
    many = any("__" in str(way) for _kind, way in holding.ways)
    nothing: Any = Cast(Value(None), DateTimeField())
    rows = reading.rows(holding)
    sums: dict[str, Any] = {
        "held": Count("pk", distinct=many),
        "open": Count("pk", distinct=many, filter=Q(**{f"{counting}__isnull": True})) if counting else Value(0),
        "first": Min(counting, output_field=DateTimeField()) if counting else nothing,
        "last": Max(counting, output_field=DateTimeField()) if counting else nothing,
        "sooner": Min(Case(When(Q(**own.where), then=F(own.clock)))) if own and own.period else nothing,
    }
    return rows.annotate(held_in=Value(holding.model)).values("held_in").annotate(**sums).values_list("held_in", *sums)


def _held(holding: Holding, rows: int, unknown: int, *ends: datetime | None) -> Held:
    first, last, sooner = ends
    own = holding.unpublished
    by_own_term = period(own.period).ends_at(sooner) if own and sooner else None
    goes = [end for end in (_end(holding, first), by_own_term) if end]
    return Held(holding, rows, unknown, _in_riga(min(goes, default=None)), _in_riga(_end(holding, last)))


def _end(holding: Holding, counted: datetime | None) -> datetime | None:
    return end_of(holding)(counted) if counted else None


def _in_riga(moment: datetime | None) -> date | None:
    return moment.astimezone(RIGA).date() if moment else None


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def _recipients(subject: Subject, held: Iterable[Held]) -> Iterator[GotIt]:
    """Those of the catalogue that got something, and everybody to whom a disclosure is on record.

    Whoever gets only what some tables hold, and is on record only in them, is not asked after where they are empty.
    """
    filled = [item.holding for item in held]
    named = {code for holding in registry().holdings for code in holding.recipients}
    may_have = {code for holding in filled for code in holding.recipients}
    for code, handler in handlers().items():
        if (code in may_have or code not in named) and (what := handler.describe(subject)):
            item = catalogue().recipients[code]
            yield GotIt(item.name, item.service, what, country_name(item.country), item.safeguard.label)
    keepers = {path.partition(".")[0] for path in registry().disclosers}
    if any(holding.model.partition(".")[0] in keepers for holding in filled):
        for told in received_about(subject):
            yield GotIt(told.name, told.ground, told.what)
