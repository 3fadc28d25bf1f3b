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
    """A value as JSON knows it: instants in Riga time with their offset, no NaN."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case date() | time():
            return _instant(value) if isinstance(value, datetime) else value.isoformat()
        case dict():
            return {str(name): json_value(item) for name, item in value.items()}
        case list() | tuple() | set():
            return [json_value(item) for item in value]
        case bytes() | memoryview():
            return bytes(value).hex()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def text_value(value: Any) -> str:
    """A value as a cell of a table holds it: the same as in JSON, and nothing for nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "✓" if value else "–"
        case dict() | list():
            return json.dumps(json_value(value), ensure_ascii=False)
        case _:
            return str(json_value(value))


def _instant(value: datetime) -> str:
    """As PostgreSQL spells an instant in JSON: no zeros after the last digit that says something."""
    text = value.astimezone(RIGA).isoformat()
    if not value.microsecond:
        return text
    head, tail = text[:26], text[26:]
    return f"{head.rstrip('0')}{tail}"


def safe_text(text: str) -> str:
    """A cell that no spreadsheet runs: text that could begin a formula gets an apostrophe before it.

    What a program may skip (blanks, marks of direction) is skipped in the judgement too, full-width signs count, and a
    leading TAB, CR or NUL is never left bare.
    """
    if text.isprintable() and text[:1] not in _BEFORE_FORMULAS:
        return text  # what is skipped before a formula is, but for the blank, not printable; neither are the controls
    if text[:1] in {"\t", "\r", "\n", "\x00", "'"} or _FORMULA.match(text):
        text = f"'{text}"
    return text.translate(_CONTROLS)


def csv_texts(values: Iterable[Any]) -> list[str]:
    """Each value as it stands in a CSV file: texts quoted and inert, numbers bare, nothing for nothing."""
    return [_CSV_OF.get(type(value), _csv_text)(value) for value in values]


def json_texts(values: Iterable[Any]) -> list[str]:
    """Each value as it stands in a JSON file."""
    return [_JSON_OF.get(type(value), _json_text)(value) for value in values]


def _quoted(text: str) -> str:
    return '"' + safe_text(text).replace('"', '""') + '"'


def _csv_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)  # real numbers stay numbers
    return _quoted(text_value(value))


def _json_text(value: Any) -> str:
    return json.dumps(json_value(value), ensure_ascii=False, allow_nan=False)


# By the exact type: subclasses take the long way.
_CSV_OF: Final[dict[type, Callable[[Any], str]]] = {
    str: _quoted,
    int: str,
    datetime: lambda value: f'"{_instant(value)}"',
    NoneType: lambda _: "",
    UUID: lambda value: f'"{value}"',
}
_JSON_OF: Final[dict[type, Callable[[Any], str]]] = {
    str: encode_basestring,
    int: str,
    datetime: lambda value: f'"{_instant(value)}"',
    NoneType: lambda _: "null",
}
