"""Staff enter what came on other ways, as of its arrival; a message without a right becomes requests (Q19.3, Q19.4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from datamap.terms import Right
from dsar import casework
from dsar.deadlines import Channel
from dsar.entering import Told, enter_message, turn_into
from dsar.letters import on_paper
from dsar.models import Intake, Representative, SubjectRequest
from dsar.queries import deadline_of, subject_of
from dsar.refusals import (
    ArrivesLater,
    AuthorityUnchecked,
    NoSuchAccount,
    NothingToTurnInto,
    OwnRequest,
)
from dsar.steps import Step
from dsar.terms import AuthorityKind, IdentityMethod, Stage
from mailing.models import OutgoingMessage
from tests.dsar.conftest import NOW, File
from tests.mailing.calls import configured, deliver, mail
from tests.people import log_in

pytestmark = pytest.mark.django_db
ARRIVED = datetime(2026, 10, 31, 8, 30, tzinfo=UTC)
ADDRESS = "liga@example.lv"


def by(user: User, *, at: datetime = NOW) -> Step:
    return Step(by=user, reason="as agreed", now=at)


def told(*rights: Right, **values: Any) -> Told:
    given = {"channel": Channel.POST, "arrived_at": ARRIVED, "text": "Es lūdzu …", "language": "lv"}
    return Told(rights=rights, **{**given, **values})


@pytest.mark.clause("Q19.4")
def test_a_letter_that_is_entered_late_is_due_from_its_arrival(officer: User) -> None:
    (case,) = enter_message(told(Right.OBJECTION, postal_address="Brīvības iela 1"), step=by(officer))
    assert (case.received_at, str(deadline_of(case).due)) == (ARRIVED, "2026-11-30")
    assert (case.intake.entered_by, case.intake.entered_at) == (officer.pk, NOW)  # type: ignore[union-attr]
    assert (case.stage, OutgoingMessage.objects.count()) == (Stage.RECEIVED, 0)
    assert case.number in "\n".join(on_paper(case))


def test_nothing_is_entered_that_has_not_arrived(officer: User) -> None:
    with pytest.raises(ArrivesLater):
        enter_message(told(Right.ACCESS, arrived_at=NOW + timedelta(minutes=1)), step=by(officer))
    assert not Intake.objects.exists()


def test_one_letter_opens_linked_requests_and_gives_nothing_by_itself(officer: User) -> None:
    cases = enter_message(told(Right.ACCESS, Right.ERASURE, email=ADDRESS), step=by(officer))
    assert len({case.intake_id for case in cases}) == 1
    assert {case.received_at for case in cases} == {ARRIVED}
    assert {case.stage for case in cases} == {Stage.IDENTITY_PENDING}
    assert OutgoingMessage.objects.get().to_address == ADDRESS


def test_the_code_goes_to_the_address_on_file_and_to_no_unconfirmed_one(officer: User, person: User) -> None:
    letter = told(Right.ACCESS, email="somebody@else.lv", account_address=person.email)
    EmailAddress.objects.filter(user=person).update(verified=False)
    with pytest.raises(NoSuchAccount):
        enter_message(letter, step=by(officer))
    EmailAddress.objects.filter(user=person).update(verified=True)
    (case,) = enter_message(letter, step=by(officer))
    assert OutgoingMessage.objects.get().to_address == person.email
    assert (case.user, subject_of(case).is_somebody) == (None, False)


@pytest.mark.requirement("G4")
def test_nobody_enters_a_request_for_himself(officer: User) -> None:
    with pytest.raises(OwnRequest):
        enter_message(told(Right.ACCESS, email=officer.email), step=by(officer))
    assert not SubjectRequest.objects.exists()


@pytest.mark.requirement("I11")
def test_a_representative_gets_nothing_before_the_authority_is_checked(officer: User) -> None:
    letter = told(Right.HUMAN_REVIEW, email=ADDRESS, representative="Juris Kalns", capacity=AuthorityKind.LAWYER)
    (case,) = enter_message(letter, step=by(officer))
    casework.accept_identity(case.pk, IdentityMethod.KNOWN_FACTS, step=by(officer))
    with pytest.raises(AuthorityUnchecked):
        casework.answer_request(case.pk, "Done.", step=by(officer))
    casework.accept_authority(case.pk, "Power of attorney of 1 October 2026", step=by(officer))
    assert casework.answer_request(case.pk, "Done.", step=by(officer)).stage == Stage.ANSWERED


def test_a_request_that_ran_already_gets_no_representative_from_a_letter(officer: User) -> None:
    (first,) = enter_message(told(Right.ACCESS, email=ADDRESS), step=by(officer))
    letter = told(Right.ACCESS, email=ADDRESS, representative="Juris Kalns", capacity=AuthorityKind.LAWYER)
    (second,) = enter_message(letter, step=by(officer, at=NOW + timedelta(hours=1)))
    assert second == first
    assert not Representative.objects.exists()


@pytest.mark.clause("Q19.3")
def test_a_message_in_other_words_becomes_requests_with_its_own_arrival(officer: User) -> None:
    (message,) = enter_message(told(Right.GENERAL, email=ADDRESS), step=by(officer))
    opened = turn_into(message.pk, [Right.ACCESS, Right.RECTIFICATION], step=by(officer))
    assert {case.received_at for case in opened} == {ARRIVED}
    assert {case.intake_id for case in opened} == {message.intake_id}
    assert {case.stage for case in opened} == {Stage.IDENTITY_PENDING}
    message.refresh_from_db()
    assert message.stage == Stage.ANSWERED
    assert all(case.number in message.answer for case in opened)


@pytest.mark.clause("Q19.3")
def test_the_words_of_a_mail_follow_into_each_request_and_notes_do_not(officer: User, settings: Any) -> None:
    configured(settings)
    assert deliver(mail("Lūdzu pārtrauciet un pastāstiet, kas notiek ar pasūtījumu.")) == 200
    message = SubjectRequest.objects.get()
    casework.write_note(message.pk, step=Step(by=officer, reason="rang her", now=NOW))
    SubjectRequest.objects.filter(pk=message.pk).update(right=Right.GENERAL, stage=Stage.OPEN)
    opened = turn_into(message.pk, [Right.ACCESS, Right.COMPLAINT], step=by(officer))
    for case in opened:
        (words,) = case.messages.all()
        assert (words.direction, "kas notiek ar pasūtījumu" in words.text) == ("from_person", True)


def test_a_question_from_behind_the_log_in_is_identified_by_it(officer: User, person: User, file: File) -> None:
    (case,) = turn_into(file(Right.GENERAL).pk, [Right.OBJECTION], step=by(officer))
    assert (case.user, case.stage) == (person, Stage.OPEN)
    assert case.identity_checks.get().method == IdentityMethod.LOGIN


def test_only_an_unclear_message_is_turned_into_requests(officer: User, file: File) -> None:
    with pytest.raises(NothingToTurnInto):
        turn_into(file(Right.OBJECTION).pk, [Right.ACCESS], step=by(officer))
    with pytest.raises(NothingToTurnInto):
        turn_into(file(Right.GENERAL).pk, [Right.GENERAL], step=by(officer))


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    officer.user_permissions.set(Permission.objects.filter(codename__in=["change_subjectrequest"]))
    log_in(client, officer)
    return client


def fields(**values: Any) -> dict[str, Any]:
    given = {"channel": "post", "arrived_on": "2026-10-31", "arrived_at": "10:30", "rights": ["objection"]}
    return {**given, "language": "lv", "postal_address": "Brīvības iela 1", "text": "Es iebilstu.", **values}


ENTER = "admin:dsar_subjectrequest_enter"


@pytest.mark.clause("Q19.4")
def test_the_page_takes_a_letter_with_the_day_and_time_of_its_arrival(desk: Client) -> None:
    form = desk.get(reverse(ENTER)).context["form"]
    assert {field.name for _label, fields_ in form.groups() for field in fields_} == set(form.fields)
    answer = desk.post(reverse(ENTER), fields())
    case = SubjectRequest.objects.get()
    assert case.received_at == ARRIVED
    assert answer.headers["Location"] == reverse("admin:dsar_subjectrequest_change", args=[case.pk])


@pytest.mark.parametrize(
    "values",
    [
        {"arrived_on": "2999-01-01"},
        {"rights": []},
        {"postal_address": ""},
        {"channel": "email"},
        {"representative": "Juris Kalns"},
        {"account_address": "nobody@example.lv"},
        {"channel": "portal_auth"},
    ],
)
def test_the_page_refuses_with_a_sentence(desk: Client, values: dict[str, Any]) -> None:
    page = desk.post(reverse(ENTER), fields(**values))
    assert page.status_code == 400
    assert "errorlist" in page.content.decode()
    assert not SubjectRequest.objects.exists()


@pytest.mark.requirement("G9")
def test_an_account_is_looked_up_by_post_alone_and_by_its_exact_confirmed_address(desk: Client, person: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)

    def found(address: str) -> bool | None:
        return desk.post(reverse(ENTER), fields(account_address=address, lookup="1")).context["found"]

    assert (found(person.email), found(person.email[1:])) == (True, False)
    assert desk.get(reverse(ENTER), {"account_address": person.email, "lookup": "1"}).context["found"] is None
    assert Entry.objects.filter(action="searched").count() == 2
    assert not SubjectRequest.objects.exists()
