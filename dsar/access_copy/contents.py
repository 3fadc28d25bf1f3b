"""What of each table goes into a copy: columns, what is described or withheld and why, and the rows (Art. 15)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.registry import model_of, registry
from datamap.terms import Access, Category, SubjectKey
from datamap.trace import Subject, rows_about
from dsar.access_copy.rows import read_rows

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

Spell = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a table as the copy shows it; `shared` ones are shown also in rows of other people."""

    name: str
    attname: str
    label: str
    spell: Spell
    shared: bool


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
    count: int

    @property
    def file(self) -> str:
        return f"tables/{self.holding.model.replace('.', '_').lower()}.csv"

    def rows(self, limit: int | None = None) -> Iterator[list[Any]]:
        """The rows, the person's own first; streamed in chunks, or the first `limit`."""
        for rows, spelt in self._queries():
            names = [column.attname for column in self.columns]
            for *values, end in read_rows(rows, [*names, _end_field(self.holding) or "pk"], limit):
                yield [*(spell(value) for spell, value in zip(spelt, values, strict=True)), _goes_on(self.holding, end)]
            if limit is not None:
                limit = max(0, limit - min(limit, rows[:limit].count()))

    def _queries(self) -> Iterator[tuple[QuerySet[Any], list[Spell]]]:
        own = rows_about(self.holding, self.subject, owned_only=True)
        yield own, [column.spell for column in self.columns]
        if SubjectKey.ALSO in self.holding.about:
            others = rows_about(self.holding, self.subject).exclude(pk__in=own.order_by().values("pk"))
            yield others, [column.spell if column.shared else _of_another for column in self.columns]


def tables_of(subject: Subject) -> list[Table]:
    """Every declared table with its count, zeros included."""
    return [table_for(holding, subject) for holding in registry().holdings]


def table_for(holding: Holding, subject: Subject) -> Table:
    """What a copy shows of one table."""
    fields = {field.name: field for field in model_of(holding)._meta.concrete_fields}
    return Table(
        holding,
        columns=tuple(_columns(holding, fields, subject)),
        omissions=tuple(_omissions(holding, fields)),
        subject=subject,
        count=rows_about(holding, subject).order_by().count(),
    )


def _columns(holding: Holding, fields: dict[str, Any], subject: Subject) -> Iterator[Column]:
    for name, field in fields.items():
        item = holding.personal.get(name)
        if item is None:
            if _is_plain(field):
                yield Column(name, field.attname, _label(field), _speller(field, subject), shared=True)
        elif item.on_access.verdict is Access.DISCLOSE:
            label = str(item.label) or _label(field)
            shared = item.category in FROM_OTHERS or _leads_to_user(field)
            yield Column(name, field.attname, label, _speller(field, subject), shared)
        elif item.on_access.verdict is Access.DESCRIBE:
            yield Column(name, field.attname, str(item.label) or _label(field), _described, shared=False)


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


def _speller(field: Any, subject: Subject) -> Spell:
    if _leads_to_user(field):
        return lambda value: _whose(value, subject)
    if field.choices:
        names = {key: str(label) if isinstance(label, Promise) else label for key, label in field.flatchoices}
        return lambda value: names.get(value, value)
    return _as_it_is


def _whose(user_id: Any, subject: Subject) -> str | None:
    if user_id is None:
        return None
    return _("you") if user_id == subject.user_id else _("another person")


def _as_it_is(value: Any) -> Any:
    return value


def _described(value: Any) -> str | None:
    return _("held, see above") if value not in (None, "", b"") else None


def _of_another(_value: Any) -> str:
    return _("belongs to another person")


def _label(field: Any) -> str:
    return str(field.verbose_name)


def _end_field(holding: Holding) -> str:
    return holding.ends or holding.clock


def _goes_on(holding: Holding, counted: Any) -> datetime | None:
    """When this very row goes, where a date decides and not a criterion."""
    if not isinstance(counted, datetime):
        return None
    return counted if holding.ends else period(holding.period).ends_at(counted)
