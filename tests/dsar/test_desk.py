"""Staff move requests by steps that say why; two for a refusal; whoever looks is recorded (Q3.1)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import translation

from accounts.models import User
from datamap.catalogue import cited
from datamap.terms import Right
from dsar import assigning, casework, charging, replies, staff_erasure
from dsar.cases import Note, move, note_of
from dsar.deadlines import Clock, PauseKind
from dsar.documents import ask_document
from dsar.duedates import remember_due
from dsar.erasure import confirm_erasure, run_erasure
from dsar.models import SubjectRequest
from dsar.queries import by_due_date, deadline_of, events_of, subject_of
from dsar.refusals import (
    AccessComesFirst,
    ActMissing,
    AlreadyUnderWay,
    ConflictOfInterest,
    DocumentTooEarly,
    GroundDoesNotFit,
    NoSuchAccount,
    NotAComplaint,
    NotEveryBlankFilled,
    OwnRequest,
    ReasonMissing,
    SamePerson,
    TooLate,
    WorkHasBegun,
    WrongStage,
)
from dsar.steps import Step
from dsar.terms import (
    DECIDERS,
    DelayReason,
    IdentityMethod,
    IdentityOutcome,
    Outcome,
    RefusalReason,
    Stage,
    grounds_for,
)
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from retention.erasure import plan_erasure
from tests.dsar.conftest import NOW, File
from tests.dsar.test_identity import by_mail
from tests.letters import last_message

pytestmark = pytest.mark.django_db


def by(user: User, *, at: datetime = NOW, reason: str = "as agreed") -> Step:
    return Step(by=user, reason=reason, now=at)


def test_a_step_without_a_reason_is_none(officer: User) -> None:
    with pytest.raises(ReasonMissing):
        by(officer, reason="  ")


def test_a_question_stops_the_clock_until_the_answer(file: File, officer: User) -> None:
    case = file(Right.HUMAN_REVIEW)
    casework.ask_person(case.pk, PauseKind.CLARIFICATION, "Which street?", step=by(officer, at=NOW + timedelta(days=1)))
    assert deadline_of(case).status is Clock.PAUSED
    casework.take_answer(case.pk, step=by(officer, at=NOW + timedelta(days=5)))
    assert deadline_of(case).paused_days == 4


def test_an_answer_closes_the_request_and_is_announced(file: File, officer: User) -> None:
    case = file(Right.HUMAN_REVIEW)
    answered = casework.answer_request(case.pk, "Your street is right now.", step=by(officer))
    assert (answered.stage, answered.outcome) == (Stage.ANSWERED, Outcome.FULFILLED)
    assert answered.answered_by == officer.pk
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


def test_nobody_approves_what_nobody_proposed(file: File, officer: User) -> None:
    with pytest.raises(WrongStage):
        casework.approve_refusal(file().pk, step=by(officer))


def test_an_extension_counts_three_months_from_the_receipt(file: File, officer: User) -> None:
    case = file(Right.HUMAN_REVIEW)
    extended = casework.extend_deadline(case.pk, DelayReason.COMPLEXITY, step=by(officer, at=NOW + timedelta(days=20)))
    assert str(deadline_of(extended).due) == "2027-02-22"
    with pytest.raises(WrongStage):
        casework.extend_deadline(case.pk, DelayReason.COMPLEXITY, step=by(officer))


def test_a_late_extension_is_refused_and_tells_nobody(file: File, officer: User) -> None:
    case = file(Right.HUMAN_REVIEW)
    with pytest.raises(TooLate):
        casework.extend_deadline(case.pk, DelayReason.VOLUME, step=by(officer, at=NOW + timedelta(days=40)))
    case.refresh_from_db()
    assert case.extended_at is None


def test_a_withdrawal_of_consent_knows_no_extension(file: File, officer: User) -> None:
    case = casework.reopen(file(Right.WITHDRAWAL).pk, step=by(officer))
    with pytest.raises(TooLate):
        casework.extend_deadline(case.pk, DelayReason.VOLUME, step=by(officer))


def test_a_reopened_request_runs_again(file: File, officer: User) -> None:
    case = file(Right.HUMAN_REVIEW)
    casework.answer_request(case.pk, "Done.", step=by(officer))
    again = casework.reopen(case.pk, step=by(officer, reason="the mail bounced"))
    assert (again.stage, again.outcome, again.answered_at) == (Stage.OPEN, "", None)
    event = events_of(case).last()
    assert event is not None
    assert note_of(event, again) == Note(str(officer.pk), "the mail bounced")


def test_the_desk_is_ordered_by_due_date(file: File, officer: User) -> None:
    first, second, third = (file(Right.OBJECTION) for _ in range(3))
    for case, days in ((first, 3), (second, 1), (third, 2)):
        case.received_at = NOW + timedelta(days=days)
        case.save()
    second.extended_at, second.extension_reason = NOW + timedelta(days=2), DelayReason.VOLUME
    second.save()
    for case in (first, second):
        remember_due(case)
    casework.answer_request(third.pk, "Done.", step=by(officer))
    assert list(by_due_date(SubjectRequest.objects.all())) == [first, second, third]


def test_the_remembered_date_is_the_one_that_is_counted(file: File, officer: User) -> None:
    case = file(Right.OBJECTION)
    assert case.due_on == deadline_of(case).due
    asked = NOW + timedelta(days=1)
    assert casework.ask_person(case.pk, PauseKind.CLARIFICATION, "Which?", step=by(officer, at=asked)).due_on is None
    again = casework.take_answer(case.pk, step=by(officer, at=NOW + timedelta(days=9)))
    assert again.due_on == deadline_of(again).due
    assert casework.answer_request(case.pk, "Done.", step=by(officer)).due_on is None


@pytest.mark.requirement("G4")
def test_nobody_handles_a_request_of_his_own(officer: User, other_person: User, file: File) -> None:
    case = file(Right.HUMAN_REVIEW, user=officer)
    with pytest.raises(OwnRequest):
        casework.answer_request(case.pk, "Done.", step=by(officer))
    with pytest.raises(IntegrityError, match="dsar_nobody_decides_on_himself"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(assigned_to=officer.pk)
    assert casework.answer_request(case.pk, "Done.", step=by(other_person)).answered_by == other_person.pk


@pytest.mark.clause("Q16.8")
def test_whom_a_complaint_is_about_neither_handles_nor_answers_it(officer: User, colleague: User, file: File) -> None:
    case = file(Right.COMPLAINT)
    assigning.take_over(case.pk, step=by(officer))
    named = assigning.name_complained_of(case.pk, officer.email, step=by(colleague))
    assert named.assigned_to is None
    for step in (
        lambda: assigning.assign(case.pk, officer.email, step=by(colleague)),
        lambda: casework.answer_request(case.pk, "All is well.", step=by(officer)),
        lambda: casework.propose_refusal(case.pk, RefusalReason.UNFOUNDED, "No.", step=by(officer)),
    ):
        with pytest.raises(ConflictOfInterest):
            step()
    for field in DECIDERS:
        with pytest.raises(IntegrityError, match="dsar_conflict_of_interest"), transaction.atomic():
            SubjectRequest.objects.filter(pk=case.pk).update(**{field: officer.pk})
    with pytest.raises(NotAComplaint):
        assigning.name_complained_of(file(Right.OBJECTION).pk, officer.email, step=by(colleague))


@pytest.mark.clause("Q16.9")
@pytest.mark.parametrize("language", ["lv", "en", "ru"])
def test_an_answer_names_the_authority_and_the_court(file: File, person: User, officer: User, language: str) -> None:
    person.language = language
    person.save()
    case = casework.answer_request(file(Right.OBJECTION).pk, "Done.", step=by(officer))
    with translation.override(language):
        court = translation.gettext("You can also go to court if you think that we have infringed your rights.")
    for text in (case.answer, open_letter(last_message()).text):
        assert "Datu valsts inspekcija" in text
        assert court in text


def test_a_refusal_carries_its_ground_its_act_and_both_remedies(file: File, officer: User, other_person: User) -> None:
    case = file(Right.ERASURE)
    with pytest.raises(ActMissing):
        casework.propose_refusal(case.pk, RefusalReason.EXEMPTED, "We may not.", step=by(officer))
    act = "Accounting Law s. 28"
    casework.propose_refusal(case.pk, RefusalReason.EXEMPTED, "We may not.", step=by(officer), act=act)
    refused = casework.approve_refusal(case.pk, step=by(other_person))
    assert cited(act) in refused.answer
    assert "Datu valsts inspekcija" in refused.answer
    with pytest.raises(IntegrityError, match="dsar_refused_with_act"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(refusal_act="")


@pytest.mark.requirement("G4")
def test_a_part_is_refused_by_two_as_well(file: File, officer: User, other_person: User) -> None:
    case = file(Right.PORTABILITY)
    casework.propose_refusal(case.pk, RefusalReason.OTHERS, "A part.", step=by(officer), partly=True)
    with pytest.raises(IntegrityError, match="dsar_refused_partly_by_two"), transaction.atomic():
        move(case.pk, Stage.PARTLY_REFUSED, action="answered", actor=by(officer).actor, now=NOW)
    answered = casework.approve_refusal(case.pk, step=by(other_person))
    assert (answered.stage, answered.outcome) == (Stage.PARTLY_REFUSED, Outcome.PARTLY_FULFILLED)


def test_a_refusal_that_the_second_person_does_not_agree_with_is_none(
    file: File, officer: User, other_person: User
) -> None:
    case = file(Right.OBJECTION)
    casework.propose_refusal(case.pk, RefusalReason.UNFOUNDED, "No.", step=by(officer))
    casework.return_refusal(case.pk, step=by(other_person))
    case.refresh_from_db()
    assert (case.stage, case.answer, case.refusal_proposed_by) == (Stage.OPEN, "", None)


def test_a_text_with_an_open_blank_is_not_sent(file: File, officer: User) -> None:
    case = file(Right.OBJECTION)
    begun = replies.answer(case)
    assert case.number in begun
    for step in (
        lambda: casework.answer_request(case.pk, begun, step=by(officer)),
        lambda: casework.write_to_person(case.pk, replies.message(case), step=by(officer)),
        lambda: casework.propose_refusal(case.pk, RefusalReason.UNFOUNDED, replies.refusal(case), step=by(officer)),
    ):
        with pytest.raises(NotEveryBlankFilled):
            step()


def test_a_fee_is_announced_before_the_work_or_not_at_all(file: File, officer: User) -> None:
    case = charging.announce_fee(file(Right.OBJECTION).pk, 1500, "The tenth this week.", step=by(officer))
    assert case.fee_cents == 1500
    assert "15.00 EUR" in open_letter(last_message()).text
    with pytest.raises(WorkHasBegun):
        charging.announce_fee(file(Right.ACCESS).pk, 1500, "Again.", step=by(officer))


def test_a_document_is_the_last_step_of_identity(officer: User) -> None:
    (case,) = by_mail(Right.OBJECTION)
    with pytest.raises(DocumentTooEarly):
        casework.accept_identity(case.pk, IdentityMethod.ID_DOCUMENT, step=by(officer))
    casework.doubt(case.pk, IdentityOutcome.DOUBTED, step=by(officer, reason="the number given is of another order"))
    with pytest.raises(DocumentTooEarly):
        casework.accept_identity(case.pk, IdentityMethod.ID_DOCUMENT, step=by(officer))
    ask_document(case.pk, "Please show us …", "No order of hers is on record.", step=by(officer))
    assert casework.accept_identity(case.pk, IdentityMethod.ID_DOCUMENT, step=by(officer)).stage == Stage.OPEN


def test_identity_leads_to_an_account_by_its_confirmed_address_only(officer: User, person: User) -> None:
    (case,) = by_mail(Right.OBJECTION, address=person.email)
    facts = IdentityMethod.KNOWN_FACTS
    EmailAddress.objects.filter(user=person).update(verified=False)
    with pytest.raises(NoSuchAccount):
        casework.accept_identity(case.pk, facts, step=by(officer), account_address=person.email)
    EmailAddress.objects.filter(user=person).update(verified=True)
    assert casework.accept_identity(case.pk, facts, step=by(officer), account_address=person.email).user == person


@pytest.mark.requirement("G4")
def test_an_erasure_by_staff_takes_two_and_the_executor(
    file: File, person: User, officer: User, other_person: User
) -> None:
    case = file(Right.ERASURE)
    with pytest.raises(WrongStage):
        staff_erasure.approve_erasure(case.pk, step=by(other_person))
    staff_erasure.propose_erasure(case.pk, objection_to_archive=True, step=by(officer))
    with pytest.raises(SamePerson):
        staff_erasure.approve_erasure(case.pk, step=by(officer))
    with pytest.raises(IntegrityError, match="dsar_erased_by_two"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(erasure_approved_by=officer.pk)
    with pytest.raises(IntegrityError, match="dsar_erased_by_two"), transaction.atomic():
        move(case.pk, Stage.EXECUTING, action="erasure_approved", actor=by(officer).actor, now=NOW)
    staff_erasure.approve_erasure(case.pk, step=by(other_person))
    assert run_erasure(case.pk, now=NOW) is not None
    assert not User.objects.filter(pk=person.pk).exists()
    assert last_message().to_address == person.email


@pytest.mark.requirement("G4")
def test_a_person_who_is_being_erased_is_not_erased_by_a_second_request(
    file: File, person: User, officer: User, colleague: User
) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)
    (letter,) = by_mail(Right.ERASURE)
    facts = IdentityMethod.KNOWN_FACTS
    casework.accept_identity(letter.pk, facts, step=by(officer), account_address=person.email)
    casework.agree_to_account(letter.pk, person.email, step=by(colleague))
    staff_erasure.propose_erasure(letter.pk, objection_to_archive=False, step=by(officer))
    own = file(Right.ERASURE)
    plan = plan_erasure(subject_of(own), now=NOW, archive=True)
    wish: dict[str, Any] = {"plan_digest": plan.digest, "objection_to_archive": False, "waive_copy": True}
    SubjectRequest.objects.filter(pk=letter.pk).update(plan_digest=plan.digest)
    running = confirm_erasure(user=person, now=NOW, **wish).case
    with pytest.raises(AlreadyUnderWay) as refusal:
        staff_erasure.approve_erasure(letter.pk, step=by(colleague, at=NOW + timedelta(hours=73)))
    letter.refresh_from_db()
    assert (refusal.value.number, letter.stage) == (running.number, Stage.OPEN)


def test_access_goes_before_an_erasure_by_staff(file: File, officer: User) -> None:
    case = file(Right.ERASURE)
    file(Right.ACCESS)
    with pytest.raises(AccessComesFirst):
        staff_erasure.propose_erasure(case.pk, objection_to_archive=False, step=by(officer))
