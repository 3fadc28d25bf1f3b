"""Latvian words in the one form under which a search finds them: PostgreSQL has no rules for Latvian.

Marks are taken off the letters, because many people search without them; then the endings of the declensions go, those
of definite adjectives first. It is a rule of thumb: two words may meet in one form, and none is lost by it.
"""

import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_ENDINGS: Final = (
    *("ajiem", "ajam", "ajai", "ajos", "ajas", "ajam", "jiem"),
    *("iem", "ais", "aja", "ajo", "jam", "jas", "jos", "jus"),
    *("am", "as", "ai", "em", "es", "ei", "im", "is", "ie", "os", "us", "um", "ju", "ja"),
    *("a", "e", "i", "o", "s", "u"),
)
"""The longer ones first."""
_LEAST: Final = 3
"""Letters that a word keeps at least."""


def plain(text: str) -> str:
    """Without marks on letters: `velosipēds` and `velosipeds` are one word."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))


def stem(word: str) -> str:
    """The part of a word that its forms share."""
    bare = plain(word)
    for ending in _ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= _LEAST:
            return bare[: -len(ending)]
    return bare


def stemmed(text: str) -> str:
    """All words of a text, as they are stored and as they are asked for."""
    return " ".join(stem(word) for word in _WORD.findall(text))
