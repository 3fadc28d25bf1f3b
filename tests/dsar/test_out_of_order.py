"""Steps in an order that nobody thought of: a sentence instead of an error, nothing nobody agreed to (P3, G4, F32)."""

import secrets
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access import build_package, take_download
from dsar.casework import (
    approve_refusal,
    ask_person,
    close_unidentified,
    propose_refusal,
    reopen,
)
from dsar.deadlines import Channel, PauseKind
from dsar.erasure import confirm_erasure
from dsar.identity import show_identity
from dsar.intake import Arrival
from dsar.models import Package, SubjectRequest
from dsar.queries import events_of
from dsar.refusals import AlreadyUnderWay, GroundDoesNotFit
from dsar.services import file_by_address, withdraw_request
from dsar.staff_erasure import propose_erasure
from dsar.steps import Step
from dsar.terms import IdentityMethod, RefusalReason, Stage
from retention.erasure import plan_erasure
from tests.dsar.conftest import NOW, File
from visits.models import Visit
from visits.partitions import ensure_days

pytestmark = pytest.mark.django_db
ADDRESS = "liga@example.lv"


def step(by: User) -> Step:
    return Step(by=by, reason="seen", now=NOW)


def by_mail(*rights: Right, key: str | None = None) -> list[SubjectRequest]:
    arrival = Arrival(channel=Channel.EMAIL, at=NOW, sender=ADDRESS, key=key)
    return file_by_address(ADDRESS, rights, arrival=arrival, language="lv", now=NOW)


@pytest.mark.requirement("P3")
def test_a_request_is_not_opened_again_beside_the_same_one_that_runs(file: File, officer: User) -> None:
    old = file(Right.ACCESS)
    assert build_package(old.pk, now=NOW) is not None
    running = file(Right.ACCESS)
    with pytest.raises(AlreadyUnderWay):
        reopen(old.pk, step=step(officer))
    withdraw_request(running, now=NOW)
    assert reopen(old.pk, step=step(officer)).stage == Stage.OPEN


@pytest.mark.requirement("P3")
def test_nor_beside_the_same_one_of_the_same_address(officer: User) -> None:
    (old,) = by_mail(Right.ACCESS)
    close_unidentified(old.pk, step=step(officer))
    by_mail(Right.ACCESS)
    with pytest.raises(AlreadyUnderWay):
        reopen(old.pk, step=step(officer))


@pytest.mark.requirement("G4")
def test_a_copy_that_is_ready_carries_no_refusal_that_nobody_agreed_to(file: File, officer: User) -> None:
    case = file(Right.ACCESS)
    propose_refusal(case.pk, RefusalReason.EXCESSIVE, "No.", step=step(officer))
    build_package(case.pk, now=NOW)
    case.refresh_from_db()
    assert (case.stage, case.answer, case.refusal_reason, case.refusal_proposed_by) == ("answered", "", "", None)


@pytest.mark.requirement("G4")
def test_who_has_shown_who_he_is_meanwhile_is_not_refused_for_not_showing_it(officer: User, colleague: User) -> None:
    (case,) = by_mail(Right.RESTRICTION)
    close_unidentified(case.pk, step=step(officer))
    reopen(case.pk, step=step(officer))
    propose_refusal(case.pk, RefusalReason.IDENTITY, "Nobody knows you.", step=step(officer))
    ask_person(case.pk, PauseKind.IDENTITY, "Who are you?", step=step(officer))
    show_identity(case.pk, IdentityMethod.KNOWN_FACTS, actor=Actor.of(officer), now=NOW, reason="knew the order number")
    with pytest.raises(GroundDoesNotFit):
        approve_refusal(case.pk, step=step(colleague))


def test_a_person_confirms_herself_the_erasure_that_one_of_the_staff_has_proposed(
    person: User, file: File, officer: User
) -> None:
    case = file(Right.ERASURE)
    propose_erasure(case.pk, objection_to_archive=False, waive_copy=True, step=step(officer))
    digest = plan_erasure(subject_of_user(person), now=NOW, archive=True).digest
    confirmed = confirm_erasure(user=person, plan_digest=digest, objection_to_archive=False, waive_copy=True, now=NOW)
    assert (confirmed.case.pk, confirmed.case.stage) == (case.pk, Stage.EXECUTING)
    assert confirmed.case.erasure_proposed_by is None


def test_a_message_that_went_on_in_another_request_leads_there_again() -> None:
    (first,) = by_mail(Right.ACCESS, key="mail:1")
    assert by_mail(Right.ACCESS, key="mail:2") == [first]
    assert by_mail(Right.ACCESS, key="mail:2") == [first]
    first, second = by_mail(Right.ACCESS, Right.RESTRICTION, key="mail:3")
    assert {case.pk for case in by_mail(Right.ACCESS, Right.RESTRICTION, key="mail:3")} == {first.pk, second.pk}


@pytest.fixture
def large_copy(person: User, file: File) -> Package:
    """A copy of more than one frame: words that no compression makes small."""
    ensure_days([NOW.date()])
    common = {"at": NOW, "kind": "page", "user_id": person.pk, "platform": "desktop", "status": 200, "response_ms": 1}
    Visit.objects.bulk_create(Visit(path=f"/{secrets.token_urlsafe(370)}", **common) for _ in range(1200))
    package = build_package(file(Right.ACCESS).pk, now=NOW)
    assert package is not None
    return Package.objects.select_related("request").get(pk=package.pk)


def files() -> set[Path]:
    return set(Path(settings.VAR_DIR).rglob("*"))


@pytest.mark.requirement("F32")
def test_a_download_that_is_cut_in_the_middle_counts_for_nothing_and_leaves_no_file(large_copy: Package) -> None:
    before = files()
    frames = take_download(large_copy, now=NOW)
    got = 0
    while got < large_copy.size // 2:
        got += len(next(frames))
    assert got < large_copy.size
    frames.close()  # type: ignore[attr-defined]
    large_copy.refresh_from_db()
    assert (large_copy.downloads, files()) == (0, before)
    assert events_of(large_copy.request).last().action == "download_cut"  # type: ignore[union-attr]
    assert len(b"".join(take_download(large_copy, now=NOW))) == large_copy.size


@pytest.mark.requirement("F32")
def test_a_download_whose_reader_is_gone_before_the_first_byte_counts_for_nothing(large_copy: Package) -> None:
    take_download(large_copy, now=NOW).close()  # type: ignore[attr-defined]
    large_copy.refresh_from_db()
    assert large_copy.downloads == 0
