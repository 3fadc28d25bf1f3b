"""What the pages of a request tell its person: one moment, what is true, and where she can write (Art. 12(1))."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import TimestampSigner
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from datamap.terms import Right
from dsar.access import build_package
from dsar.case_page import page_of
from dsar.casework import answer_request, close_unidentified
from dsar.forms import PublicRequestForm
from dsar.models import Challenge, Package, SubjectRequest
from dsar.queries import events_of
from dsar.steps import Step
from dsar.terms import Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.conftest import NOW, File
from tests.dsar.test_case_page import ADDRESS, at, filed, shown
from tests.letters import last_message
from tests.people import log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

CODE_SENT = "Mēs jums nosūtījām kodu."
NEW_CODE_SENT = "Nosūtījām jums jaunu kodu."


@pytest.fixture
def anna(client: Client, person: User) -> Client:
    log_in(client, person)
    prove_again(client)
    return client


def detail(case: SubjectRequest, name: str = "request-detail") -> str:
    return reverse(f"privacy:{name}", args=[case.number])


def answered(case: SubjectRequest, officer: User) -> SubjectRequest:
    return answer_request(case.pk, "Mēs vairs to nedarām.", step=Step(officer, "done", timezone.now()))


def test_a_copy_that_gets_ready_while_the_page_is_read_is_shown_whole(file: File) -> None:
    case = file()
    built: list[Package | None] = []

    def worker_is_faster(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if "dsar_caseevent" in sql and sql.startswith("SELECT") and not built:
            built.append(None)
            built.append(build_package(case.pk, now=NOW))
        return execute(sql, *more)

    with connection.execute_wrapper(worker_is_faster):
        page = page_of(case, now=NOW)
    assert built[1] is not None
    assert page.events[-1].action == "copy_made_available"
    assert page.case.stage == Stage.ANSWERED
    assert page.downloadable
    assert not page.is_working


@pytest.mark.requirement("D6")
def test_no_link_makes_the_page_say_what_did_not_happen(client: Client) -> None:
    (case,) = filed()
    other, stale = TimestampSigner(salt="dsar.said.other"), TimestampSigner(salt=f"dsar.said.{case.pk}")
    for said in ("withdrawn", other.sign("withdrawn"), f"{stale.sign('code')}x", "withdrawn:1:x"):
        page = client.get(at(case), {"said": said}).content.decode()
        assert "Jūsu pieprasījums ir atsaukts." not in page
        assert CODE_SENT not in page


def test_what_was_done_is_said_once_it_is_done(client: Client) -> None:
    (case,) = filed()
    done = client.post(at(case, "case-withdraw"), follow=True)
    assert "Jūsu pieprasījums ir atsaukts." in done.content.decode()


def test_the_first_code_is_not_called_a_new_one(client: Client) -> None:
    (case,) = shown(Right.ERASURE)
    pages = [client.post(at(case, "case-code"), {"purpose": "erasure"}, follow=True).content.decode() for _ in range(2)]
    assert CODE_SENT in pages[0]
    assert NEW_CODE_SENT not in pages[0]
    assert NEW_CODE_SENT in pages[1]
    assert Challenge.objects.filter(case=case, purpose="erasure").count() == 2


def test_a_person_can_write_while_her_copy_is_put_together(anna: Client, file: File) -> None:
    case = file()
    looking = anna.get(detail(case)).content.decode()
    assert 'http-equiv="refresh"' in looking
    (link,) = re.findall(r'href="(\?write=1)#write"', looking)
    writing = anna.get(detail(case) + link).content.decode()
    assert 'http-equiv="refresh"' not in writing
    assert "<textarea" in writing
    assert anna.post(detail(case, "request-message"), {"text": "Vai arī vēstules?"}, follow=True).status_code == 200
    assert case.messages.get().text == "Vai arī vēstules?"


def test_a_message_about_a_closed_request_opens_a_question(anna: Client, file: File, officer: User) -> None:
    case = answered(file(Right.OBJECTION), officer)
    assert "<textarea" in anna.get(detail(case)).content.decode()
    page = anna.post(detail(case, "request-message"), {"text": "Un sīkdatnes?"}, follow=True)
    question = SubjectRequest.objects.get(right=Right.GENERAL)
    assert page.redirect_chain[-1][0] == detail(question)
    assert question.number in page.content.decode()
    assert case.number in question.text
    assert question.text.endswith("Un sīkdatnes?")
    assert question.stage == Stage.OPEN
    case.refresh_from_db()
    assert case.stage == Stage.ANSWERED
    assert not case.messages.exists()
    assert events_of(case).last().action == "asked_after"  # type: ignore[union-attr]


def test_the_same_without_a_log_in_inherits_nothing(client: Client, officer: User) -> None:
    (case,) = shown(Right.HUMAN_REVIEW)
    answered(case, officer)
    page = client.post(at(case, "case-message"), {"text": "Un sīkdatnes?"}, follow=True)
    question = SubjectRequest.objects.get(right=Right.GENERAL)
    assert page.redirect_chain[-1][0].startswith(at(question))
    assert question.number in page.content.decode()
    assert (question.email, question.user) == (ADDRESS, None)
    for number in range(25):
        client.post(at(case, "case-message"), {"text": f"Vēl {number}"})
    assert SubjectRequest.objects.filter(right=Right.GENERAL).count() == 19, "the first request is one of the day's 20"


def test_who_could_not_be_identified_writes_and_it_goes_on(client: Client, officer: User) -> None:
    (case,) = filed()
    close_unidentified(case.pk, step=Step(officer, "silence", timezone.now()))
    assert "<textarea" in client.get(at(case)).content.decode()
    client.post(at(case, "case-message"), {"text": "Esmu te."})
    case.refresh_from_db()
    assert case.stage == Stage.IDENTITY_PENDING
    assert case.messages.get().text == "Esmu te."


def test_nobody_is_invited_to_write_where_no_answer_could_arrive(client: Client) -> None:
    (case,) = filed()
    client.post(at(case, "case-withdraw"))
    SubjectRequest.objects.filter(pk=case.pk).update(email="")
    assert "<textarea" not in client.get(at(case)).content.decode()
    assert client.post(at(case, "case-message"), {"text": "?"}).status_code == 409
    assert SubjectRequest.objects.count() == 1


def test_portability_is_never_called_a_copy(anna: Client, person: User, file: File) -> None:
    case = file(Right.PORTABILITY)
    package = build_package(case.pk, now=NOW)
    assert package is not None
    letter = open_letter(last_message(to_address=person.email))
    Package.objects.filter(pk=package.pk).update(link_ends_at=timezone.now() + timedelta(hours=1))
    pages = [anna.get(detail(case)).content.decode(), anna.get(detail(case, "package-download")).content.decode()]
    for said in (letter.subject, letter.text, *pages):
        assert "kopij" not in said.lower()
        assert "index.html" not in said
    assert "portability.json" in pages[1]


def test_every_letter_about_a_request_names_it_in_its_subject(person: User, file: File) -> None:
    case = file(Right.OBJECTION)
    assert case.number in open_letter(OutgoingMessage.objects.get(to_address=person.email)).subject


def test_the_download_page_claims_nothing_that_the_download_changes(anna: Client, package: Package) -> None:
    Package.objects.update(link_ends_at=timezone.now() + timedelta(hours=1))
    address = detail(package.request, "package-download")
    page = anna.get(address).content.decode()
    assert "izmantotas 0 no 3" in page
    assert f'<a href="{address}">' in page


def test_mistakes_are_listed_in_the_order_of_the_page(client: Client) -> None:
    page = client.post(reverse("privacy:request-new"), {"email": "nav", "language": "lv"}).content.decode()
    summary = page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]
    assert re.findall(r'href="#(\w+)"', summary) == ["id_email", "id_right_0"]
    assert "?:" not in summary
    assert list(PublicRequestForm().fields)[:3] == ["email", "right", "text"]


def test_english_days_come_before_months_and_sentences_end_once(person: User, file: File) -> None:
    User.objects.filter(pk=person.pk).update(language="en")
    person.refresh_from_db()
    file(Right.OBJECTION, user=person)
    text = open_letter(OutgoingMessage.objects.get(to_address=person.email)).text
    assert "22 November 2026, 14:00." in text
    assert not re.search(r"\.\.", text)
    with translation.override("en"):
        assert "November 22" not in text
