"""Staff move requests by steps that say why; two for a refusal; whoever looks is recorded (Q3.1)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from datamap.terms import Right
from dsar import casework
from dsar.cases import Note, note_of
from dsar.casework import Step
from dsar.deadlines import Clock, PauseKind
from dsar.desk import STEPS, steps_for
from dsar.models import SubjectRequest
from dsar.queries import by_due_date, deadline_of, events_of, requests_due_by_alarm
from dsar.refusals import GroundDoesNotFit, ReasonMissing, SamePerson, TooLate, WrongStage
from dsar.terms import DelayReason, Outcome, RefusalReason, Stage, grounds_for
from mailing.models import OutgoingMessage
from tests.dsar.conftest import NOW, File

pytestmark = pytest.mark.django_db


def by(user: User, *, at: datetime = NOW, reason: str = "as agreed") -> Step:
    return Step(by=user, reason=reason, now=at)


def test_a_step_without_a_reason_is_none(officer: User) -> None:
    with pytest.raises(ReasonMissing):
        by(officer, reason="  ")


def test_a_question_stops_the_clock_until_the_answer(file: File, officer: User) -> None:
    case = file(Right.RECTIFICATION)
    casework.ask_person(case.pk, PauseKind.CLARIFICATION, "Which street?", step=by(officer, at=NOW + timedelta(days=1)))
    assert deadline_of(case).status is Clock.PAUSED
    casework.take_answer(case.pk, step=by(officer, at=NOW + timedelta(days=5)))
    assert deadline_of(case).paused_days == 4


def test_an_answer_closes_the_request_and_is_announced(file: File, officer: User) -> None:
    case = file(Right.RECTIFICATION)
    answered = casework.answer_request(case.pk, "Your street is right now.", step=by(officer))
    assert (answered.stage, answered.outcome) == (Stage.ANSWERED, Outcome.FULFILLED)
    assert OutgoingMessage.objects.count() == 2


@pytest.mark.requirement("G4")
def test_a_refusal_takes_two(file: File, officer: User, other_person: User) -> None:
    case = file(Right.ERASURE)
    casework.propose_refusal(case.pk, RefusalReason.CLAIMS, "We need it for a court.", step=by(officer))
    with pytest.raises(SamePerson):
        casework.approve_refusal(case.pk, step=by(officer))
    refused = casework.approve_refusal(case.pk, step=by(other_person))
    assert (refused.stage, refused.outcome) == (Stage.REFUSED, Outcome.REFUSED)


@pytest.mark.requirement("G4")
def test_the_database_refuses_a_refusal_by_one(file: File, officer: User) -> None:
    case = file(Right.ERASURE)
    with pytest.raises(IntegrityError, match="dsar_refused_by_two"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(
            stage=Stage.REFUSED,
            refusal_reason="x",
            refusal_proposed_by=officer.pk,
            refusal_approved_by=officer.pk,
            closed_at=NOW,
            ends_at=NOW,
        )


def test_a_ground_that_does_not_fit_the_request_is_refused(file: File, officer: User) -> None:
    for right, why in ((Right.ACCESS, RefusalReason.CLAIMS), (Right.ERASURE, RefusalReason.IDENTITY)):
        with pytest.raises(GroundDoesNotFit):
            casework.propose_refusal(file(right).pk, why, "No.", step=by(officer))


@pytest.mark.parametrize("right", list(Right))
def test_every_right_has_grounds_that_fit(right: Right) -> None:
    shown = grounds_for(right, is_identified=True)
    assert RefusalReason.IDENTITY not in shown
    assert (RefusalReason.CLAIMS in shown) == (right is Right.ERASURE)
    assert RefusalReason.IDENTITY in grounds_for(right, is_identified=False)


def test_the_desk_offers_only_grounds_that_fit(desk: Client, file: File) -> None:
    page = desk.get(step_address(file(Right.ACCESS), "propose-refusal")).content.decode()
    assert RefusalReason.OTHERS.value in page
    assert RefusalReason.CLAIMS.value not in page


def test_nobody_approves_what_nobody_proposed(file: File, officer: User) -> None:
    with pytest.raises(WrongStage):
        casework.approve_refusal(file().pk, step=by(officer))


def test_an_extension_counts_three_months_from_the_receipt(file: File, officer: User) -> None:
    case = file(Right.RECTIFICATION)
    extended = casework.extend_deadline(case.pk, DelayReason.COMPLEXITY, step=by(officer, at=NOW + timedelta(days=20)))
    assert str(deadline_of(extended).due) == "2027-02-22"
    with pytest.raises(WrongStage):
        casework.extend_deadline(case.pk, DelayReason.COMPLEXITY, step=by(officer))


def test_a_late_extension_is_refused_and_tells_nobody(file: File, officer: User) -> None:
    case = file(Right.RECTIFICATION)
    with pytest.raises(TooLate):
        casework.extend_deadline(case.pk, DelayReason.VOLUME, step=by(officer, at=NOW + timedelta(days=40)))
    case.refresh_from_db()
    assert case.extended_at is None


def test_a_withdrawal_of_consent_knows_no_extension(file: File, officer: User) -> None:
    case = casework.reopen(file(Right.WITHDRAWAL).pk, step=by(officer))
    with pytest.raises(TooLate):
        casework.extend_deadline(case.pk, DelayReason.VOLUME, step=by(officer))


def test_a_reopened_request_runs_again(file: File, officer: User) -> None:
    case = file(Right.RECTIFICATION)
    casework.answer_request(case.pk, "Done.", step=by(officer))
    again = casework.reopen(case.pk, step=by(officer, reason="the mail bounced"))
    assert (again.stage, again.outcome, again.answered_at) == (Stage.OPEN, "", None)
    event = events_of(case).last()
    assert event is not None
    assert note_of(event, again) == Note(str(officer.pk), "the mail bounced")


def test_the_desk_is_ordered_by_due_date(file: File, officer: User) -> None:
    first, second, third = (file(Right.OBJECTION) for _ in range(3))
    for case, days in ((first, 3), (second, 1), (third, 2)):
        SubjectRequest.objects.filter(pk=case.pk).update(received_at=NOW + timedelta(days=days))
    SubjectRequest.objects.filter(pk=second.pk).update(extended_at=NOW, extension_reason=DelayReason.VOLUME)
    casework.answer_request(third.pk, "Done.", step=by(officer))
    assert list(by_due_date(SubjectRequest.objects.all())) == [first, second, third]


def test_alarms_ring_before_the_last_day(file: File) -> None:
    file(Right.OBJECTION)
    assert requests_due_by_alarm(NOW, working_days=10) == []
    assert len(requests_due_by_alarm(NOW + timedelta(days=17), working_days=10)) == 1


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    officer.is_superuser = True
    officer.save()
    client.force_login(officer)
    return client


def step_address(case: SubjectRequest, name: str) -> str:
    return reverse("admin:dsar_subjectrequest_step", args=[case.pk, name])


@pytest.mark.clause("Q3.1")
def test_whoever_opens_a_request_is_recorded(desk: Client, file: File, person: User, officer: User) -> None:
    case = file()
    page = desk.get(reverse("admin:dsar_subjectrequest_change", args=[case.pk]))
    assert page.status_code == 200
    entry = Entry.objects.get(action="viewed", object_id=str(case.pk))
    assert (entry.actor_id, entry.subject) == (str(officer.pk), person.pk)
    assert case.number in entry.reason


@pytest.mark.clause("Q3.1")
def test_the_list_shows_what_is_overdue_and_records_the_look(desk: Client, file: File) -> None:
    case = file(Right.OBJECTION)
    SubjectRequest.objects.filter(pk=case.pk).update(received_at=NOW - timedelta(days=90))
    page = desk.get(reverse("admin:dsar_subjectrequest_changelist")).content.decode()
    assert case.number in page
    assert "<strong>" in page
    assert Entry.objects.filter(action="listed").exists()


def test_the_desk_shows_what_is_to_be_done_unless_asked_for_all(desk: Client, file: File, officer: User) -> None:
    done, waiting = file(Right.RECTIFICATION), file(Right.OBJECTION)
    casework.answer_request(done.pk, "Corrected.", step=by(officer))
    address = reverse("admin:dsar_subjectrequest_changelist")

    def listed(**query: str) -> set[SubjectRequest]:
        return set(desk.get(address, query).context["cl"].queryset)

    assert (listed(), listed(work="closed"), listed(work="all")) == ({waiting}, {done}, {waiting, done})


def test_each_step_has_its_page(desk: Client, file: File) -> None:
    case = file(Right.RECTIFICATION)
    page = desk.get(reverse("admin:dsar_subjectrequest_change", args=[case.pk])).content.decode()
    for name in steps_for(case):
        assert step_address(case, name) in page
        assert desk.get(step_address(case, name)).status_code == 200
    assert set(steps_for(case)) < set(STEPS)


def test_a_step_is_taken_through_its_service(desk: Client, file: File) -> None:
    case = file(Right.RECTIFICATION)
    fields = {"reason": "checked", "answer": "Corrected.", "outcome": "fulfilled"}
    desk.post(step_address(case, "answer"), fields)
    case.refresh_from_db()
    assert (case.stage, case.answer) == (Stage.ANSWERED, "Corrected.")
    assert desk.post(step_address(case, "answer"), fields, follow=True).status_code == 200


def test_a_step_without_its_reason_stays_on_its_page(desk: Client, file: File) -> None:
    case = file(Right.RECTIFICATION)
    desk.post(step_address(case, "answer"), {"answer": "Corrected.", "outcome": "fulfilled"})
    case.refresh_from_db()
    assert case.stage == Stage.OPEN


def test_the_timeline_speaks_in_words_and_names_the_staff(desk: Client, file: File, officer: User) -> None:
    case = file(Right.RECTIFICATION)
    casework.answer_request(case.pk, "Corrected.", step=by(officer))
    page = desk.get(reverse("admin:dsar_subjectrequest_change", args=[case.pk]), headers={"accept-language": "en"})
    timeline = page.content.decode().split("<ol>", 1)[1].split("</ol>")[0]
    assert officer.email in timeline
    assert "identified_by_login" not in timeline


def test_facts_cannot_be_typed_over(desk: Client, file: File) -> None:
    case = file()
    answer = desk.post(reverse("admin:dsar_subjectrequest_change", args=[case.pk]), {"stage": "answered"})
    assert answer.status_code == 403


@pytest.mark.requirement("D2")
def test_staff_without_the_permission_get_nothing(client: Client, officer: User, file: File) -> None:
    case = file()
    client.force_login(officer)
    assert client.get(reverse("admin:dsar_subjectrequest_change", args=[case.pk])).status_code == 403
    assert client.get(step_address(case, "answer")).status_code == 403


def test_a_step_that_does_not_exist_is_not_found(desk: Client, file: File) -> None:
    assert desk.get(step_address(file(), "erase-now")).status_code == 404


def test_markup_of_a_person_is_text_on_the_desk(desk: Client, file: File) -> None:
    case = file(Right.COMPLAINT, text="<script>alert(1)</script>")
    page: Any = desk.get(reverse("admin:dsar_subjectrequest_change", args=[case.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
