"""Shows plans and receipts the way people read them: days that are plain text in JSON, lines of one table together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime

register = template.Library()


@register.filter
def instant(text: str) -> str:
    """An ISO instant as local date and time, an ISO day as a date; anything else as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return str(text)
    if not is_aware(moment):
        return date_format(moment, "DATE_FORMAT")
    return date_format(localtime(moment), "DATETIME_FORMAT")


@dataclass(frozen=True, slots=True)
class Together:
    """The lines of a plan or receipt about one table; `count` is None where they speak of different numbers of rows."""

    label: str
    count: int | None
    lines: list[Any]


@register.filter
def together(lines: Iterable[Any]) -> list[Together]:
    """The lines table by table, each in its order: what a table is called is said once."""
    found: dict[str, list[Any]] = {}
    for line in lines:
        found.setdefault(str(_of(line, "label")), []).append(line)
    return [Together(label, _count(group), group) for label, group in found.items()]


def _count(lines: list[Any]) -> int | None:
    counts = {_of(line, "count") for line in lines}
    return counts.pop() if len(counts) == 1 else None


def _of(line: Any, name: str) -> Any:
    """A line of a plan is a value; one of a receipt was read from JSON."""
    return line.get(name) if isinstance(line, dict) else getattr(line, name)
