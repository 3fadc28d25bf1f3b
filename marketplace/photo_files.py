"""The files of photos in the default storage, and how they go when their row has gone (Art. 17; clauses Q2.1, Q10.6).

A file is written before its row is, and taken away after it: what a crash leaves between the two is a file without a
row, and the sweep takes that.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from datamap.catalogue import latest_due_start
from datamap.declarations import Store
from datamap.held_files import FileUnreadable, HeldFile
from datamap.registry import registry
from datamap.sweeping import SweepCounts, end_each
from datamap.trace import Subject, rows_about
from marketplace.models import GoneFile, ListingPhoto
from marketplace.pictures import Picture

FOLDER: Final = "listings"
FILES_OF_A_PHOTO: Final = 2

_ENDINGS: Final = ("-small.webp", ".webp")
_BATCH: Final = 1000


def name_of_file(photo: UUID, *, small: bool = False) -> str:
    """Where in the storage a file lies."""
    return f"{FOLDER}/{photo}{_ENDINGS[0] if small else _ENDINGS[1]}"


def write_files(photo: UUID, picture: Picture) -> None:
    """Keep both files, before the row that claims them."""
    for small, content in ((False, picture.large), (True, picture.small)):
        default_storage.save(name_of_file(photo, small=small), ContentFile(content))


def open_file(photo: UUID, *, small: bool = False) -> File:
    """One of the files. Raises FileNotFoundError."""
    return default_storage.open(name_of_file(photo, small=small))


def remove_files(photo: UUID) -> None:
    """Take both files away; those that are gone already are no error."""
    for small in (False, True):
        default_storage.delete(name_of_file(photo, small=small))


def remove_gone() -> int:
    """Take away the files of every photo whose row is gone, whoever it was; the number of photos.

    Repeatable, and resumable: the note goes after the files.
    """
    gone = list(GoneFile.objects.order_by("gone_at").values_list("photo", flat=True))
    for photo in gone:
        _remove_noted([photo])
    return len(gone)


def _remove_noted(photos: list[UUID]) -> int:
    for photo in photos:
        remove_files(photo)
    return GoneFile.objects.filter(photo__in=photos).delete()[0]


def erase(_subject: Subject, *, now: datetime) -> int:
    """The files of a person whose rows were just erased; those of everybody else whose row is gone go too."""
    return remove_gone() * FILES_OF_A_PHOTO


def count(subject: Subject) -> int:
    """How many files there are of one person."""
    return rows_about(registry().holding(ListingPhoto), subject, owned_only=True).count() * FILES_OF_A_PHOTO


def files_in_copy(rows: QuerySet[Any]) -> Iterator[HeldFile]:
    """The large picture of each of these photos, under the number that its row shows."""
    for photo in rows.order_by().values_list("pk", flat=True).iterator():
        yield HeldFile(f"{photo}{_ENDINGS[1]}", partial(_pieces, photo))


def _pieces(photo: UUID) -> Iterator[bytes]:
    try:
        with open_file(photo) as file:
            yield from file.chunks()
    except OSError as error:
        raise FileUnreadable(type(error).__name__) from None


def is_late(_store: Store, *, now: datetime) -> bool:
    """Whether a note has stood since before `now`.

    Files that nothing speaks of are looked for by the sweep alone: the whole folder is too much to read for each look
    at the health of the site.
    """
    return GoneFile.objects.filter(gone_at__lte=now).exists()


def purge(store: Store, *, now: datetime, apply: bool) -> SweepCounts:
    """Take away the files of photos whose row is gone, and those that no row ever claimed when their term is over."""
    noted = list(GoneFile.objects.filter(gone_at__lte=now).values_list("photo", flat=True))
    left = list(_left_behind(store, now=now))
    if not apply:
        return SweepCounts(due=len(noted) + len(left))
    ended = end_each(noted, _remove_noted) + end_each(left, _remove_left)
    return ended.counts(due=len(noted) + len(left))


def _remove_left(photos: list[UUID]) -> int:
    for photo in photos:
        remove_files(photo)
    return len(photos)


def _left_behind(store: Store, *, now: datetime) -> Iterator[UUID]:
    """Photos that have files and neither row nor note: those of a server that stopped in the middle.

    The rows are asked for after the folder was read, so that one that came meanwhile is seen. Due is only what is old
    by the clock of this host too, which gave the files their times.
    """
    limit = latest_due_start(store.period, min(now, datetime.now(UTC)))
    found = sorted(_photos_in_storage())
    for start in range(0, len(found), _BATCH):
        some = found[start : start + _BATCH]
        claimed = set(ListingPhoto.objects.filter(pk__in=some).values_list("pk", flat=True))
        claimed |= set(GoneFile.objects.filter(pk__in=some).values_list("pk", flat=True))
        yield from (photo for photo in some if photo not in claimed and _written_at(photo) <= limit)


def _photos_in_storage() -> set[UUID]:
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:  # nobody has added a photo yet
        return set()
    return {photo for name in names if (photo := _photo_of(name))}


def _photo_of(name: str) -> UUID | None:
    for ending in _ENDINGS:
        if name.endswith(ending):
            try:
                return UUID(name.removesuffix(ending))
            except ValueError:
                return None
    return None


def _written_at(photo: UUID) -> datetime:
    """When the later of its files was written; of a photo whose files went meanwhile, long from now."""
    times = []
    for small in (False, True):
        try:
            times.append(default_storage.get_modified_time(name_of_file(photo, small=small)))
        except FileNotFoundError:
            continue
    return max(times, default=datetime.max.replace(tzinfo=UTC))
