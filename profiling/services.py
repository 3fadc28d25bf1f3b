"""Recording views, computing the profile, using it and ending it: each but the last on consent alone (Q7.5)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max

from consent.turns import take_turn
from datamap.catalogue import length_of
from datamap.registry import registry
from datamap.standstill import without_kept
from datamap.trace import Subject
from datamap.uses import NotPermitted, on_consent
from profiling.models import CATEGORY_LENGTH, ITEM_LENGTH, Interest, ItemView
from profiling.terms import LEAST_ITEMS, MOST_CATEGORIES, PURPOSE, SPECIAL, Seen, UnfitView
from vault.tokens import subject_token

R = TypeVar("R")


def record_view(person: Subject, seen: Seen, *, now: datetime) -> bool:
    """Record that somebody looked at an item, and bring the profile up to date; False where nothing was recorded.

    For whoever shows items: without a consent, and for categories that could tell what Art. 9 protects, it does nothing
    at all. Raises UnfitView.
    """
    if not (0 < len(seen.item) <= ITEM_LENGTH and 0 < len(seen.category) <= CATEGORY_LENGTH):
        raise UnfitView("A view has a number and a category.")
    if seen.category in SPECIAL:
        return False
    try:
        _alone(person, lambda: _record(person, seen, now=now))
    except NotPermitted:
        return False
    return True


def compute(person: Subject, *, now: datetime) -> int:
    """Compute the profile anew from the views of its term; how many lines it has. Raises NotPermitted."""
    return _alone(person, lambda: _compute(person, now=now))


@on_consent("PROFILING")
def favourites(person: Subject, *, now: datetime) -> list[str]:
    """Says which categories to show first to this person, the strongest first."""
    lines = Interest.objects.filter(user_id=_account(person), last_at__gt=now - length_of("PROFILE"))
    return list(lines.values_list("category", flat=True))


def end(user_id: UUID, purpose: str, *, scope: str = "", now: datetime) -> None:
    """Erase profile and views when the consent ends, in the transaction that ends it; what must be kept is not used."""
    if purpose != PURPOSE:
        return
    # What a legal hold or the person herself wants kept stays, and the gate keeps it from use (Art. 18).
    for model in (Interest, ItemView):
        rows = model._default_manager.filter(user_id=user_id)
        without_kept(rows, registry().holding(model)).delete()


def _alone(person: Subject, write: Callable[[], R]) -> R:
    """A withdrawal comes before it, or waits and finds what was written."""
    with transaction.atomic():
        take_turn(subject_token(_account(person)))
        return write()


def _account(person: Subject) -> UUID:
    if person.user_id is None:
        raise UnfitView("A profile belongs to an account.")
    return person.user_id


@on_consent("PROFILING")
def _record(person: Subject, seen: Seen, *, now: datetime) -> None:
    """Records an item that the person looks at, for the profile."""
    ItemView.objects.create(user_id=_account(person), item=seen.item, category=seen.category, at=seen.at)
    _write(_account(person), now=now)


@on_consent("PROFILING")
def _compute(person: Subject, *, now: datetime) -> int:
    """Computes the profile anew from the views of its term."""
    return _write(_account(person), now=now)


def _write(user_id: UUID, *, now: datetime) -> int:
    """The categories with the most different items; the same item seen again counts once."""
    views = ItemView.objects.filter(user_id=user_id, at__gt=now - length_of("PROFILE"), at__lte=now)
    counted = views.order_by().values("category").annotate(items=Count("item", distinct=True), last_at=Max("at"))
    strongest = counted.filter(items__gte=LEAST_ITEMS).order_by("-items", "category")[:MOST_CATEGORIES]
    lines = [Interest(user_id=user_id, computed_at=now, **line) for line in strongest]
    Interest.objects.filter(user_id=user_id).delete()
    Interest.objects.bulk_create(lines)
    return len(lines)
