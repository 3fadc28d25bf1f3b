"""When, where, how and why data of a person were used, newest first: from the sources and in the words of her copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from django.db.models import CharField, F, JSONField, QuerySet, Value
from django.db.models.functions import Cast, JSONObject
from django.utils.text import capfirst

from datamap.catalogue import catalogue
from datamap.declarations import Happening, Holding
from datamap.registry import registry
from datamap.terms import Text, Use
from datamap.trace import Reading
from dsar.access_copy.contents import table_for

ON_PORTAL: Final = 10
ON_PAGE: Final = 50
LAST_PAGE: Final = 200
"""So many pages back a time line goes on the screen; all of it is in the copy."""

_UNKNOWN: Final = "–"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line: what happened when, and why."""

    at: datetime
    use: Use
    says: str
    why: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page of it."""

    moments: tuple[Moment, ...]
    page: int
    has_older: bool


def timeline(reading: Reading, *, use: Use | None = None, page: int = 1, size: int = ON_PAGE) -> Timeline:
    """A page of the time line, of one kind alone where `use` names it; one statement for each database."""
    until = page * size + 1
    questions: dict[str, list[QuerySet[Any, Any]]] = {}
    sources = {f"{holding.model}/{number}": (holding, item) for holding, number, item in _sources(use)}
    for key, (holding, item) in sources.items():
        question = _question(reading, holding, item).annotate(source=Value(key, CharField()))
        newest = question.order_by("-happened").values_list("happened", "source", "told")[:until]
        questions.setdefault(question.db, []).append(newest)
    found = merge(*(_together(parts)[:until] for parts in questions.values()), key=itemgetter(0), reverse=True)
    rows = list(islice(found, until - size - 1, until))
    words = {key: _Words(reading, *sources[key]) for key in {row[1] for row in rows[:size]}}
    moments = tuple(words[key].moment(at, told) for at, key, told in rows[:size])
    return Timeline(moments, page, has_older=len(rows) > size)


def _together(parts: list[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    """The rows of several sources, newest first; Django does not sort the union of a single one."""
    first, *others = parts
    return first.union(*others, all=True).order_by("-happened") if others else first


def _sources(use: Use | None) -> Iterator[tuple[Holding, int, Happening]]:
    for holding in registry().holdings:
        for number, item in enumerate(holding.happenings):
            if use in {None, item.use}:
                yield holding, number, item


def _question(reading: Reading, holding: Holding, item: Happening) -> QuerySet[Any, Any]:
    names = [*item.of, *filter(None, [item.because])]
    rows = reading.rows(holding).filter(**item.where, **{f"{item.at}__isnull": False})
    told: Any = JSONObject(**{name: name for name in names}) if names else Cast(Value("{}"), JSONField())
    return rows.annotate(happened=F(item.at), told=told)


class _Words:
    """Says the rows of one source in the active language, each value as the copy spells it."""

    def __init__(self, reading: Reading, holding: Holding, item: Happening) -> None:
        self._columns = {column.name: column for column in table_for(holding, reading.subject).columns}
        self._item = item
        self._purpose: Text = catalogue().purposes[holding.purposes[0]].description

    def moment(self, at: datetime, told: dict[str, Any]) -> Moment:
        spelt = {name: str(self._spelt(name, told[name]) or _UNKNOWN) for name in self._item.of}
        because = self._item.because
        why = self._spelt(because, told[because]) if because else ""
        return Moment(at, self._item.use, capfirst(str(self._item.says) % spelt), str(why or self._purpose))

    def _spelt(self, name: str, value: Any) -> Any:
        return self._columns[name].spell([value])[0]
