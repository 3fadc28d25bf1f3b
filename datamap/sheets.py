"""How a spreadsheet is kept from taking a text for a formula (ASVS 1.2.10)."""

import re
from typing import Final

_FORMULA: Final = re.compile(
    r"[\s\x00-\x20\ufeff\u200b-\u200f\u2028-\u202f\u2060]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]"
)
_BEFORE_FORMULAS: Final = frozenset("=+-@'\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212 ")
_CONTROLS: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], "\N{REPLACEMENT CHARACTER}")


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
