"""Who asks from a foreign address gets nothing of an account by one clerk's word (security D6, G4, I7)."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar import casework, staff_erasure, stopping
from dsar.access import build_package, take_download
from dsar.erasure import Wish, confirm_case, preview_of_case, run_erasure
from dsar.identity import show_identity
from dsar.models import IdentityCheck, Package, SubjectRequest
from dsar.queries import subject_of
from dsar.refusals import (
    AlreadyProposed,
    AnotherAccount,
    NotByMail,
    SamePerson,
    StoppedFromOlderAddress,
    WaitsForSafety,
    WrongStage,
)
from dsar.steps import Step
from dsar.terms import IdentityMethod, IdentityOutcome, Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.test_case_page import at, filed, shown
from tests.dsar.test_desk_pages import QUEUE, allow, desk, page_address, step_address
from tests.people import log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]
__all__ = ["desk"]
THIEF = "thief@example.com"
FACTS = IdentityMethod.KNOWN_FACTS


def by(user: User, *, hours: int = 0) -> Step:
    return Step(by=user, reason="knew the order number", now=timezone.now() + timedelta(hours=hours))


@pytest.fixture(autouse=True)
def confirmed(person: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)


@pytest.fixture
def two(officer: User, colleague: User) -> tuple[User, User]:
    """The clerk who proposes, and the one who agrees."""
    return officer, colleague


def led(case: SubjectRequest, person: User, two: tuple[User, User]) -> SubjectRequest:
    first, second = two
    casework.accept_identity(case.pk, FACTS, step=by(first), account_address=person.email)
    return casework.agree_to_account(case.pk, person.email, step=by(second))


def letters_to(address: str) -> list[str]:
    return [open_letter(item).text for item in OutgoingMessage.objects.filter(to_address=address)]


def stop_link(address: str) -> str:
    found = [re.search(r"/privacy/stop/[\w-]{43}/", text) for text in letters_to(address)]
    return next(hit[0] for hit in found if hit)


@pytest.mark.requirement("G4")
def test_one_clerk_leads_no_request_to_a_foreign_account(person: User, officer: User, colleague: User) -> None:
    (case,) = filed(Right.ACCESS, address=THIEF)
    waiting = casework.accept_identity(case.pk, FACTS, step=by(officer), account_address=person.email)
    assert (waiting.stage, waiting.user, subject_of(waiting).is_somebody) == (Stage.IDENTITY_PENDING, None, False)
    assert not Package.objects.exists()
    with pytest.raises(SamePerson):
        casework.agree_to_account(case.pk, person.email, step=by(officer))
    with pytest.raises(AnotherAccount):
        casework.agree_to_account(case.pk, officer.email, step=by(colleague))
    with pytest.raises(AlreadyProposed):
        casework.accept_identity(case.pk, FACTS, step=by(colleague), account_address=officer.email)
    agreed = casework.agree_to_account(case.pk, person.email, step=by(colleague))
    assert (agreed.stage, agreed.user) == (Stage.OPEN, person)
    check = IdentityCheck.objects.get(case=case)
    assert (check.outcome, check.by, check.agreed_by) == (IdentityOutcome.SHOWN, officer.pk, colleague.pk)


@pytest.mark.requirement("G4")
def test_the_database_wants_the_second_person_too(person: User, officer: User, colleague: User) -> None:
    (case,) = filed(Right.ACCESS, address=THIEF)
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
        show_identity(case.pk, FACTS, actor=Actor.of(officer), now=timezone.now(), user=person, reason="facts")
    casework.accept_identity(case.pk, FACTS, step=by(officer), account_address=person.email)
    with pytest.raises(IntegrityError, match="dsar_led_to_an_account_by_two"), transaction.atomic():
        IdentityCheck.objects.filter(case=case).update(outcome=IdentityOutcome.SHOWN, agreed_by=officer.pk)


def test_a_doubt_of_the_second_person_ends_the_proposal(person: User, officer: User, colleague: User) -> None:
    (case,) = filed(Right.ACCESS, address=THIEF)
    casework.accept_identity(case.pk, FACTS, step=by(officer), account_address=person.email)
    casework.doubt(case.pk, IdentityOutcome.DOUBTED, step=by(colleague))
    with pytest.raises(WrongStage):
        casework.agree_to_account(case.pk, person.email, step=by(colleague))
    assert not IdentityCheck.objects.filter(outcome=IdentityOutcome.PROPOSED).exists()


def test_a_request_from_an_own_address_of_the_account_needs_one(person: User, officer: User) -> None:
    (case,) = filed(Right.OBJECTION, address=person.email)
    assert casework.accept_identity(case.pk, FACTS, step=by(officer), account_address=person.email).user == person


@pytest.mark.requirement("D6", "I7")
def test_the_owner_is_told_and_the_foreign_mailbox_gets_no_copy(
    client: Client, person: User, two: tuple[User, User]
) -> None:
    (case,) = filed(Right.ACCESS, address=THIEF)
    case = led(case, person, two)
    package = build_package(case.pk, now=timezone.now())
    assert package is not None
    assert any("/privacy/stop/" in text for text in letters_to(person.email))
    sent = OutgoingMessage.objects.filter(to_address=THIEF).count()
    assert client.post(at(case, "case-code"), {"purpose": "download"}).status_code == 409
    assert OutgoingMessage.objects.filter(to_address=THIEF).count() == sent
    assert (
        reverse("privacy:package-download", args=[case.number]) in client.get(at(case, "case-package")).content.decode()
    )
    package.refresh_from_db()
    with pytest.raises(WaitsForSafety):
        take_download(package, now=timezone.now() + timedelta(hours=71))
    log_in(client, person)
    prove_again(client)
    assert client.post(reverse("privacy:package-download", args=[case.number])).status_code == 409
    package.refresh_from_db()
    assert b"".join(take_download(package, now=timezone.now() + timedelta(hours=73)))[:2] == b"PK"


@pytest.mark.requirement("G4", "D6")
def test_a_code_to_a_foreign_address_erases_nothing_but_two_of_the_staff_do(
    client: Client, person: User, two: tuple[User, User]
) -> None:
    officer, colleague = two
    (case,) = filed(Right.ERASURE, address=THIEF)
    case = led(case, person, two)
    assert not any("/erasure/" in text for text in letters_to(THIEF))
    assert client.get(at(case, "case-erasure")).status_code == 409
    assert at(case, "case-erasure") not in client.get(at(case)).content.decode()
    wish = Wish(preview_of_case(case, now=timezone.now()).plan.digest)
    with pytest.raises(NotByMail):
        confirm_case(case, wish, now=timezone.now() + timedelta(hours=73))
    with pytest.raises(IntegrityError, match="two of the staff"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(stage=Stage.EXECUTING)
    staff_erasure.propose_erasure(case.pk, objection_to_archive=False, step=by(officer))
    with pytest.raises(WaitsForSafety):
        staff_erasure.approve_erasure(case.pk, step=by(colleague))
    staff_erasure.approve_erasure(case.pk, step=by(colleague, hours=73))
    assert run_erasure(case.pk, now=timezone.now() + timedelta(hours=73)) is not None


@pytest.mark.requirement("I7")
def test_the_owner_stops_it_and_staff_uphold_that(client: Client, person: User, two: tuple[User, User]) -> None:
    _first, colleague = two
    (case,) = filed(Right.ACCESS, address=THIEF)
    case = led(case, person, two)
    package = build_package(case.pk, now=timezone.now())
    assert package is not None
    desk_before = OutgoingMessage.objects.count()
    assert client.post(stop_link(person.email)).status_code == 200
    assert OutgoingMessage.objects.count() == desk_before + 1
    with pytest.raises(StoppedFromOlderAddress):
        take_download(package, now=timezone.now() + timedelta(hours=73))
    case = stopping.uphold(case.pk, step=by(colleague))
    assert (case.stage, case.identified_at) == (Stage.CLOSED_UNIDENTIFIED, None)
    assert not Package.objects.exists()
    assert not IdentityCheck.objects.filter(case=case, outcome=IdentityOutcome.SHOWN).exists()
    with pytest.raises(WrongStage):
        stopping.uphold(case.pk, step=by(colleague))


@pytest.mark.parametrize("right", [Right.ERASURE, Right.OBJECTION, Right.RECTIFICATION])
def test_an_upheld_stop_ends_any_request(client: Client, person: User, two: tuple[User, User], right: Right) -> None:
    (case,) = filed(right, address=THIEF)
    led(case, person, two)
    client.post(stop_link(person.email))
    assert stopping.uphold(case.pk, step=by(two[1])).stage == Stage.CLOSED_UNIDENTIFIED


@pytest.mark.requirement("G3", "G7", "I7")
def test_the_desk_finds_what_was_stopped_and_decides_on_it(
    desk: Client, client: Client, person: User, two: tuple[User, User]
) -> None:
    (case,) = filed(Right.ACCESS, address=THIEF)
    case = led(case, person, two)
    assert build_package(case.pk, now=timezone.now())
    client.post(stop_link(person.email))
    assert set(desk.get(reverse(QUEUE), {"standing": "stopped"}).context["cl"].queryset) == {case}
    page = desk.get(page_address(case)).content.decode()
    assert step_address(case, "release") in page
    assert step_address(case, "uphold") in page
    assert desk.post(step_address(case, "uphold"), {"reason": "she called"}).status_code == 302
    case.refresh_from_db()
    assert case.stage == Stage.CLOSED_UNIDENTIFIED
    assert set(desk.get(reverse(QUEUE), {"standing": "stopped"}).context["cl"].queryset) == set()


def test_the_second_person_finds_it_in_the_queue(desk: Client, person: User, officer: User, colleague: User) -> None:
    (case,) = filed(Right.ACCESS, address=THIEF)
    casework.accept_identity(case.pk, FACTS, step=by(colleague), account_address=person.email)
    assert set(desk.get(reverse(QUEUE), {"mine": "approval"}).context["cl"].queryset) == {case}
    fields = {"reason": "the same account", "account_address": person.email}
    assert desk.post(step_address(case, "agree-account"), fields).status_code == 302
    case.refresh_from_db()
    assert case.user == person


def test_the_desk_gives_the_second_step_to_approvers_only(client: Client, officer: User, person: User) -> None:
    (case,) = shown(Right.OBJECTION)
    allow(officer, "change_subjectrequest", "view_subjectrequest")
    log_in(client, officer)
    for name in ("agree-account", "release", "uphold"):
        assert client.get(step_address(case, name)).status_code == 403
