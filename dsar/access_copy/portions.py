"""What passes through a copy at a time: some rows of a table, written out twice, and what was learnt of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

FEW_ROWS: Final = 200
"""So many rows of a table the page shows; its CSV file holds all."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows in order.

    csv, json     whole lines with their ends; gives JSON arrays with commas between them
    came, goes    on which days they came to be, and go (ISO 8601)
    first         the first so many of them, as values
    """

    rows: int
    csv: bytes
    json: Callable[[], bytes]
    came: Iterable[str]
    goes: Iterable[str]
    first: Callable[[int], list[Row]]


Take = Callable[[Portion], None]


@dataclass(slots=True)
class Found:
    """What was learnt of one table while its rows went by: so nothing is counted beforehand."""

    rows: int = 0
    came: tuple[date, date] | None = None
    goes: tuple[date, date] | None = None
    first: list[Row] = field(default_factory=list)
    is_broken: bool = False
    as_received: int = 0
    """So many of the rows, the last ones, are there no more and come from the snapshot of the request."""

    def learn(self, portion: Portion) -> None:
        if self.rows < FEW_ROWS:
            self.first += portion.first(FEW_ROWS - self.rows)
        self.rows += portion.rows
        self.came = _span(self.came, portion.came)
        self.goes = _span(self.goes, portion.goes)


def _span(known: tuple[date, date] | None, days: Iterable[str]) -> tuple[date, date] | None:
    found = [*(known or ()), *map(date.fromisoformat, days)]
    return (min(found), max(found)) if found else None
