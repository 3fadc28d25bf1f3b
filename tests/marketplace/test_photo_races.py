"""Two at once at the photos of one listing: files and rows agree, and no photo comes to who has left (F24)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from marketplace.models import GoneFile, Listing, ListingPhoto
from marketplace.photo_files import remove_gone
from marketplace.photos import add_photos, move_photo, remove_photo
from retention.erasure import PlanChanged
from tests.marketplace.conftest import draft
from tests.marketplace.test_leaving import leave
from tests.marketplace.test_photos import media, names, of, order, uploaded, with_photos

__all__ = ["media"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("published_texts"),
    pytest.mark.requirement("F24"),
]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What came of each, all begun at the same moment."""
    gate = Barrier(len(acts))

    def alone(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait(30)
            return act()
        except (PlanChanged, Listing.DoesNotExist, ListingPhoto.DoesNotExist) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return [one.result(60) for one in [crowd.submit(alone, act) for act in acts]]


def test_two_uploads_at_once_fill_the_places_and_no_more(person: User, media: Path) -> None:
    listing = draft(person)

    def add() -> Any:
        return add_photos(listing, [uploaded() for _number in range(7)], now=timezone.now())

    one, other = at_once(add, add)
    assert one.count + other.count == 10
    assert len(one.refused) + len(other.refused) == 4
    assert sorted(listing.photos.values_list("position", flat=True)) == list(range(1, 11))
    assert names(media) == of(*order(listing))


def test_removing_moving_and_adding_at_once_leave_one_row_without_gaps(person: User, media: Path) -> None:
    listing = draft(person)
    photos = with_photos(listing, 5)
    at_once(
        lambda: remove_photo(listing, photos[1]),
        lambda: remove_photo(listing, photos[1]),
        lambda: remove_photo(listing, photos[4]),
        lambda: move_photo(listing, photos[3], up=True),
        lambda: add_photos(listing, [uploaded()], now=timezone.now()),
    )
    assert sorted(listing.photos.values_list("position", flat=True)) == [1, 2, 3, 4]
    assert names(media) == of(*order(listing))
    assert GoneFile.objects.count() == 0


@pytest.mark.clause("Q2.1")
def test_what_is_added_while_its_seller_is_erased_is_erased_or_never_comes(person: User, media: Path) -> None:
    listing = draft(person)
    with_photos(listing, 2)
    at_once(
        lambda: leave(person),
        lambda: add_photos(listing, [uploaded()], now=timezone.now()),
        remove_gone,
    )
    if User.objects.filter(pk=person.pk).exists():  # the plan was an older one: confirmed again
        leave(person)
    assert ListingPhoto.objects.count() == 0
    assert names(media) == set()
