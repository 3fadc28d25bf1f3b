"""How single values are spelt in a copy, and how a spreadsheet is kept from taking one for a formula (ASVS 1.2.10)."""

import json
import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from json.encoder import encode_basestring
from types import NoneType
from typing import Any, Final
from uuid import UUID

from datamap.periods import RIGA

_FORMULA: Final = re.compile(
    r"[\s\x00-\x20\ufeff\u200b-\u200f\u2028-\u202f\u2060]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]"
)
_BEFORE_FORMULAS: Final = frozenset("=+-@'\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212 ")
_CONTROLS: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], "\N{REPLACEMENT CHARACTER}")

Json = None | bool | int | float | str | list[Any] | dict[str, Any]


def json_value(value: Any) -> Json:
    """A value as JSON knows it: instants in UTC, numbers as numbers, no NaN."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case datetime() | date() | time():
            return value.isoformat()
        case dict():
            return {str(name): json_value(item) for name, item in value.items()}
        case list() | tuple() | set():
            return [json_value(item) for item in value]
        case bytes() | memoryview():
            return bytes(value).hex()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def text_value(value: Any) -> str:
    """A value as a person reads it: instants in Riga time with their offset, nothing for nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "✓" if value else "–"
        case datetime():
            return _riga_time(value)
        case dict() | list():
            return json.dumps(json_value(value), ensure_ascii=False)
        case _:
            return str(json_value(value))


def _riga_time(value: datetime) -> str:
    return value.astimezone(RIGA).isoformat(sep=" ", timespec="seconds")


def safe_cell(value: Any) -> str | int | float:
    """A cell that no spreadsheet runs: text that could begin a formula gets an apostrophe before it.

    What a program may skip (blanks, marks of direction) is skipped in the judgement too, full-width signs count, and a
    leading TAB, CR or NUL is never left bare. Real numbers stay numbers.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = text_value(value)
    if text[:1] in {"\t", "\r", "\n", "\x00", "'"} or _FORMULA.match(text):
        text = f"'{text}"
    return text.translate(_CONTROLS)


def safe_cells(values: Iterable[Any]) -> list[str | int | float]:
    """What `safe_cell` makes of each value, at the price that a column of a great many rows may cost."""
    return [_CELL_OF.get(type(value), safe_cell)(value) for value in values]


def json_texts(values: Iterable[Any]) -> list[str]:
    """Each value as it stands in a JSON file."""
    return [_JSON_OF.get(type(value), _json_text)(value) for value in values]


def _safe_text(text: str) -> str | int | float:
    # What is skipped before a formula is, but for the blank, not printable; neither are the controls.
    return text if text.isprintable() and text[:1] not in _BEFORE_FORMULAS else safe_cell(text)


def _json_text(value: Any) -> str:
    return json.dumps(json_value(value), ensure_ascii=False, allow_nan=False)


# By the exact type: subclasses take the long way.
_CELL_OF: Final[dict[type, Callable[[Any], str | int | float]]] = {
    str: _safe_text,
    int: int,
    float: float,
    datetime: _riga_time,
    NoneType: lambda _: "",
    UUID: str,
}
_JSON_OF: Final[dict[type, Callable[[Any], str]]] = {
    str: encode_basestring,
    int: str,
    datetime: lambda value: f'"{value.isoformat()}"',
    NoneType: lambda _: "null",
}
