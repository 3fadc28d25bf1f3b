"""What is given out about a person: the rows of the tables in scope, and of them only what may be read (Q8.5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datamap.declarations import Holding
from datamap.register import categories_of
from datamap.registry import model_of, registry
from datamap.terms import Access
from datamap.trace import Subject, rows_about

_NEVER = frozenset({"vault.DataKey", "registers.Disclosure", "registers.AuthorityRequest"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Which tables, and from when to when their rows may be; an open end is no bound. `until` itself is outside."""

    tables: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """The data of one disclosure: table by table the rows, field by field. Nothing else is ever handed over."""

    number: str
    recipient: str
    subject: Subject
    scope: Scope

    def tables(self) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
        """The name of each table and its rows, streamed."""
        for name in self.scope.tables:
            yield name, self._rows(registry().holding(name))

    def _rows(self, holding: Holding) -> Iterator[dict[str, Any]]:
        rows = rows_about(holding, self.subject, owned_only=True)
        if holding.clock and self.scope.since is not None:
            rows = rows.filter(**{f"{holding.clock}__gte": self.scope.since})
        if holding.clock and self.scope.until is not None:
            rows = rows.filter(**{f"{holding.clock}__lt": self.scope.until})
        fields = [field for field in model_of(holding)._meta.concrete_fields if field.name in _disclosed(holding)]
        for row in rows.iterator(chunk_size=1000):
            yield {field.name: getattr(row, field.attname) for field in fields}


def _disclosed(holding: Holding) -> set[str]:
    """The fields that the person herself may read, and the moment that the row counts from."""
    shown = {name for name, item in holding.personal.items() if item.on_access.verdict is Access.DISCLOSE}
    return shown | ({holding.clock} if holding.clock else set())


def disclosable() -> list[Holding]:
    """The tables that can be in the scope of a disclosure."""
    return [holding for holding in registry().holdings if holding.model not in _NEVER and _disclosed(holding)]


def categories_in(tables: tuple[str, ...]) -> list[str]:
    """The categories of data in these tables, each once."""
    found = [word for name in tables for word in categories_of(registry().holding(name))]
    return list(dict.fromkeys(found))
