"""The page of a request without an account: the key opens it, a code shows the rest, no cookie is needed (D6, D11)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar.access import build_package
from dsar.cases import case_key
from dsar.casework import answer_request, ask_person, close_unidentified
from dsar.codes import identify
from dsar.deadlines import Channel, PauseKind
from dsar.filing import Form, file_form
from dsar.identity import doubt_identity
from dsar.models import CaseMessage, Challenge, IdentityCheck, Package, SubjectRequest
from dsar.queries import events_of, subject_of
from dsar.steps import Step
from dsar.terms import AuthorityKind, Direction, IdentityOutcome, Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.conftest import File

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

ADDRESS = "liga@example.lv"
WORDS = "Kas par mani glabājas?"


def filed(*rights: Right, address: str = ADDRESS, text: str = WORDS) -> list[SubjectRequest]:
    form = Form(address=address, rights=rights or (Right.ACCESS,), language="lv", text=text)
    return file_form(form, ip="192.0.2.1", now=timezone.now())


def mailed_code(address: str = ADDRESS) -> str:
    letters = OutgoingMessage.objects.filter(to_address=address).order_by("-created_at")
    found = next(filter(None, (re.search(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b", open_letter(item).text) for item in letters)))
    return found[0]


def shown(*rights: Right, address: str = ADDRESS) -> list[SubjectRequest]:
    cases = filed(*rights, address=address)
    waiting = next(case for case in cases if case.stage == Stage.IDENTITY_PENDING)
    assert identify(waiting, mailed_code(address), ip="192.0.2.1", now=timezone.now())
    return [SubjectRequest.objects.get(pk=case.pk) for case in cases]


def at(case: SubjectRequest, name: str = "case") -> str:
    return reverse(f"privacy:{name}", args=[case_key(case)])


@pytest.mark.clause("Q4.2")
def test_the_letter_leads_to_the_page_and_the_code_begins_the_work(client: Client) -> None:
    (case,) = filed()
    letter = open_letter(OutgoingMessage.objects.get()).text
    assert at(case) in letter
    page = client.get(at(case)).content.decode()
    assert case.number in page
    assert WORDS not in page
    answer = client.post(at(case, "case-identity"), {"code": mailed_code().lower()}, follow=True)
    assert WORDS in answer.content.decode()
    case.refresh_from_db()
    assert case.stage == Stage.OPEN
    assert Package.objects.filter(request=case).exists()
    assert not client.cookies


def test_the_page_asks_for_no_cookie_and_refuses_forms_from_elsewhere() -> None:
    (case,) = filed()
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(at(case))
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]
    for name in ("case-identity", "case-code", "case-message", "case-withdraw"):
        assert browser.post(at(case, name), {}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert browser.get(at(case, name)).status_code == 405
    assert browser.post(at(case, "case-withdraw")).status_code == 302
    assert not browser.cookies


@pytest.mark.parametrize("name", ["case", "case-package", "case-erasure"])
def test_a_guessed_key_opens_nothing(client: Client, name: str) -> None:
    filed()
    for secret in ("x", "0" * 43, "A" * 500):
        assert client.get(reverse(f"privacy:{name}", args=[secret])).status_code == 404
        assert client.post(reverse("privacy:case-withdraw", args=[secret])).status_code == 404


@pytest.mark.clause("Q16.10")
def test_one_code_opens_all_requests_of_the_message_each_with_its_own_record() -> None:
    stranger = filed(Right.RECTIFICATION)[0]
    cases = shown(Right.ACCESS, Right.ERASURE, Right.OBJECTION)
    assert {case.stage for case in cases} == {Stage.OPEN}
    assert IdentityCheck.objects.filter(case__in=cases, method="email_code", outcome="shown").count() == 3
    stranger.refresh_from_db()
    assert stranger.stage == Stage.IDENTITY_PENDING


@pytest.mark.requirement("I4")
def test_tries_used_up_lock_the_code_and_not_the_right(client: Client) -> None:
    (case,) = filed()
    code = mailed_code()
    for _ in range(5):
        wrong = client.post(at(case, "case-identity"), {"code": "AAAAA-AAAAA"})
        assert wrong.status_code == 400
    page = client.post(at(case, "case-identity"), {"code": code})
    assert page.status_code == 400
    assert 'name="text"' in page.content.decode()
    client.post(at(case, "case-code"), {"purpose": "identity"})
    assert client.post(at(case, "case-identity"), {"code": mailed_code()}).status_code == 302


@pytest.mark.requirement("I5")
def test_a_new_code_burns_the_old_and_ten_letters_a_day_are_enough(client: Client) -> None:
    (case,) = filed()
    old = mailed_code()
    client.post(at(case, "case-code"))
    assert client.post(at(case, "case-identity"), {"code": old}).status_code == 400
    statuses = [client.post(at(case, "case-code")).status_code for _ in range(9)]
    assert statuses == [302] * 8 + [429]
    assert Challenge.objects.filter(case=case, burned_at__isnull=True).count() == 1


@pytest.mark.requirement("I4")
def test_a_network_tries_thirty_codes_an_hour(client: Client) -> None:
    case, *_ = filed(Right.ACCESS)
    statuses = [client.post(at(case, "case-identity"), {"code": "AAAAA-AAAAA"}).status_code for _ in range(31)]
    assert statuses == [400] * 30 + [429]
    case.refresh_from_db()
    assert case.stage == Stage.IDENTITY_PENDING


@pytest.mark.clause("Q16.1")
def test_messages_go_both_ways_and_notes_stay_inside(client: Client) -> None:
    (case,) = shown(Right.OBJECTION)
    client.post(at(case, "case-message"), {"text": "Vēl viens jautājums"})
    CaseMessage.objects.create(case=case, direction=Direction.TO_PERSON, text="Mūsu atbilde", at=timezone.now())
    CaseMessage.objects.create(case=case, direction=Direction.NOTE, text="Iekšēja piezīme", at=timezone.now())
    page = client.get(at(case)).content.decode()
    assert "Vēl viens jautājums" in page
    assert "Mūsu atbilde" in page
    assert "Iekšēja piezīme" not in page
    assert events_of(case).filter(action="message_from_person").exists()


def test_a_message_before_the_identity_is_kept_and_not_shown(client: Client) -> None:
    (case,) = filed()
    client.post(at(case, "case-message"), {"text": "Rēķins 2026-17"})
    assert CaseMessage.objects.get().text == "Rēķins 2026-17"
    assert "Rēķins 2026-17" not in client.get(at(case)).content.decode()


def test_an_answer_to_our_question_lets_the_clock_run_again(client: Client, officer: User) -> None:
    (case,) = shown(Right.OBJECTION)
    step = Step(officer, "unclear", timezone.now())
    ask_person(case.pk, PauseKind.CLARIFICATION, "Kuru?", step=step)
    client.post(at(case, "case-message"), {"text": "To tur"})
    case.refresh_from_db()
    assert case.stage == Stage.OPEN
    assert not case.pauses.filter(answered_at__isnull=True).exists()
    assert [event.action for event in events_of(case)][-1] == "answer_arrived"


def test_the_answer_is_read_on_the_page(client: Client, officer: User) -> None:
    (case,) = shown(Right.HUMAN_REVIEW)
    answer_request(case.pk, "Mēs vairs to nedarām.", step=Step(officer, "done", timezone.now()))
    page = client.get(at(case))
    assert "Mēs vairs to nedarām." in page.content.decode()
    assert "<textarea" in page.content.decode()


@pytest.mark.requirement("P5")
def test_withdrawing_works_before_the_code_and_twice_is_once(client: Client) -> None:
    (case,) = filed()
    assert [client.post(at(case, "case-withdraw")).status_code for _ in range(2)] == [302, 302]
    case.refresh_from_db()
    assert case.stage == Stage.WITHDRAWN
    assert client.post(at(case, "case-identity"), {"code": mailed_code()}).status_code == 409


def test_where_staff_doubt_a_code_is_not_enough(client: Client, officer: User) -> None:
    (case,) = filed()
    doubt_identity(case.pk, IdentityOutcome.DOUBTED, actor=Actor.of(officer), now=timezone.now(), reason="two of them")
    assert 'name="code"' not in client.get(at(case)).content.decode()
    assert client.post(at(case, "case-identity"), {"code": mailed_code()}).status_code == 409
    assert client.post(at(case, "case-code")).status_code == 409


@pytest.mark.clause("Q4.6")
def test_who_could_not_be_identified_is_told_so(client: Client, officer: User) -> None:
    (case,) = filed()
    close_unidentified(case.pk, step=Step(officer, "no answer", timezone.now() + timedelta(days=30)))
    page = client.get(at(case)).content.decode()
    assert "11" in page
    assert WORDS not in page


@pytest.mark.requirement("I11")
def test_a_representative_starts_nothing(client: Client) -> None:
    form = Form(
        address=ADDRESS,
        rights=(Right.ACCESS, Right.ERASURE),
        language="lv",
        name="Jurists",
        capacity=AuthorityKind.LAWYER,
    )
    access, erasure = file_form(form, ip="", now=timezone.now())
    assert identify(access, mailed_code(), ip="", now=timezone.now())
    assert not Package.objects.exists()
    refused = client.get(at(erasure, "case-erasure"))
    assert refused.status_code == 409
    assert "plan" not in refused.context


RECEIPT = "6f9619ff-8b86-4011-b42d-00c04fc964ff"


@pytest.mark.clause("Q4.6")
def test_a_named_visitor_number_belongs_to_who_named_it_once_the_code_came_back() -> None:
    form = Form(address=ADDRESS, rights=(Right.ACCESS,), language="lv", numbers=RECEIPT)
    (case,) = file_form(form, ip="", now=timezone.now())
    assert not subject_of(case).is_somebody
    identify(case, mailed_code(), ip="", now=timezone.now())
    case = SubjectRequest.objects.get(pk=case.pk)
    assert subject_of(case).visitors == {RECEIPT}
    assert build_package(case.pk, now=timezone.now()) is not None


def test_the_page_of_a_log_in_has_the_same(client: Client, person: User, file: File) -> None:
    client.force_login(person)
    case = file(Right.OBJECTION)
    address = reverse("privacy:request-detail", args=[case.number])
    client.post(reverse("privacy:request-message", args=[case.number]), {"text": "Sveiki no lapas"})
    assert "Sveiki no lapas" in client.get(address).content.decode()
    assert client.post(reverse("privacy:request-message", args=[case.number]), {"text": ""}).status_code == 400
    for _ in range(20):
        client.post(reverse("privacy:request-message", args=[case.number]), {"text": "Vēl"})
    assert CaseMessage.objects.filter(case=case).count() == 20


def test_a_stranger_writes_nothing_into_a_request(client: Client, other_person: User, file: File) -> None:
    case = file(Right.OBJECTION)
    client.force_login(other_person)
    assert client.post(reverse("privacy:request-message", args=[case.number]), {"text": "x"}).status_code == 404
    assert not CaseMessage.objects.exists()


def test_channel_of_the_form_is_the_portal_without_account() -> None:
    assert filed()[0].channel == Channel.PORTAL_TOKEN
