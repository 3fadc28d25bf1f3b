"""Reads what a browser reports of the use of a page: bounded, strictly typed, without any text (policy clause 5.2)."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple, Never
from urllib.parse import unquote
from zoneinfo import available_timezones

from django.conf import settings
from django.urls import Resolver404, resolve

from audit.addresses import clean_path, is_staff_page, secrets_of
from visits.models import ELEMENTS_LENGTH, PATH_LENGTH
from visits.terms import Exit

LARGEST: Final = 8192
MOST_USES: Final = 20
_LONGEST_PATH: Final = 2048
_MOST_ELEMENTS: Final = 20
_MOST_SECONDS: Final = 24 * 3600
_MOST_CLICKS: Final = 10_000
_ZONE: Final = re.compile(r"[A-Za-z0-9_+\-/]{1,40}")


class ReportRefused(ValueError):
    """The report is not one that our own script could have sent."""


class Reported(NamedTuple):
    """One look at a page, as the browser tells of it."""

    path: str
    time_zone: str
    seconds: int
    scroll: int
    clicks: int
    elements: str
    exit: str
    pdf_viewer: bool | None


def read_report(body: bytes) -> list[Reported]:
    """The looks at pages in a report, at most 20; those at pages of the staff or of nobody are left out.

    Raises ReportRefused for everything else than a list of objects with exactly the fields of the script, each of its
    type and within its bounds.
    """
    try:
        found = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ReportRefused("not JSON") from None
    if not isinstance(found, list) or not 0 < len(found) <= MOST_USES:
        raise ReportRefused("not a short list")
    read = [_read(item) for item in found]
    return [item for item in read if item.path]


def _read(item: Any) -> Reported:
    if not isinstance(item, dict) or item.keys() != _FIELDS.keys():
        raise ReportRefused("other fields than ours")
    return Reported(**{name: field(item[name]) for name, field in _FIELDS.items()})


def _path(value: Any) -> str:
    """The page without secrets and without its query; empty for what is no page of ours, or one of the staff."""
    path = unquote(_text(value, _LONGEST_PATH), errors="replace")
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return "" if is_staff_page(match) else clean_path(path, secrets=secrets_of(match), limit=PATH_LENGTH)


def _time_zone(value: Any) -> str:
    zone = _text(value, 64)
    return zone if _ZONE.fullmatch(zone) and zone in _zones() else ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _elements(value: Any) -> str:
    """The clicked parts that we declared; any other word is dropped, it could be somebody's."""
    if not isinstance(value, list) or len(value) > _MOST_ELEMENTS:
        raise ReportRefused("not a short list of parts")
    named = {_text(item, 64) for item in value}
    return " ".join(sorted(named & set(settings.VISITS_COUNTED_ELEMENTS)))[:ELEMENTS_LENGTH]


def _exit(value: Any) -> str:
    if _text(value, 16) not in Exit.values:
        raise ReportRefused("no way to leave a page")
    return str(value)


def _pdf_viewer(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise ReportRefused("neither yes nor no")
    return value


def _number(most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        # True is a number to Python.
        if type(value) is not int or not 0 <= value <= most:
            raise ReportRefused("no number within its bounds")
        return int(value)

    return read


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ReportRefused("no short text")
    return value


def _refuse(_word: str) -> Never:
    raise ReportRefused("not a number")


_FIELDS: Final[dict[str, Callable[[Any], Any]]] = {
    "path": _path,
    "time_zone": _time_zone,
    "seconds": _number(_MOST_SECONDS),
    "scroll": _number(100),
    "clicks": _number(_MOST_CLICKS),
    "elements": _elements,
    "exit": _exit,
    "pdf_viewer": _pdf_viewer,
}
