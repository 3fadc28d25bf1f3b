"""One person alone refuses nothing: by no answer, no "identity not shown", no swapped proposal (security G4)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from audit.trail import Actor
from datamap.terms import Right
from dsar import casework, staff_erasure
from dsar.access import build_package
from dsar.case_page import page_of
from dsar.corrections import correct, correctable
from dsar.deadlines import PauseKind
from dsar.desk import steps_for
from dsar.erasure import run_erasure
from dsar.models import Package, SubjectRequest
from dsar.proposals import refusal_digest
from dsar.refusals import AlreadyProposed, ErasedAlready, NotDoneYet, ProposalChanged, ShownBefore
from dsar.silence import follow_questions
from dsar.steps import Step
from dsar.terms import IdentityMethod, Outcome, RefusalReason, Stage
from retention.standing import RestrictionGround
from tests.dsar.conftest import NOW, File
from tests.dsar.test_case_page import shown
from tests.dsar.test_desk_pages import desk, step_address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]
__all__ = ["desk"]
ACTOR = Actor.system("test")


def by(user: User, *, days: int = 0) -> Step:
    return Step(by=user, reason="looked at it", now=NOW + timedelta(days=days))


@pytest.mark.requirement("G4")
@pytest.mark.parametrize(
    "right", [Right.ACCESS, Right.PORTABILITY, Right.ERASURE, Right.RECTIFICATION, Right.RESTRICTION]
)
def test_nobody_answers_what_was_not_done(file: File, officer: User, right: Right) -> None:
    case = file(right)
    assert "answer" not in steps_for(case)
    with pytest.raises(NotDoneYet):
        casework.answer_request(case.pk, "No, we will not.", step=by(officer))
    with pytest.raises(IntegrityError, match="nothing was done"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(
            stage=Stage.ANSWERED, outcome=Outcome.FULFILLED, answered_at=NOW, closed_at=NOW, ends_at=NOW
        )
    case.refresh_from_db()
    assert case.stage == Stage.OPEN


def test_what_was_done_is_answered(file: File, person: User, officer: User) -> None:
    restricted, corrected, objected = (
        file(right) for right in (Right.RESTRICTION, Right.RECTIFICATION, Right.OBJECTION)
    )
    casework.restrict(restricted.pk, RestrictionGround.ACCURACY, step=by(officer))
    name = next(item for item in correctable(corrected) if item.value == person.given_name)
    correct(corrected.pk, name.key, "Anne", step=by(officer))
    for case in (restricted, corrected, objected):
        case.recipient_notices.update(outcome="nothing_held", told_at=NOW)
        assert casework.answer_request(case.pk, "Done.", step=by(officer)).outcome == Outcome.FULFILLED


def test_what_a_right_depends_on_is_refused_by_two_with_its_article(file: File, officer: User, colleague: User) -> None:
    case = file(Right.RECTIFICATION)
    act = "GDPR Art. 16"
    casework.propose_refusal(case.pk, RefusalReason.UNMET, "The street is right.", step=by(officer), act=act)
    assert "VDAR 16. pants" in casework.approve_refusal(case.pk, step=by(colleague)).answer


@pytest.mark.requirement("G4")
def test_who_has_shown_it_is_not_turned_away_for_not_showing_it(officer: User) -> None:
    (case,) = shown(Right.ERASURE)
    now = timezone.now()
    casework.ask_person(case.pk, PauseKind.IDENTITY, "Who?", step=Step(officer, "unsure", now))
    assert "close-unidentified" not in steps_for(SubjectRequest.objects.get(pk=case.pk))
    with pytest.raises(ShownBefore):
        casework.close_unidentified(case.pk, step=by(officer))
    with pytest.raises(IntegrityError, match="was shown"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(stage=Stage.CLOSED_UNIDENTIFIED, closed_at=NOW, ends_at=NOW)
    follow_questions(now=now + timedelta(days=31))
    case.refresh_from_db()
    assert case.stage == Stage.OPEN


@pytest.mark.requirement("G4")
def test_a_proposal_is_not_replaced_and_the_second_person_agrees_to_what_he_read(
    file: File, officer: User, colleague: User
) -> None:
    case = file(Right.ERASURE)
    first = casework.propose_refusal(case.pk, RefusalReason.CLAIMS, "A part.", step=by(officer), partly=True)
    seen = refusal_digest(first)
    with pytest.raises(AlreadyProposed):
        casework.propose_refusal(case.pk, RefusalReason.EXCESSIVE, "All of it.", step=by(officer))
    casework.return_refusal(case.pk, step=by(officer))
    casework.propose_refusal(case.pk, RefusalReason.EXCESSIVE, "All of it.", step=by(officer))
    with pytest.raises(ProposalChanged):
        casework.approve_refusal(case.pk, step=by(colleague), seen=seen)
    case.refresh_from_db()
    assert case.stage == Stage.OPEN


@pytest.mark.requirement("G4")
def test_an_erasure_that_is_proposed_is_taken_back_before_another(file: File, officer: User, colleague: User) -> None:
    case = file(Right.ERASURE)
    first = staff_erasure.propose_erasure(case.pk, objection_to_archive=False, step=by(officer))
    with pytest.raises(AlreadyProposed):
        staff_erasure.propose_erasure(case.pk, objection_to_archive=True, step=by(officer))
    staff_erasure.take_back(case.pk, step=by(officer))
    staff_erasure.propose_erasure(case.pk, objection_to_archive=True, step=by(officer))
    with pytest.raises(ProposalChanged):
        staff_erasure.approve_erasure(case.pk, step=by(colleague), seen=staff_erasure.erasure_digest(first))


@pytest.mark.requirement("G4")
def test_the_page_posts_what_it_showed(desk: Client, file: File, officer: User, colleague: User) -> None:
    case = file(Right.COMPLAINT)
    casework.propose_refusal(case.pk, RefusalReason.UNFOUNDED, "No.", step=by(colleague))
    page = desk.get(step_address(case, "approve-refusal"))
    seen = page.context["form"].initial["seen"]
    assert f'value="{seen}"' in page.content.decode()
    assert desk.post(step_address(case, "approve-refusal"), {"reason": "right", "seen": "0" * 64}).status_code == 400
    assert desk.post(step_address(case, "approve-refusal"), {"reason": "right", "seen": seen}).status_code == 302
    case.refresh_from_db()
    assert case.stage == Stage.REFUSED


def test_identity_accepted_after_a_code_was_shown_begins_the_copy_anew(officer: User) -> None:
    (case,) = shown(Right.ACCESS)
    before = Package.objects.get(request=case)
    now = timezone.now()
    casework.ask_person(case.pk, PauseKind.IDENTITY, "Who?", step=Step(officer, "unsure", now))
    again = casework.accept_identity(case.pk, IdentityMethod.KNOWN_FACTS, step=Step(officer, "facts", now))
    assert again.stage == Stage.OPEN
    assert Package.objects.get(request=case).key_owner != before.key_owner
    assert build_package(case.pk, now=timezone.now()) is not None


def test_an_erasure_that_was_carried_out_is_not_reopened(file: File, officer: User, colleague: User) -> None:
    case = file(Right.ERASURE)
    staff_erasure.propose_erasure(case.pk, objection_to_archive=True, step=by(officer))
    staff_erasure.approve_erasure(case.pk, step=by(colleague))
    assert run_erasure(case.pk, now=NOW) is not None
    case = SubjectRequest.objects.get(pk=case.pk)
    assert case.stage == Stage.ANSWERED
    assert "reopen" not in steps_for(case)
    with pytest.raises(ErasedAlready):
        casework.reopen(case.pk, step=by(officer))
    with pytest.raises(IntegrityError, match="is over"), transaction.atomic():
        SubjectRequest.objects.filter(pk=case.pk).update(stage=Stage.REOPENED, closed_at=None, ends_at=None)


def test_a_reopened_access_does_not_say_that_its_copy_is_being_made(package: Package, officer: User) -> None:
    building = "Your copy is being put together"
    with translation.override("en"):
        case = casework.reopen(package.request_id, step=by(officer, days=1))
        assert building not in str(page_of(case, now=NOW).next)
        Package.objects.filter(request=case).update(state="queued")
        assert building in str(page_of(case, now=NOW).next)
        Package.objects.filter(request=case).delete()
        assert building not in str(page_of(case, now=NOW).next)
