"""A request that takes longer than its snapshot reaches loses nothing: the snapshot is renewed in time (D12)."""

import csv
import io
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest

from accounts.models import LoginEvent, User
from dsar.access import build_package, take_download
from dsar.deadlines import latest_answer
from dsar.models import Snapshot, SubjectRequest
from dsar.renewing import renew_snapshot, snapshots_to_renew
from dsar.services import withdraw_request
from dsar.taking import take_snapshot
from dsar.terms import LEASE
from retention.sweeps import sweep_all
from tests.dsar.conftest import NOW, File
from tests.dsar.test_snapshot import sealed, visit
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D12")]

OLD = NOW - timedelta(weeks=19)
SHORT = NOW + timedelta(weeks=2)
"""How far the first snapshot of these tests reaches; a real one reaches half a year."""
RENEWED = NOW + timedelta(weeks=1)
ANSWERED = NOW + timedelta(weeks=21)


@pytest.fixture
def case(file: File, person: User, other_person: User, monkeypatch: pytest.MonkeyPatch) -> SubjectRequest:
    """Its first snapshot holds the old visit; the visit of the day of receipt outlives its reach."""
    visit("/old", user=person, at=OLD)
    visit("/at-receipt", user=person, at=NOW - timedelta(hours=1))
    visit("/his", user=other_person, at=NOW - timedelta(hours=1))
    LoginEvent.objects.create(user=person, at=OLD, kind="login")
    filed = file()
    with monkeypatch.context() as short:
        short.setattr("dsar.taking.latest_answer", lambda _now: SHORT)
        taken = take_snapshot(filed.pk, now=NOW)
    assert taken is not None
    assert taken.manifest["visits.Visit"] == 1
    return filed


def paths(case: SubjectRequest) -> dict[str, str]:
    """The visits of the answer: path -> what its last cell says."""
    package = build_package(case.pk, now=ANSWERED)
    assert package is not None
    package.refresh_from_db()
    copy = ZipFile(io.BytesIO(b"".join(take_download(package, now=ANSWERED))))
    rows = list(csv.reader(io.StringIO(copy.read("tables/visits_visit.csv").decode("utf-8-sig"))))
    return {path: row[-1] for row in rows for path in ("/old", "/at-receipt", "/his") if path in row}


def purge() -> None:
    sweep_all(now=ANSWERED, apply=True, confirm_clock=True)
    assert not Visit.objects.filter(path__in=["/old", "/at-receipt"]).exists()


def test_without_renewal_what_came_of_age_meanwhile_would_be_missing(case: SubjectRequest) -> None:
    purge()
    assert set(paths(case)) == {"/old"}


def test_what_comes_of_age_during_a_long_pause_is_in_the_answer(
    case: SubjectRequest, django_capture_on_commit_callbacks: Any
) -> None:
    before = Snapshot.objects.get()
    assert snapshots_to_renew(RENEWED) == [case.pk]
    with django_capture_on_commit_callbacks(execute=True):
        assert renew_snapshot(case.pk, now=RENEWED)
    after = Snapshot.objects.get()
    assert (after.taken_at, after.reaches_until) == (before.taken_at, latest_answer(RENEWED))
    assert after.manifest["visits.Visit"] == 2
    assert not sealed(before).exists()
    assert snapshots_to_renew(RENEWED) == []
    assert not renew_snapshot(case.pk, now=RENEWED)
    purge()
    found = paths(case)
    assert set(found) == {"/old", "/at-receipt"}
    assert "2026-11-22" in found["/old"]
    assert "2026-11-29" in found["/at-receipt"]


def test_it_can_be_renewed_again_and_again(case: SubjectRequest) -> None:
    assert renew_snapshot(case.pk, now=RENEWED)
    assert renew_snapshot(case.pk, now=RENEWED + timedelta(weeks=25))
    purge()
    assert set(paths(case)) == {"/old", "/at-receipt"}


def test_a_renewal_that_dies_leaves_the_old_one_and_the_next_worker_ends_it(
    case: SubjectRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Snapshot.objects.get()
    with monkeypatch.context() as dying:
        dying.setattr("dsar.renewing._conclude", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            renew_snapshot(case.pk, now=RENEWED)
    assert Snapshot.objects.get().file_name == before.file_name
    assert sealed(before).exists()
    assert not renew_snapshot(case.pk, now=RENEWED)
    assert snapshots_to_renew(RENEWED + LEASE) == [case.pk]
    assert renew_snapshot(case.pk, now=RENEWED + LEASE)


def test_what_is_closed_needs_none(case: SubjectRequest) -> None:
    withdraw_request(case, now=NOW)
    assert snapshots_to_renew(RENEWED) == []
    assert not renew_snapshot(case.pk, now=RENEWED)
