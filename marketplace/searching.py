"""Finding: the words of a listing in its own language, asked for in all three (PostgreSQL full-text search)."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import QuerySet, Value

from accounts.terms import Language
from datamap.registry import registry
from datamap.standstill import concealed, without_restricted
from marketplace.models import Listing
from marketplace.stemming import stemmed
from marketplace.terms import ListingState, Sorting

PAGE: Final = 24
"""Listings on one page of a list."""

_CONFIGURATIONS: Final = {Language.LATVIAN: "simple", Language.ENGLISH: "english", Language.RUSSIAN: "russian"}
_CYRILLIC: Final = re.compile("[а-яё]", re.IGNORECASE)
_ORDERS: Final = {
    Sorting.NEWEST: ("-published_at", "-id"),
    Sorting.CHEAPEST: ("price", "id"),
    Sorting.DEAREST: ("-price", "-id"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor looks for; everything may be left open."""

    words: str = ""
    category: str = ""
    place: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    order: str = Sorting.NEWEST


def note_words(listing: Listing) -> None:
    """Have a listing found by its present title and description, the title first."""
    title, description = listing.title, listing.description
    if listing.language == Language.LATVIAN:
        title, description = stemmed(title), stemmed(description)
    config = _CONFIGURATIONS[Language(listing.language)]
    head = SearchVector(Value(title), weight="A", config=config)
    body = SearchVector(Value(description), weight="B", config=config)
    Listing.objects.filter(pk=listing.pk).update(words=head + body)


def open_listings(*, now: datetime) -> QuerySet[Listing]:
    """What is offered at `now`; nothing of somebody whose processing is restricted (Art. 18)."""
    rows = Listing.objects.filter(state=ListingState.PUBLISHED, ends_at__gt=now, seller__isnull=False)
    return without_restricted(rows)


def find(wish: Wish, *, now: datetime) -> QuerySet[Listing]:
    """The listings that answer a wish, in its order."""
    rows = open_listings(now=now)
    if wish.words:
        rows = rows.filter(words=_asked(wish.words))
    if wish.category:
        rows = rows.filter(category=wish.category)
    if wish.place:
        rows = rows.filter(place=wish.place)
    if wish.least is not None:
        rows = rows.filter(price__gte=wish.least)
    if wish.most is not None:
        rows = rows.filter(price__lte=wish.most)
    return rows.order_by(*_ORDERS[Sorting(wish.order)])


def _asked(words: str) -> Any:
    """The words in each language of their letters, because nobody says in which one she asks."""
    other = Language.RUSSIAN if _CYRILLIC.search(words) else Language.ENGLISH
    query = SearchQuery(stemmed(words), config="simple", search_type="plain")
    return query | SearchQuery(words, config=_CONFIGURATIONS[other], search_type="websearch")


def is_hidden(listing: Listing) -> bool:
    """True for a listing of somebody whose processing is restricted: it is shown to nobody else (Art. 18)."""
    restricted = concealed(registry().holding(Listing))
    return bool(restricted) and Listing.objects.filter(restricted, pk=listing.pk).exists()
