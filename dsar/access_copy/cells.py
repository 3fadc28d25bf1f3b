"""How single values are spelt in a copy."""

import json
import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from json.encoder import encode_basestring
from types import NoneType
from typing import Any, Final
from uuid import UUID

from datamap.periods import RIGA
from datamap.sheets import safe_text

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
