"""What a purge takes between receipt and answer is in the answer all the same, and in nothing else (clauses.md D12)."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection

from accounts.models import LoginEvent, User
from audit.trail import Actor
from datamap.registry import registry
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar import casework
from dsar.access import build_package, take_download
from dsar.cases import move
from dsar.challenges import answer_challenge, new_challenge
from dsar.deadlines import Channel
from dsar.identity import show_identity
from dsar.intake import Arrival
from dsar.models import Package, Snapshot, SubjectRequest
from dsar.services import file_by_address, withdraw_request
from dsar.steps import Step
from dsar.sweeping import erase_snapshots, purge_cases
from dsar.taking import keeping, snapshots_to_take, subject_at_receipt, take_snapshot
from dsar.terms import LEASE, ChallengePurpose, IdentityMethod, Outcome, Stage
from mailing.models import OutgoingMessage
from retention.sweeps import sweep_all
from tests.dsar.conftest import NOW, File
from vault.keys import has_key
from visits.models import Visit
from visits.partitions import ensure_days

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D12")]

BEGAN = NOW - timedelta(weeks=19)
LATER = NOW + timedelta(weeks=3)
ADDRESS = "liga@example.lv"


def visit(path: str, *, user: User, at: datetime = BEGAN) -> None:
    ensure_days([at.date()])
    Visit.objects.create(at=at, kind="page", user_id=user.pk, platform="desktop", path=path, status=200, response_ms=1)


def letter(subject: str, to: str, *, user: User | None = None) -> None:
    OutgoingMessage.objects.create(
        to_address=to,
        purpose="SERVICE",
        language="lv",
        subject=subject,
        created_at=BEGAN,
        user_id=user.pk if user else None,
    )


@pytest.fixture
def traces(person: User, other_person: User) -> None:
    """Visits and letters that come of age between receipt and answer, of Anna and of her neighbour."""
    visit("/hers-long-ago", user=person)
    visit("/hers-of-today", user=person, at=NOW)
    visit("/his-long-ago", user=other_person)
    LoginEvent.objects.create(user=person, at=BEGAN, kind="login")


def purge() -> None:
    sweep_all(now=LATER, apply=True, confirm_clock=True)


def answer(case: SubjectRequest) -> ZipFile:
    assert build_package(case.pk, now=LATER)
    return ZipFile(io.BytesIO(b"".join(take_download(Package.objects.get(request=case), now=LATER))))


def taken(case: SubjectRequest) -> Snapshot:
    snapshot = take_snapshot(case.pk, now=NOW)
    assert snapshot is not None
    return snapshot


def table(copy: ZipFile, name: str) -> dict[str, object]:
    found = [item for item in json.loads(copy.read("data.json"))["tables"] if item["table"] == name]
    return dict(found[0])


def sealed(snapshot: Snapshot) -> Path:
    return Path(settings.VAR_DIR) / "sealed" / snapshot.file_name


@pytest.mark.usefixtures("traces")
def test_a_purge_runs_on_time_and_the_copy_holds_what_it_took(file: File) -> None:
    case = file()
    taken(case)
    purge()
    assert not Visit.objects.filter(path="/hers-long-ago").exists()
    assert not LoginEvent.objects.filter(at=BEGAN).exists()
    copy = answer(case)
    rows = list(csv.reader(io.StringIO(copy.read("tables/visits_visit.csv").decode("utf-8-sig"))))
    gone = [row for row in rows if "/hers-long-ago" in row]
    assert len(gone) == 1
    assert "2026-11-22" in gone[0][-1]
    assert sum("/hers-of-today" in row for row in rows) == 1
    visits = table(copy, "visits.Visit")
    assert (visits["row_count"], visits["rows_as_received"], visits["as_it_stood_on"]) == (2, 1, "2026-11-22")
    assert "/hers-long-ago" in copy.read("index.html").decode()
    counted = {item["table"]: item["rows_as_received"] for item in json.loads(copy.read("manifest.json"))["tables"]}
    assert counted["visits.Visit"] == counted["accounts.LoginEvent"] == 1


@pytest.mark.usefixtures("traces")
def test_a_neighbours_rows_are_never_in_it(file: File) -> None:
    case = file()
    assert taken(case).manifest["visits.Visit"] == 2
    purge()
    copy = answer(case)
    assert not any(b"/his-long-ago" in copy.read(name) for name in copy.namelist())


@pytest.mark.usefixtures("traces")
def test_a_row_that_lives_on_is_given_once(file: File) -> None:
    case = file()
    taken(case)
    assert table(answer(case), "visits.Visit")["row_count"] == 2


@pytest.mark.usefixtures("traces")
def test_until_it_is_taken_no_purge_takes_its_rows(file: File) -> None:
    """A silent bell or a worker that died costs no row; what nobody asked for goes on time."""
    case = file()
    purge()
    assert Visit.objects.filter(path="/hers-long-ago").exists()
    assert not Visit.objects.filter(path="/his-long-ago").exists()
    assert snapshots_to_take(NOW) == [case.pk]
    taken(case)
    purge()
    assert not Visit.objects.filter(path="/hers-long-ago").exists()
    assert keeping()(registry().holding(Visit)) == keeping()(registry().holding(Snapshot))


@pytest.mark.usefixtures("traces")
def test_a_worker_that_died_over_it_is_followed_by_the_next(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    case = file()
    with monkeypatch.context() as dying:
        dying.setattr("dsar.taking._conclude", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            take_snapshot(case.pk, now=NOW)
    assert take_snapshot(case.pk, now=NOW) is None
    assert snapshots_to_take(NOW) == []
    assert snapshots_to_take(NOW + LEASE) == [case.pk]
    assert take_snapshot(case.pk, now=NOW + LEASE) is not None
    assert take_snapshot(case.pk, now=NOW + 2 * LEASE) is None


@pytest.mark.usefixtures("traces")
@pytest.mark.requirement("D1")
def test_nothing_of_it_is_readable_without_its_key(file: File) -> None:
    snapshot = taken(file())
    raw = sealed(snapshot).read_bytes()
    assert b"/hers-long-ago" not in raw
    assert b"visits" not in raw
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_json(dsar_snapshot)::text FROM dsar_snapshot")
        assert "hers-long-ago" not in cursor.fetchone()[0]


def by_address(address: str = ADDRESS) -> SubjectRequest:
    arrival = Arrival(channel=Channel.PORTAL_TOKEN, at=NOW, sender=address)
    return file_by_address(address, [Right.ACCESS], arrival=arrival, language="lv", now=NOW)[0]


def test_rows_under_an_address_wait_for_its_reader() -> None:
    letter("long ago", ADDRESS)
    case = by_address()
    taken(case)
    code = new_challenge(case, ChallengePurpose.IDENTITY, now=NOW)
    answer_challenge(case, ChallengePurpose.IDENTITY, code, now=NOW)
    show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=Actor.system("test"), now=NOW)
    purge()
    assert not OutgoingMessage.objects.filter(subject="long ago").exists()
    assert b"long ago" in answer(case).read("tables/mailing_outgoingmessage.csv")


def is_gone(snapshot: Snapshot) -> bool:
    return not (
        Snapshot.objects.filter(pk=snapshot.pk).exists() or has_key(snapshot.key_owner) or sealed(snapshot).exists()
    )


def test_an_identity_that_is_never_shown_leaves_nothing(django_capture_on_commit_callbacks: object) -> None:
    letter("long ago", ADDRESS)
    case = by_address()
    snapshot = taken(case)
    assert sealed(snapshot).exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        move(case.pk, Stage.CLOSED_UNIDENTIFIED, action="closed_unidentified", actor=Actor.system("test"), now=LATER)
    assert is_gone(snapshot)


def test_somebody_else_s_rows_are_not_given_to_whom_staff_identify(
    other_person: User, officer: User, colleague: User
) -> None:
    """A request named an address that is not the person's own: the copy is taken anew, about the one it is about."""
    letter("not his", ADDRESS)
    visit("/his-long-ago", user=other_person)
    case = by_address()
    taken(case)
    EmailAddress.objects.filter(user=other_person).update(verified=True)
    first, second = (Step(by=member, reason="he knew", now=NOW) for member in (officer, colleague))
    casework.accept_identity(case.pk, IdentityMethod.KNOWN_FACTS, step=first, account_address=other_person.email)
    casework.agree_to_account(case.pk, other_person.email, step=second)
    assert Snapshot.objects.get().taken_at is None
    taken(case)
    purge()
    copy = answer(case)
    assert not any(b"not his" in copy.read(name) for name in copy.namelist())
    assert b"/his-long-ago" in copy.read("tables/visits_visit.csv")


