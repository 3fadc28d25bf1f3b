"""A case for print: everything of it on one page, masked unless a reason is given, and each time a look on record."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.revealing import RevealReason
from audit.trail import Actor
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar import assigning, casework
from dsar.attachments import Incoming, keep
from dsar.models import SubjectRequest
from dsar.terms import AttachmentPurpose, CameBy, RefusalReason
from retention.erasure import execute_erasure
from retention.plan import plan_erasure
from tests.dsar.conftest import NOW, File
from tests.dsar.test_desk_pages import allow, by, desk, page_address
from tests.people import log_in
from vault.keys import destroy_key

pytestmark = pytest.mark.django_db
__all__ = ["desk"]
PDF = b"%PDF-1.7 what she sent"
WORDS = "my own words <b>bold</b>"


@pytest.fixture(autouse=True)
def _var(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def paper(case: SubjectRequest) -> str:
    return reverse("admin:dsar_subjectrequest_print", args=[case.pk])


def in_clear(client: Client, case: SubjectRequest) -> str:
    return client.post(paper(case), {"reason": RevealReason.ASKED}).content.decode()


@pytest.fixture
def full(file: File, officer: User, colleague: User) -> SubjectRequest:
    """A request with a message, a note, a file, and a refusal that a colleague proposed."""
    case = file(Right.COMPLAINT, text=WORDS)
    casework.write_to_person(case.pk, "We are looking into it.", step=by(officer))
    casework.write_note(case.pk, step=by(officer))
    keep(case, Incoming("secret name.pdf", PDF), AttachmentPurpose.EVIDENCE, came_by=CameBy.PERSON, now=NOW)
    casework.propose_refusal(case.pk, RefusalReason.UNFOUNDED, "Our reasons at length.", step=by(colleague))
    return case


@pytest.mark.requirement("G6")
@pytest.mark.clause("Q3.1")
def test_the_page_for_print_is_masked_and_a_look_on_record(
    desk: Client, full: SubjectRequest, person: User, officer: User
) -> None:
    page = desk.get(paper(full)).content.decode()
    for secret in (person.email, "my own words", "We are looking into it.", "secret name", str(person.pk), "at length"):
        assert secret not in page
    assert sha256(PDF).hexdigest() not in page
    assert full.number in page
    assert officer.email in page
    entry = Entry.objects.get(action="printed")
    assert (entry.actor_id, entry.subject, full.number in entry.reason) == (str(officer.pk), person.pk, True)


@pytest.mark.requirement("G6")
def test_with_a_reason_everything_stands_there_in_clear_and_the_reason_is_on_record(
    desk: Client, full: SubjectRequest, person: User, officer: User
) -> None:
    page = in_clear(desk, full)
    for told in (person.email, "We are looking into it.", "secret name.pdf", "Our reasons at length.", officer.email):
        assert told in page
    assert sha256(PDF).hexdigest() in page
    assert "peteris@qlekta.example" in page
    assert "&lt;b&gt;bold" in page
    assert "<b>bold" not in page
    assert RevealReason.ASKED in Entry.objects.get(action="printed_in_clear").reason
    assert "We are looking into it." not in desk.get(paper(full)).content.decode()


def test_dates_arithmetic_letters_and_events_are_on_the_page(desk: Client, full: SubjectRequest) -> None:
    page = desk.get(paper(full))
    text = page.content.decode()
    for step in page.context["view"].deadline.steps:
        assert str(step) in text
    assert [letter.reference for letter in page.context["letters"]] == [full.number] * 2
    assert len(page.context["events"]) >= 4
    assert "<details" not in text


@pytest.mark.requirement("G6")
def test_nothing_is_printed_in_clear_without_a_reason_or_by_who_does_not_work_here(
    desk: Client, full: SubjectRequest, person: User, officer: User
) -> None:
    answer = desk.post(paper(full), {"reason": "curious"})
    assert (answer.status_code, person.email in answer.content.decode()) == (400, False)
    officer.user_permissions.clear()
    assert desk.get(paper(full)).status_code == 403
    allow(officer, "view_subjectrequest", "approve_subjectrequest")
    assert desk.post(paper(full), {"reason": RevealReason.WORK}).status_code == 403
    assert not Entry.objects.filter(action="printed_in_clear").exists()


@pytest.mark.requirement("G3", "G4")
def test_a_case_that_is_hidden_in_the_queue_is_not_printed(
    client: Client, file: File, officer: User, colleague: User
) -> None:
    own, theirs = file(Right.OBJECTION, user=officer), file(Right.COMPLAINT)
    assigning.take_over(theirs.pk, step=by(colleague))
    allow(officer, "view_subjectrequest", "change_subjectrequest")
    log_in(client, officer)
    for case in (own, theirs):
        assert client.get(paper(case)).status_code == 404
        assert client.post(paper(case), {"reason": RevealReason.WORK}).status_code == 404


def test_a_file_whose_key_is_gone_is_said_to_be_unreadable(desk: Client, full: SubjectRequest) -> None:
    destroy_key(full.attachments.get().pk, now=NOW)
    page = in_clear(desk, full)
    assert "nav nolasāms" in page
    assert sha256(PDF).hexdigest() not in page


def test_the_receipt_of_an_erasure_is_part_of_the_file(desk: Client, file: File, person: User) -> None:
    case = file(Right.ERASURE)
    subject = subject_of_user(person)
    execute_erasure(
        case_number=case.number,
        subject=subject,
        plan_digest=plan_erasure(subject, now=timezone.now(), archive=True).digest,
        objection_to_archive=False,
        actor=Actor.system("test"),
        now=timezone.now(),
    )
    page = desk.get(paper(case))
    assert page.context["receipt"]["case_number"] == case.number
    assert person.email not in page.content.decode()


def test_the_page_of_the_case_leads_there(desk: Client, full: SubjectRequest) -> None:
    page = desk.get(page_address(full)).content.decode()
    assert f'href="{paper(full)}"' in page
    assert f'formaction="{paper(full)}"' in page
