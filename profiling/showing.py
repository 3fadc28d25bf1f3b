"""The profile as its owner sees it: each line, the views it comes from, and until when (Art. 15(1)(h))."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from datamap.catalogue import period
from profiling.models import Interest, ItemView

MOST_SHOWN: Final = 100
"""So many views on the page; the copy of one's data has all."""


@dataclass(frozen=True, slots=True)
class ShownView:
    """One view and the moment at which it is forgotten."""

    item: str
    category: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """The lines of a profile, the newest views it was made from, and how many there are."""

    lines: Sequence[Interest]
    views: Sequence[ShownView]
    count: int


def profile_of(user_id: UUID) -> Shown:
    """Everything that is held for the profile of an account."""
    views, term = ItemView.objects.filter(user_id=user_id), period("PROFILE")
    return Shown(
        lines=list(Interest.objects.filter(user_id=user_id)),
        views=[ShownView(one.item, one.category, one.at, term.ends_at(one.at)) for one in views[:MOST_SHOWN]],
        count=views.count(),
    )
