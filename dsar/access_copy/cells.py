"""How single values are spelt in a copy, and how a spreadsheet is kept from taking one for a formula (ASVS 1.2.10)."""

import json
import math
import re
from datetime import date, datetime, time
from typing import Any, Final

from datamap.periods import RIGA

_FORMULA: Final = re.compile(
    r"[\s\x00-\x20\ufeff\u200b-\u200f\u2028-\u202f\u2060]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]"
)
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
            return value.astimezone(RIGA).isoformat(sep=" ", timespec="seconds")
        case dict() | list():
            return json.dumps(json_value(value), ensure_ascii=False)
        case _:
            return str(json_value(value))


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
