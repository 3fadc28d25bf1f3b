"""Photos of a listing: step 2, who sees them, and that files and rows come and go together (Q2.1, Q10.6, Q14.9)."""

import io
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from datamap.catalogue import length_of
from datamap.registry import registry
from datamap.trace import subject_of_user
from dsar.access_copy import write_copy
from dsar.access_copy.portability import write_portability
from marketplace import photo_files
from marketplace.models import GoneFile, Listing, ListingPhoto
from marketplace.photo_files import name_of_file
from marketplace.photos import add_photos, remove_photo
from retention.erasure import plan_erasure
from retention.holds import is_holdable
from retention.queries import overdue
from retention.rules import swept_stores
from retention.sweeps import sweep
from tests.marketplace.conftest import Offer, draft
from tests.marketplace.test_leaving import leave
from tests.marketplace.test_pictures import photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """A storage of its own for each test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media" / "listings"


def names(media: Path) -> set[str]:
    return {path.name for path in media.iterdir()} if media.exists() else set()


def of(*photos: UUID) -> set[str]:
    return {Path(name_of_file(one, small=small)).name for one in photos for small in (False, True)}


def uploaded(content: bytes | None = None, name: str = "IMG_Anna.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo("JPEG") if content is None else content, "image/jpeg")


def with_photos(listing: Listing, count: int = 1) -> list[UUID]:
    added = add_photos(listing, [uploaded() for _number in range(count)], now=timezone.now())
    assert added.count == count
    return order(listing)


def order(listing: Listing) -> list[UUID]:
    return list(listing.photos.values_list("pk", flat=True))


def large(one: UUID) -> str:
    return reverse("marketplace:large-photo", args=[one])


def step_2(listing: Listing) -> str:
    return reverse("marketplace:photos", args=[listing.pk])


def act(client: Client, listing: Listing, one: UUID, **sent: str) -> Any:
    return client.post(reverse("marketplace:change-photo", args=[listing.pk, one]), sent, follow=True)


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_step_two_takes_several_files_at_once_and_names_the_one_that_is_none(client: Client, person: User) -> None:
    listing = draft(person)
    client.force_login(person)
    files = [uploaded(), uploaded(b"<svg onload=alert(1)>", "velo.png"), uploaded(photo("PNG"), "../../x.html")]
    answer = client.post(step_2(listing), {"photos": files}, follow=True)
    assert len(order(listing)) == 2
    assert [text for text in said(answer) if "2" in text and "svg" not in text and "velo" not in text]
    assert answer.content.decode().count("-small.webp") == 2
    assert client.post(step_2(listing), {}, follow=True).context["photos"] != []


@pytest.mark.requirement("H7")
def test_fifty_megabytes_get_a_sentence(client: Client, person: User, media: Path) -> None:
    listing = draft(person)
    client.force_login(person)
    answer = client.post(step_2(listing), {"photos": [uploaded(bytes(50_000_000)), uploaded()]}, follow=True)
    assert answer.status_code == 200
    assert any("10 MB" in text for text in said(answer))
    assert names(media) == of(*order(listing))
    assert len(order(listing)) == 1


def test_names_of_files_say_nothing_of_the_seller_or_her_file(person: User, media: Path) -> None:
    (one,) = with_photos(draft(person))
    assert names(media) == {f"{one}.webp", f"{one}-small.webp"}
    assert str(person.pk) not in str(names(media))


def test_photos_change_places_are_described_and_go(client: Client, person: User, media: Path) -> None:
    listing = draft(person)
    first, second, third = with_photos(listing, 3)
    client.force_login(person)
    act(client, listing, third, act="up")
    act(client, listing, first, act="down")
    assert order(listing) == [third, first, second]
    act(client, listing, third, act="up")
    act(client, listing, second, act="down")
    assert order(listing) == [third, first, second]
    act(client, listing, first, act="words", words="  Rāmja   numurs ")
    assert ListingPhoto.objects.get(pk=first).words == "Rāmja numurs"
    assert 'alt="Rāmja numurs"' in client.get(step_2(listing)).content.decode()
    act(client, listing, first, act="words", words="Velo\u202eepis")
    assert ListingPhoto.objects.get(pk=first).words == "Rāmja numurs"
    remove_photo(listing, third)
    assert list(listing.photos.values_list("pk", "position")) == [(first, 1), (second, 2)]
    again = act(client, listing, third, act="remove")
    assert again.status_code == 200
    assert len(order(listing)) == 2


def test_the_files_of_a_photo_go_with_the_click(
    person: User, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    listing = draft(person)
    one, other = with_photos(listing, 2)
    with django_capture_on_commit_callbacks(execute=True):
        remove_photo(listing, one)
    assert names(media) == of(other)
    assert GoneFile.objects.count() == 0


@pytest.mark.requirement("H4")
def test_nobody_else_touches_or_finds_the_photos_of_a_draft(client: Client, person: User, other_person: User) -> None:
    listing = draft(person)
    (one,) = with_photos(listing)
    client.force_login(other_person)
    assert client.get(step_2(listing)).status_code == 404
    assert client.post(step_2(listing), {"photos": [uploaded()]}).status_code == 404
    change = reverse("marketplace:change-photo", args=[listing.pk, one])
    assert client.post(change, {"act": "remove"}).status_code == 404
    own = draft(other_person)
    act(client, own, one, act="remove")
    assert client.get(change).status_code == 405
    assert order(listing) == [one]
    for reader in (client, Client()):
        assert reader.get(large(one)).status_code == 404
    assert Client().get(step_2(listing)).status_code == 302


@pytest.mark.requirement("H4")
def test_a_form_without_its_token_adds_and_removes_nothing(person: User) -> None:
    listing, client = draft(person), Client(enforce_csrf_checks=True)
    (one,) = with_photos(listing)
    client.force_login(person)
    assert client.post(step_2(listing), {"photos": [uploaded()]}).status_code == 403
    assert (
        client.post(reverse("marketplace:change-photo", args=[listing.pk, one]), {"act": "remove"}).status_code == 403
    )
    assert order(listing) == [one]


def test_a_photo_is_sent_as_nothing_but_a_picture_and_into_no_shared_cache(person: User, offered: Offer) -> None:
    (one,) = with_photos(offered(person))
    for address in (large(one), reverse("marketplace:small-photo", args=[one])):
        answer = Client().get(address)
        assert b"".join(answer)[8:12] == b"WEBP"
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["Cache-Control"] == "private, max-age=3600, immutable"
        assert not answer.cookies
        again = Client().get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert Client().post(large(one)).status_code == 405
    assert Client().get(large(uuid4())).status_code == 404


def test_the_photo_of_a_draft_stays_in_no_cache_at_all(client: Client, person: User) -> None:
    (one,) = with_photos(draft(person))
    client.force_login(person)
    answer = client.get(large(one))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")


def test_a_row_whose_file_is_lost_is_a_page_not_found(person: User, offered: Offer) -> None:
    (one,) = with_photos(offered(person))
    default_storage.delete(name_of_file(one))
    assert Client().get(large(one)).status_code == 404


@pytest.mark.requirement("H5")
def test_the_page_shows_the_photos_and_the_list_the_first(client: Client, person: User, offered: Offer) -> None:
    listing = offered(person)
    first, second = with_photos(listing, 2)
    ListingPhoto.objects.filter(pk=second).update(words='"><script>alert(1)</script>')
    page = reverse("marketplace:listing", args=[listing.pk])
    assert f'src="{large(first)}" width="64" height="48"' in client.get(page).content.decode()
    other = client.get(page, {"photo": "2"}).content.decode()
    assert f'src="{large(second)}"' in other
    assert "<script>alert" not in other
    for odd in ("9", "x", "", "²"):
        assert f'src="{large(first)}"' in client.get(page, {"photo": odd}).content.decode()
    found = client.get(reverse("marketplace:listings")).content.decode()
    assert f'{first}-small.webp" width="400" height="300" loading="lazy"' in found
    assert str(second) not in found


def test_a_list_asks_the_database_once_for_all_photos(client: Client, person: User, offered: Offer) -> None:
    counts = []
    client.get(reverse("marketplace:listings"))
    for _listing in range(3):
        with_photos(offered(person))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("marketplace:listings"))
        counts.append(len(queries))
    assert counts == [counts[0]] * 3


def test_a_fetched_photo_is_no_visit(person: User, offered: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    from visits.middleware import BUFFER

    (one,) = with_photos(offered(person))
    hits: list[str] = []
    monkeypatch.setattr(type(BUFFER), "record", lambda _buffer, hit: hits.append(hit.path))
    Client().get(large(one))
    Client().get(reverse("marketplace:listings"))
    assert hits == [reverse("marketplace:listings")]


def test_an_eleventh_photo_finds_no_room(person: User, media: Path) -> None:
    listing = draft(person)
    added = add_photos(listing, [uploaded() for _number in range(11)], now=timezone.now())
    assert added.count == 10
    assert "11" in added.refused[0]
    assert names(media) == of(*order(listing))
    row = ListingPhoto(listing=listing, position=11, width=1, height=1, added_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    row.position = 10
    row.save()
    with pytest.raises(IntegrityError):
        connection.check_constraints()


def test_where_the_row_cannot_be_written_no_file_stays(
    person: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any, **_named: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(ListingPhoto.objects, "create", refuse)
    with pytest.raises(IntegrityError):
        add_photos(draft(person), [uploaded()], now=timezone.now())
    assert names(media) == set()


@pytest.mark.clause("Q2.1", "Q14.9", "Q10.6")
def test_with_the_erasure_all_her_photos_leave_the_disk_and_his_stay(
    person: User, other_person: User, offered: Offer, media: Path
) -> None:
    hers, begun, his = offered(person), draft(person), offered(other_person)
    hers_photos = [*with_photos(hers, 2), *with_photos(begun)]
    (other,) = with_photos(his)
    assert names(media) == of(*hers_photos, other)
    plan = plan_erasure(subject_of_user(person), now=timezone.now(), archive=True)
    assert [line.count for line in plan.erased if line.table == "marketplace.ListingPhoto"] == [3]
    assert leave(person).document["state"] == "done"
    assert names(media) == of(other)
    assert GoneFile.objects.count() == 0
    assert [Client().get(large(one)).status_code for one in (*hers_photos, other)] == [404, 404, 404, 200]


@pytest.mark.clause("Q14.7", "Q14.9")
def test_the_listing_of_whoever_left_is_read_without_its_photos(person: User, offered: Offer) -> None:
    listing = offered(person)
    with_photos(listing)
    page = reverse("marketplace:listing", args=[listing.pk])
    assert "/media/" in Client().get(page).content.decode()
    leave(person)
    answer = Client().get(page)
    assert answer.status_code == 200
    assert "/media/" not in answer.content.decode()


@pytest.mark.clause("Q2.1")
def test_an_erasure_that_dies_before_the_files_is_finished_by_the_sweep(person: User, media: Path) -> None:
    listing = draft(person)
    photos = with_photos(listing, 2)
    listing.delete()
    assert names(media) == of(*photos)
    assert set(GoneFile.objects.values_list("photo", flat=True)) == set(photos)
    now = timezone.now()
    assert [item.table for item in overdue(now + timedelta(hours=2))].count("listing_photos.left") == 1
    assert "listing_photos.left" not in {item.table for item in overdue(now)}
    (store,) = [store for store in swept_stores() if store.code == "listing_photos.left"]
    later = now + timedelta(minutes=1)
    assert sweep(store, now=later, apply=False).due == 2
    assert sweep(store, now=later, apply=True).deleted == 2
    assert names(media) == set()
    assert sweep(store, now=later, apply=True).due == 0


@pytest.fixture
def left_behind(person: User, media: Path) -> tuple[UUID, UUID, Path]:
    """A photo with its row, files of one that never got a row, and a file that is none of ours."""
    (standing,) = with_photos(draft(person))
    lost = uuid4()
    for name in of(lost):
        (media / name).write_bytes(b"RIFF")
    (media / "readme.txt").write_text("x")
    long_ago = (datetime.now(UTC) - timedelta(days=40)).timestamp()
    for path in media.iterdir():
        os.utime(path, (long_ago, long_ago))
    return standing, lost, media


def test_files_that_no_row_ever_claimed_go_after_their_term(left_behind: tuple[UUID, UUID, Path]) -> None:
    standing, lost, media = left_behind
    (store,) = [store for store in registry().stores if store.code == "listing_photos.left"]
    now = datetime.now(UTC)
    os.utime(media / f"{lost}.webp")
    assert photo_files.purge(store, now=now + timedelta(days=9), apply=True).due == 0, "another clock must not decide"
    fresh = now - length_of("UNCLAIMED_FILE") + timedelta(minutes=1)
    os.utime(media / f"{lost}.webp", (fresh.timestamp(), fresh.timestamp()))
    assert photo_files.purge(store, now=now, apply=True).due == 0
    over = (fresh - timedelta(minutes=2)).timestamp()
    os.utime(media / f"{lost}.webp", (over, over))
    assert photo_files.purge(store, now=now, apply=False).due == 1
    assert lost.hex in {UUID(name[:36]).hex for name in names(media) if name.endswith(".webp")}
    assert photo_files.purge(store, now=now, apply=True).deleted == 1
    assert names(media) == of(standing) | {"readme.txt"}


@pytest.mark.clause("Q2.1", "Q16.2")
@pytest.mark.parametrize("write", [write_copy, write_portability])
def test_her_copies_hold_her_photos_and_not_his(person: User, other_person: User, offered: Offer, write: Any) -> None:
    hers, his = with_photos(offered(person), 2), with_photos(offered(other_person))
    sink = io.BytesIO()
    report = write(sink, subject_of_user(person), case=None, package=None, now=timezone.now())
    with zipfile.ZipFile(sink) as copy:
        assert {name for name in copy.namelist() if name.startswith("files/")} == {f"files/{one}.webp" for one in hers}
        for one in hers:
            assert copy.read(f"files/{one}.webp") == default_storage.open(name_of_file(one)).read()
        data = "".join(copy.read(name).decode() for name in copy.namelist() if name.endswith(".json"))
    assert all(str(one) in data for one in hers)
    assert str(his[0]) not in data
    assert report.broken == ()


@pytest.mark.parametrize("write", [write_copy, write_portability])
def test_a_copy_says_that_a_photo_could_not_be_read(person: User, write: Any) -> None:
    one, other = with_photos(draft(person), 2)
    default_storage.delete(name_of_file(one))
    sink = io.BytesIO()
    report = write(sink, subject_of_user(person), case=None, package=None, now=timezone.now())
    with zipfile.ZipFile(sink) as copy:
        assert [name for name in copy.namelist() if name.startswith("files/")] == [f"files/{other}.webp"]
    assert len(report.broken) == 1


def test_a_backup_knows_where_the_photos_lie() -> None:
    from runner.backup import FOLDERS

    assert FOLDERS["photos"] == f"media/{photo_files.FOLDER}"


def test_photos_cannot_be_held_because_a_hold_keeps_rows_and_no_files() -> None:
    assert not is_holdable(registry().holding(ListingPhoto))
