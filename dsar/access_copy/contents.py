"""What of each table goes into a copy: columns, what is described or withheld and why, and the rows (Art. 15)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Case, F, Q, QuerySet, When
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from datamap.catalogue import end_of, period
from datamap.declarations import Holding, Unpublished
from datamap.periods import RIGA
from datamap.registry import model_of, registry
from datamap.terms import Access, Category, Source, SubjectKey
from datamap.trace import Subject, rows_about
from dsar.access_copy.rows import Values, read_chunks

FROM_OTHERS: Final = frozenset({Category.FREE_TEXT, Category.PUBLIC_CONTENT})
"""What a person may read of a row that belongs to somebody else: what was said to her, nothing about the other side."""

_PLAIN: Final = (
    models.DateField,
    models.TimeField,
    models.DurationField,
    models.BooleanField,
    models.IntegerField,
    models.DecimalField,
    models.FloatField,
)


class Form(StrEnum):
    """How the database itself can write a column."""

    TEXT = "text"
    PLAIN = "plain"
    NUMBER = "number"
    INSTANT = "instant"


# By the exact type: a field of another class may need Python. Nothing that can be negative, which looks like a formula.
_FORMS: Final[dict[type, Form]] = {
    models.CharField: Form.TEXT,
    models.TextField: Form.TEXT,
    models.UUIDField: Form.PLAIN,
    models.GenericIPAddressField: Form.PLAIN,
    models.PositiveSmallIntegerField: Form.NUMBER,
    models.PositiveIntegerField: Form.NUMBER,
    models.PositiveBigIntegerField: Form.NUMBER,
    models.DateTimeField: Form.INSTANT,
}

_SOONER: Final = "goes_sooner_from"

Spell = Callable[[Values], Values]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a table as the copy shows it; `shared` ones are shown also in rows of other people.

    Where there is a `form`, the database can write the column, with the `labels` of choices; else only `spell` can.
    """

    name: str
    attname: str
    label: str
    spell: Spell
    shared: bool
    form: Form | None = None
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def is_described(self) -> bool:
        """Whether the copy says only that something is held."""
        return self.spell is _described


@dataclass(frozen=True, slots=True)
class Omission:
    """A field that is not copied, and why."""

    label: str
    verdict: Access
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the copy; a row is a list of values in the order of `columns` and then the day it goes."""

    holding: Holding
    columns: tuple[Column, ...]
    omissions: tuple[Omission, ...]
    subject: Subject

    @property
    def file(self) -> str:
        return f"tables/{self.holding.model.replace('.', '_').lower()}.csv"

    @property
    def count(self) -> int:
        """How many rows there are: asked of the database, so not while they are being copied."""
        return rows_about(self.holding, self.subject).order_by().count()

    @property
    def begins_with_clock(self) -> bool:
        """Whether the first column says when a row came to be."""
        return bool(self.holding.clock and self.columns and self.columns[0].name == self.holding.clock)

    def rows(self, limit: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The rows, the person's own first; streamed in chunks, or the first `limit`."""
        for chunk in self.chunks(limit):
            yield from zip(*chunk, strict=True)

    def chunks(self, limit: int | None = None) -> Iterator[list[Values]]:
        """The same, one list of columns for each chunk of rows: a column is spelt at once, not cell by cell."""
        clocks = {self.holding.ends or self.holding.clock or "pk": _goes_on(self.holding)}
        if (own := self.holding.unpublished) is not None and own.period:
            clocks[_SOONER] = _day_of(period(own.period).ends_at)
        names = [*(column.attname for column in self.columns), *clocks]
        for rows, is_own in self.sources():
            spelt = [*self.spellings(is_own=is_own), *clocks.values()]
            for chunk in read_chunks(_with_sooner(rows, own), names, limit):
                cells = [spell(values) for spell, values in zip(spelt, chunk, strict=True)]
                yield [*cells[: len(self.columns)], _first_of(cells[len(self.columns) :])]
                limit = None if limit is None else limit - len(chunk[0])

    def spellings(self, *, is_own: bool) -> list[Spell]:
        """How each column is spelt in the person's own rows, and in those of others."""
        return [column.spell if is_own or column.shared else _of_another for column in self.columns]

    def sources(self) -> Iterator[tuple[QuerySet[Any], bool]]:
        """The person's own rows, then those of others in which she is found too; and which of the two they are."""
        own = rows_about(self.holding, self.subject, owned_only=True)
        yield own, True
        if SubjectKey.ALSO in self.holding.about:
            others = rows_about(self.holding, self.subject).exclude(pk__in=own.order_by().values("pk"))
            yield others, False


def tables_of(subject: Subject) -> list[Table]:
    """Every declared table: first what the person gave, last what came from others."""
    order = list(Source)
    holdings = sorted(registry().holdings, key=lambda holding: order.index(holding.source))
    return [table_for(holding, subject) for holding in holdings]


