"""Ten thousand requests of one address: no right is dropped, nothing done twice, and the desk opens (bad input)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from datamap.terms import Right
from dsar.deadlines import Channel
from dsar.filing import Form, file_form
from dsar.models import CaseEvent, CaseMessage, Intake, SubjectRequest
from dsar.queries import ON_ONE_PAGE
from dsar.services import REQUESTS_A_DAY, ask_late
from dsar.terms import Direction, Stage
from mailing.models import OutgoingMessage
from retention.attempts import PER_ADDRESS
from tests.dsar.conftest import NOW, File
from tests.mailing.calls import configured, deliver, mail
from tests.people import log_in

pytestmark = pytest.mark.django_db

ADDRESS = "liga@example.lv"
QUEUE = reverse("admin:dsar_subjectrequest_changelist")
MANY = 10_000
MESSAGES = 1_000


def form(number: int, *rights: Right) -> list[SubjectRequest]:
    """A form from a network of its own: whoever floods us has many."""
    typed = Form(address=ADDRESS, rights=rights, language="lv", text=f"vēlme {number}")
    return file_form(typed, ip=f"203.{number // 250}.{number % 250}.1", now=NOW)


def letters() -> int:
    return OutgoingMessage.objects.filter(to_address=ADDRESS).count()


@pytest.mark.requirement("I4")
@pytest.mark.clause("Q16.10", "Q4.2")
def test_forms_beyond_the_limit_go_on_in_the_request_that_runs_with_their_words() -> None:
    for number in range(60):
        form(number, Right.RESTRICTION)
    cases = SubjectRequest.objects.filter(right=Right.RESTRICTION)
    assert (cases.count(), Intake.objects.count()) == (REQUESTS_A_DAY.attempts, 60)
    words = {*cases.values_list("text", flat=True), *(row.text for row in CaseMessage.objects.all())}
    assert words >= {f"vēlme {number}" for number in range(60)}
    assert letters() == PER_ADDRESS.attempts
    assert {case.right for case in form(61, Right.RESTRICTION, Right.COMPLAINT)} == {"restriction", "complaint"}
    assert SubjectRequest.objects.filter(right=Right.COMPLAINT).count() == 1, "another right is another request"


@pytest.mark.requirement("I4")
def test_the_next_day_the_same_address_opens_requests_again() -> None:
    for number in range(REQUESTS_A_DAY.attempts + 5):
        form(number, Right.OBJECTION)
    typed = Form(address=ADDRESS, rights=(Right.OBJECTION,), language="lv")
    file_form(typed, ip="198.51.100.1", now=NOW + timedelta(days=1, seconds=1))
    assert SubjectRequest.objects.count() == REQUESTS_A_DAY.attempts + 1


@pytest.mark.requirement("I4")
@pytest.mark.clause("Q19.2")
def test_mails_beyond_the_limit_are_kept_and_another_right_among_them_is_a_request(
    settings: Any, tmp_path: Path
) -> None:
    configured(settings)
    settings.VAR_DIR = tmp_path
    for number in range(45):
        assert deliver(mail(f"vēstule {number}")) == 200
    assert deliver(mail("Lūdzu, izdzēsiet visus manus datus.", subject="Datu dzēšana")) == 200
    assert Intake.objects.exclude(raw_file="").count() == CaseMessage.objects.count() == 46
    assert SubjectRequest.objects.filter(right=Right.GENERAL).count() == REQUESTS_A_DAY.attempts
    assert SubjectRequest.objects.filter(right=Right.ERASURE).count() == 1
    assert letters() == PER_ADDRESS.attempts


@pytest.mark.requirement("I4", "I10")
def test_a_copy_that_is_asked_for_very_often_is_one_request() -> None:
    opened = {case.pk for number in range(40) for case in form(number, Right.ACCESS)}
    assert opened == {SubjectRequest.objects.get().pk}


def flood(count: int) -> None:
    """As many that wait for a code and were not written to, as if each had come on a day of its own."""
    messages = Intake.objects.bulk_create(
        Intake(channel=Channel.PORTAL_TOKEN, sender=ADDRESS, arrived_at=NOW, entered_at=NOW) for _number in range(count)
    )
    SubjectRequest.objects.bulk_create(
        SubjectRequest(
            intake=messages[number],
            number=f"QP-2026-F{number:06}",
            right=Right.OBJECTION,
            channel=Channel.PORTAL_TOKEN,
            email=ADDRESS,
            received_at=NOW - timedelta(minutes=number),
            due_on=NOW.date(),
        )
        for number in range(count)
    )
    SubjectRequest.objects.filter(email=ADDRESS).update(stage=Stage.IDENTITY_PENDING)


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    log_in(client, officer)
    return client


def asked(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


def test_ten_thousand_of_one_address_cost_the_queue_no_question_more_and_a_round_one_refused_letter(
    desk: Client, file: File
) -> None:
    file(Right.OBJECTION)
    asked(desk, QUEUE)  # what the first page of a log-in asks besides
    few = asked(desk, QUEUE)
    flood(MANY)
    assert asked(desk, QUEUE) == few
    assert ask_late(now=NOW) == letters() == PER_ADDRESS.attempts
    with CaptureQueriesContext(connection) as queries:
        assert ask_late(now=NOW) == 0
    assert len(queries) < 12
    assert SubjectRequest.objects.filter(stage=Stage.IDENTITY_PENDING).count() == MANY, "none is dropped"


def test_a_request_with_very_many_messages_shows_the_latest_and_says_where_the_others_are(
    desk: Client, file: File
) -> None:
    case = file(Right.OBJECTION)
    page = reverse("admin:dsar_subjectrequest_change", args=[case.pk])
    asked(desk, page)
    few = asked(desk, page)
    CaseMessage.objects.bulk_create(
        CaseMessage(case=case, direction=Direction.FROM_PERSON, text="", at=NOW + timedelta(seconds=number))
        for number in range(MESSAGES)
    )
    before = CaseEvent.objects.filter(case_number=case.number).count()
    assert asked(desk, page) <= few + 1
    answer = desk.get(page)
    assert len(answer.context["written"]) == ON_ONE_PAGE
    assert answer.context["written"][-1][0].at == NOW + timedelta(seconds=MESSAGES - 1)
    assert answer.context["older"] == MESSAGES - ON_ONE_PAGE
    assert "?all=1" in answer.content.decode()
    assert len(answer.context["events"]) == before
    assert len(desk.get(f"{page}?all=1").context["written"]) == MESSAGES
