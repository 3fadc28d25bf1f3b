"""One page of a long list, without counting the whole of it."""

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

FARTHEST: Final = 50
"""The last page that is shown: who needs more asks more precisely."""

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of one page, and the addresses of the pages beside it; empty where there is none."""

    rows: list[Row]
    number: int
    newer: str
    older: str


def page_of(rows: QuerySet[Any], asked: QueryDict, *, size: int) -> Page[Any]:
    """The page that `?page=` asks for; what makes no sense is the first."""
    number = _number(asked)
    first = (number - 1) * size
    found = list(rows[first : first + size + 1])
    newer = _query(asked, number - 1) if number > 1 else ""
    older = _query(asked, number + 1) if len(found) > size and number < FARTHEST else ""
    return Page(found[:size], number, newer, older)


def _number(asked: QueryDict) -> int:
    try:
        return min(max(int(asked.get("page", "1")), 1), FARTHEST)
    except ValueError:
        return 1


def _query(asked: QueryDict, page: int) -> str:
    """The same search, another page of it."""
    query = asked.copy()
    query["page"] = str(page)
    return f"?{query.urlencode()}"
