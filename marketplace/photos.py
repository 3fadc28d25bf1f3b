"""What a seller does with the photos of a listing: add, put in order, describe, take away (clause 8.5, step 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from marketplace.models import Listing, ListingPhoto
from marketplace.models.photos import MOST_PHOTOS
from marketplace.photo_files import remove_files, remove_gone, write_files
from marketplace.pictures import LARGEST_FILE, FileTooLarge, Picture, PictureRefused, make_picture

_ONE_AT_A_TIME: Final = Lock()
"""Some pictures take hundreds of megabytes while they are decoded: never two at once in one process."""


@dataclass(frozen=True, slots=True)
class Added:
    """What came of several files: how many photos stand now that did not, and a sentence for each that was refused."""

    count: int
    refused: tuple[str, ...]


class NoRoom(PictureRefused):
    """The listing has all the photos that it takes."""

    sentence = _("Photo %(number)s was not added: a listing takes ten photos.")


def add_photos(listing: Listing, files: Sequence[UploadedFile], *, now: datetime) -> Added:
    """Make each file a photo of the listing, in the order given, behind those that stand; one that is refused keeps
    none of the others away. Raises Listing.DoesNotExist where the seller is gone."""
    count, refused = 0, []
    for number, file in enumerate(files, start=1):
        try:
            _add(listing, file, now=now)
        except PictureRefused as refusal:
            refused.append(refusal.about(number))
        else:
            count += 1
    return Added(count, tuple(refused))


def _add(listing: Listing, file: UploadedFile, *, now: datetime) -> None:
    if listing.photos.count() >= MOST_PHOTOS:  # nothing is decoded in vain
        raise NoRoom
    picture, photo = _picture_of(file), uuid4()
    try:
        write_files(photo, picture)
        _claim(listing, photo, picture, now=now)
    except BaseException:
        remove_files(photo)
        raise


def _picture_of(file: UploadedFile) -> Picture:
    if file.size is None or file.size > LARGEST_FILE:  # of such a file nothing was kept
        raise FileTooLarge
    with _ONE_AT_A_TIME:
        return make_picture(file.read())


@transaction.atomic
def _claim(listing: Listing, photo: UUID, picture: Picture, *, now: datetime) -> None:
    """The row of files that are written. Whoever adds at the same time waits for the listing."""
    _hold(listing)
    position = listing.photos.count() + 1
    if position > MOST_PHOTOS:
        raise NoRoom
    size = {"width": picture.width, "height": picture.height}
    ListingPhoto.objects.create(pk=photo, listing=listing, position=position, added_at=now, **size)


@transaction.atomic
def move_photo(listing: Listing, photo: UUID, *, up: bool) -> None:
    """Change places with the one before, or behind; at the end of the row nothing happens."""
    found = _photo_of(listing, photo)
    wanted = found.position + (-1 if up else 1)
    if listing.photos.filter(position=wanted).update(position=found.position):
        listing.photos.filter(pk=photo).update(position=wanted)


@transaction.atomic
def remove_photo(listing: Listing, photo: UUID) -> None:
    """Take a photo away; its files go as soon as that is certain."""
    found = _photo_of(listing, photo)
    found.delete()
    listing.photos.filter(position__gt=found.position).update(position=F("position") - 1)
    transaction.on_commit(remove_gone, robust=True)


def say_what_it_shows(listing: Listing, photo: UUID, words: str) -> None:
    """For people who do not see the photo; empty takes it back."""
    listing.photos.filter(pk=photo).update(words=words)


def with_first_photo(listings: QuerySet[Listing]) -> QuerySet[Listing]:
    """For lists: one query for the first photos of all of them, as `first_photos`."""
    first = ListingPhoto.objects.filter(position=1)
    return listings.prefetch_related(Prefetch("photos", queryset=first, to_attr="first_photos"))


def _photo_of(listing: Listing, photo: UUID) -> ListingPhoto:
    """The photo, while nobody else changes the row of photos. Raises ListingPhoto.DoesNotExist."""
    _hold(listing)
    found: ListingPhoto = listing.photos.get(pk=photo)
    return found


def _hold(listing: Listing) -> None:
    """Let nobody else change the listing or erase its seller before this transaction ends: no photo comes to a listing
    whose seller is gone. Raises Listing.DoesNotExist.

    The account first, as an erasure does, so that nobody waits in a circle.
    """
    if listing.seller_id is None:
        raise Listing.DoesNotExist
    User.objects.select_for_update(no_key=True).filter(pk=listing.seller_id).first()
    Listing.objects.select_for_update().get(pk=listing.pk, seller=listing.seller_id)
