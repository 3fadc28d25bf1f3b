"""Nothing ends before it is done: no notice is left without its outcome, nothing that was done is taken back, and the
same message leads to the same requests however often it comes (Art. 19; security P5)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from datamap.processors import Outcome as Told
from datamap.terms import Right
from dsar import casework
from dsar.case_page import page_of
from dsar.deadlines import Channel, PauseKind
from dsar.erasure import confirm_erasure, preview, run_erasure
from dsar.filing import file_several
from dsar.intake import Arrival
from dsar.models import Correction, RecipientNotice, SubjectRequest
from dsar.recipients import Settlement, settle_notice
from dsar.refusals import ErasedAlready, RecipientsOpen, ReopenFirst, WrongStage
from dsar.services import withdraw_request
from dsar.silence import follow_questions
from dsar.steps import Step
from dsar.terms import NoticeArticle, NoticeChannel, RefusalReason, Stage
from tests.dsar.conftest import NOW, File

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


def by(user: User, *, days: int = 0) -> Step:
    return Step(by=user, reason="looked at it", now=NOW + timedelta(days=days))


def told(outcome: Told) -> Settlement:
    return Settlement(outcome=outcome, channel=NoticeChannel.EMAIL, detail="wrote back")


@pytest.fixture
def half_done(file: File) -> SubjectRequest:
    """A correction of which a recipient still has to hear."""
    case = file(Right.RECTIFICATION)
    RecipientNotice.objects.create(case=case, recipient="Omniva", article=NoticeArticle.RECTIFICATION, ordered_at=NOW)
    return case


@pytest.mark.clause("Q16.9")
def test_no_refusal_closes_a_request_while_a_recipient_must_be_told(
    half_done: SubjectRequest, officer: User, colleague: User
) -> None:
    casework.propose_refusal(half_done.pk, RefusalReason.UNFOUNDED, "No.", step=by(officer))
    with pytest.raises(RecipientsOpen):
        casework.approve_refusal(half_done.pk, step=by(colleague))
    settle_notice(half_done.recipient_notices.get().pk, told(Told.CONFIRMED), by=officer, now=NOW)
    assert casework.approve_refusal(half_done.pk, step=by(colleague)).stage == Stage.REFUSED


@pytest.mark.requirement("P5")
def test_nobody_withdraws_a_correction_of_which_a_recipient_must_be_told(half_done: SubjectRequest) -> None:
    with pytest.raises(WrongStage):
        withdraw_request(half_done, now=NOW)
    assert not page_of(half_done, now=NOW).may_withdraw
    RecipientNotice.objects.update(outcome=Told.CONFIRMED, told_at=NOW)
    assert withdraw_request(half_done, now=NOW).stage == Stage.WITHDRAWN


def test_the_database_ends_no_request_while_a_recipient_must_be_told(half_done: SubjectRequest) -> None:
    for stage in (Stage.REFUSED, Stage.WITHDRAWN, Stage.CLOSED_UNIDENTIFIED, Stage.CLOSED_UNANSWERED):
        with pytest.raises(IntegrityError, match="has not been told"), transaction.atomic():
            SubjectRequest.objects.filter(pk=half_done.pk).update(
                stage=stage,
                closed_at=NOW,
                ends_at=NOW,
                refusal_proposed_by=half_done.pk,
                refusal_approved_by=half_done.intake_id,
                refusal_reason="process_unfounded",
                refusal_act="GDPR",
                answer="No.",
            )


def test_silence_closes_no_request_while_a_recipient_must_be_told(
    half_done: SubjectRequest, file: File, officer: User
) -> None:
    other = file(Right.OBJECTION)
    for case in (half_done, other):
        casework.ask_person(case.pk, PauseKind.CLARIFICATION, "What?", step=by(officer))
    follow_questions(now=NOW + timedelta(days=31))
    for case in (half_done, other):
        case.refresh_from_db()
    assert (half_done.stage, other.stage) == (Stage.CLARIFICATION_PENDING, Stage.CLOSED_UNANSWERED)


def test_a_recipient_that_takes_its_answer_back_opens_the_request_again(
    half_done: SubjectRequest, officer: User
) -> None:
    notice = half_done.recipient_notices.get()
    settle_notice(notice.pk, told(Told.CONFIRMED), by=officer, now=NOW)
    Correction.objects.get_or_create(case=half_done, table="accounts.User", field="x", at=NOW, by=officer.pk)
    casework.answer_request(half_done.pk, "Done.", step=by(officer))
    with pytest.raises(ReopenFirst):
        settle_notice(notice.pk, told(Told.FAILED), by=officer, now=NOW)
    assert settle_notice(notice.pk, told(Told.KEPT), by=officer, now=NOW).outcome == Told.KEPT
    casework.reopen(half_done.pk, step=by(officer))
    assert settle_notice(notice.pk, told(Told.FAILED), by=officer, now=NOW).outcome == Told.FAILED


@pytest.mark.requirement("P5")
def test_an_erasure_that_was_carried_out_is_neither_opened_again_nor_withdrawn(person: User, officer: User) -> None:
    plan = preview(person, now=NOW).plan
    case = confirm_erasure(
        user=person, plan_digest=plan.digest, objection_to_archive=True, waive_copy=True, now=NOW
    ).case
    run_erasure(case.pk, now=NOW)
    with pytest.raises(ErasedAlready):
        casework.reopen(case.pk, step=by(officer))
    case.refresh_from_db()
    with pytest.raises(WrongStage):
        withdraw_request(case, now=NOW)
    assert not page_of(case, now=NOW).may_withdraw


@pytest.mark.clause("Q19.4")
def test_a_message_that_opened_nothing_opens_nothing_when_it_comes_again(person: User, file: File) -> None:
    running = file(Right.ACCESS)
    arrival = Arrival(channel=Channel.API, at=NOW + timedelta(minutes=1), key="api:1")
    later = NOW + timedelta(minutes=1)
    first = file_several(person, [Right.ACCESS], text="", now=later, arrival=arrival)
    assert (first.opened, first.under_way) == ((), (running.number,))
    withdraw_request(running, now=later)
    again = file_several(person, [Right.ACCESS], text="", now=later + timedelta(hours=1), arrival=arrival)
    assert again == first
    assert SubjectRequest.objects.count() == 1
