"""How the profile is made: few numbers, so that they can be said to the person in plain words (Art. 15(1)(h))."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

PURPOSE: Final = "PROFILING"

LEAST_ITEMS: Final = 3
"""Below so many different items a category says nothing about anybody."""

MOST_CATEGORIES: Final = 5

SPECIAL: Final = frozenset({"health", "politics", "religion", "intimacy", "union"})
"""Categories whose items could tell what Art. 9 protects: never recorded, on no consent that this site asks for."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One item that somebody looked at: its number, the code of its category, and when."""

    item: str
    category: str
    at: datetime


class UnfitView(ValueError):
    """A view without a number or a category; it was not recorded."""