def table_for(holding: Holding, subject: Subject) -> Table:
    """What a copy shows of one table; when a row came to be is its first column."""
    fields = {field.name: field for field in model_of(holding)._meta.concrete_fields}
    columns = sorted(_columns(holding, fields, subject), key=lambda column: column.name != holding.clock)
    return Table(holding, columns=tuple(columns), omissions=tuple(_omissions(holding, fields)), subject=subject)


def _columns(holding: Holding, fields: dict[str, Any], subject: Subject) -> Iterator[Column]:
    for name, field in fields.items():
        item = holding.personal.get(name)
        if item is None:
            if _is_plain(field):
                column = Column(name, field.attname, _label(field), _speller(field, subject), shared=True)
                yield _shown(column, field, _labels(field))
        elif item.on_access.verdict is Access.DISCLOSE:
            label = str(item.label) or _label(field)
            words = _words(item.words) if item.words else _labels(field)
            speller = _spoken(item.spoken) if item.spoken else _speller(field, subject, words)
            shared = item.category in FROM_OTHERS or _leads_to_user(field)
            column = Column(name, field.attname, label, speller, shared)
            yield column if item.spoken else _shown(column, field, words)
        elif item.on_access.verdict is Access.DESCRIBE:
            yield Column(name, field.attname, str(item.label) or _label(field), _described, shared=False)


def _shown(column: Column, field: Any, words: Mapping[Any, str]) -> Column:
    """The column with what the database needs to write it, where it can."""
    form = _FORMS.get(type(field))
    if form is not Form.TEXT and words:
        return column
    return replace(column, form=form, labels=tuple(words.items()))


def _omissions(holding: Holding, fields: dict[str, Any]) -> Iterator[Omission]:
    for name, item in holding.personal.items():
        if item.on_access.verdict is not Access.DISCLOSE:
            label = str(item.label) or _label(fields[name])
            yield Omission(label, item.on_access.verdict, str(item.on_access.reason))


def _is_plain(field: Any) -> bool:
    """Of fields without personal data the times, states and amounts explain the rest; technical keys do not."""
    if field.primary_key or field.is_relation:
        return False
    return isinstance(field, _PLAIN) or bool(field.choices)


def _leads_to_user(field: Any) -> bool:
    return bool(field.is_relation) and field.related_model is get_user_model()


def _speller(field: Any, subject: Subject, words: Mapping[Any, str] | None = None) -> Spell:
    if _leads_to_user(field):
        return lambda values: [_whose(value, subject) for value in values]
    names = words or _labels(field)
    if names:
        return lambda values: [names.get(value, value) for value in values]
    return _as_it_is


def _labels(field: Any) -> dict[Any, Any]:
    pairs = field.flatchoices if field.choices else ()
    return {key: str(label) if isinstance(label, Promise) else label for key, label in pairs}


def _words(path: str) -> dict[str, str]:
    found = import_string(path)
    words: Mapping[str, Any] = found() if callable(found) else found
    return {code: str(word) for code, word in words.items()}


def _spoken(path: str) -> Spell:
    say: Callable[[str], str] = import_string(path)
    return lambda values: [say(value) if isinstance(value, str) else value for value in values]


def _whose(user_id: Any, subject: Subject) -> str | None:
    if user_id is None:
        return None
    return _("you") if user_id == subject.user_id else _("another person")


def _as_it_is(values: Values) -> Values:
    return values


def _described(values: Values) -> Values:
    held = _("held, see above")
    return [held if value not in (None, "", b"") else None for value in values]


def _of_another(values: Values) -> Values:
    return [_("belongs to another person")] * len(values)


def _label(field: Any) -> str:
    return str(field.verbose_name)


def _goes_on(holding: Holding) -> Spell:
    """On which day each row goes, where a date decides and not a criterion."""
    return _day_of(end_of(holding))


def _day_of(ends_at: Callable[[datetime], datetime | None]) -> Spell:
    def day(value: Any) -> date | None:
        end = ends_at(value) if isinstance(value, datetime) else None
        return end.astimezone(RIGA).date() if end else None

    return lambda values: [day(value) for value in values]


def _with_sooner(rows: QuerySet[Any], own: Unpublished | None) -> QuerySet[Any]:
    """The rows, with the moment from which those among them count that have a term of their own."""
    if own is None or not own.period:
        return rows
    return rows.annotate(**{_SOONER: Case(When(Q(**own.where), then=F(own.clock)))})


def _first_of(days: Sequence[Values]) -> Values:
    """The earliest of the days on which each row goes."""
    if len(days) == 1:
        return days[0]
    return [min((day for day in row if day is not None), default=None) for row in zip(*days, strict=True)]