def test_nothing_is_left_after_a_withdrawal_an_erasure_or_the_end_of_the_file(
    file: File, person: User, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        first = file()
        one = taken(first)
        withdraw_request(first, now=NOW)
        two = taken(file())
        erase_snapshots(subject_of_user(person), now=NOW)
        last = file(Right.PORTABILITY)
        three = taken(last)
        assert build_package(last.pk, now=NOW) is not None
    assert is_gone(one)
    assert is_gone(two)
    three.refresh_from_db()
    assert three.ends_at == SubjectRequest.objects.get(pk=last.pk).ends_at
    assert sealed(three).exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        purge_cases(registry().holding(SubjectRequest), now=datetime(2029, 11, 23, tzinfo=UTC), apply=True)
    assert is_gone(three)


@pytest.mark.usefixtures("traces")
def test_a_snapshot_that_does_not_open_makes_the_answer_not_whole(file: File) -> None:
    case = file()
    snapshot = taken(case)
    purge()
    data = bytearray(sealed(snapshot).read_bytes())
    data[-1] ^= 1
    sealed(snapshot).write_bytes(data)
    Package.objects.update(attempts=4)
    assert build_package(case.pk, now=LATER)
    case.refresh_from_db()
    assert case.outcome == Outcome.PARTLY_FULFILLED


def test_a_closed_request_needs_none(file: File, person: User) -> None:
    case = file()
    assert subject_at_receipt(case) == subject_of_user(person)
    build_package(case.pk, now=NOW)
    assert take_snapshot(case.pk, now=NOW) is None
    assert not Snapshot.objects.exists()
