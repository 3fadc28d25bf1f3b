"""A copy goes to the person; to who acts for her only by two of the staff, with a code, and she is told (I11, G4)."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from datamap.terms import Right
from dsar import casework, linking
from dsar.access import build_package
from dsar.codes import identify
from dsar.desk import steps_for
from dsar.filing import Form, file_form
from dsar.models import Package, Representative, SubjectRequest
from dsar.queries import events_of
from dsar.refusals import SamePersonHandsOver, WrongStage
from dsar.representing import let_fetch
from dsar.steps import Step
from dsar.terms import AuthorityKind
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.conftest import NOW
from tests.dsar.test_case_page import at, mailed_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

LAWYER = "juris@kalns.example"


def by(user: User) -> Step:
    return Step(by=user, reason="the mandate covers receiving the copy", now=timezone.now())


@pytest.fixture
def case(person: User, officer: User, colleague: User, time_machine: Any) -> SubjectRequest:
    """Anna's copy, asked for by her lawyer, led to her account by two, and ready; the wait of 72 hours is over."""
    EmailAddress.objects.filter(user=person).update(verified=True)
    form = Form(
        address=LAWYER,
        rights=(Right.ACCESS,),
        language="lv",
        text="Anna Bērziņa",
        name="Juris Kalns",
        capacity=AuthorityKind.LAWYER,
    )
    (filed,) = file_form(form, ip="192.0.2.1", now=timezone.now())
    assert identify(filed, mailed_code(LAWYER), ip="192.0.2.1", now=timezone.now())
    casework.accept_authority(filed.pk, "Mandate of 1 October 2026", step=by(officer))
    linking.link_person(filed.pk, person.email, step=by(officer))
    casework.agree_to_account(filed.pk, person.email, step=by(colleague))
    time_machine.move_to(NOW + timedelta(hours=80), tick=True)
    assert build_package(filed.pk, now=timezone.now()) is not None
    return SubjectRequest.objects.get(pk=filed.pk)


def downloaded(browser: Client, case: SubjectRequest) -> Any:
    browser.post(at(case, "case-code"), {"purpose": "download"})
    return browser.post(at(case, "case-package"), {"code": mailed_code(LAWYER)})


@pytest.mark.requirement("I11")
def test_without_a_second_decision_the_copy_goes_to_the_person_and_the_page_says_so(case: SubjectRequest) -> None:
    browser = Client(headers={"accept-language": "en"})
    page = browser.get(at(case, "case-package")).content.decode()
    assert "The file goes to the person herself" in page
    assert browser.post(at(case, "case-code"), {"purpose": "download"}).status_code == 409
    assert Package.objects.get(request=case).downloads == 0


@pytest.mark.requirement("I11", "G4", "D8")
def test_a_second_member_of_the_staff_lets_the_representative_download_and_the_person_is_told(
    case: SubjectRequest, officer: User, colleague: User, person: User
) -> None:
    with pytest.raises(SamePersonHandsOver):
        let_fetch(case.pk, step=by(officer))
    assert "let-fetch" in steps_for(case)
    let_fetch(case.pk, step=by(colleague))
    assert "let-fetch" not in steps_for(case)
    with pytest.raises(WrongStage):
        let_fetch(case.pk, step=by(colleague))
    answer = downloaded(Client(), case)
    assert answer.headers["Content-Type"] == "application/zip"
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert events_of(case).filter(action="copy_fetched").exists()
    letters = [open_letter(item).text for item in OutgoingMessage.objects.filter(to_address=person.email)]
    assert any(case.number in text and "pārstāvis" in text for text in letters)


def test_the_database_knows_the_second_pair_of_eyes_too(case: SubjectRequest, officer: User) -> None:
    with pytest.raises(IntegrityError, match="dsar_handed_over_by_two"), transaction.atomic():
        Representative.objects.filter(case=case).update(may_fetch_at=timezone.now(), may_fetch_by=officer.pk)


def test_nobody_else_is_let_in_by_that(case: SubjectRequest, colleague: User) -> None:
    let_fetch(case.pk, step=by(colleague))
    Representative.objects.filter(case=case).update(may_fetch_at=None, may_fetch_by=None)
    assert downloaded(Client(), case).status_code != 200 or not Package.objects.get(request=case).downloads
