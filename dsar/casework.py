"""What staff do with a request: each step says why, a refusal takes two (Art. 12; clauses.md 2.2-2.5)."""

from uuid import UUID

from django.db import transaction

from datamap.standstill import deciding
from datamap.terms import Right
from dsar import letters
from dsar.cases import move, note
from dsar.deadlines import Extension, PauseKind
from dsar.identity import refuse_doubt, show_identity
from dsar.models import CasePause, SubjectRequest
from dsar.queries import deadline_of
from dsar.recipients import order_notices
from dsar.refusals import GroundDoesNotFit, SamePerson, TooLate, WrongStage
from dsar.steps import Step
from dsar.terms import (
    RESTRICTABLE,
    DelayReason,
    IdentityMethod,
    NoticeArticle,
    Outcome,
    RefusalReason,
    Stage,
    grounds_for,
)
from retention import restriction
from retention.standing import RestrictionGround

_STAGE_OF = {PauseKind.IDENTITY: Stage.IDENTITY_PENDING, PauseKind.CLARIFICATION: Stage.CLARIFICATION_PENDING}


def ask_person(case_id: UUID, kind: PauseKind, question: str, *, step: Step) -> SubjectRequest:
    """Ask for proof of identity, or what the person means; whether that stops the clock, the arithmetic decides.

    Raises IdentityAlreadyShown where a log-in has shown it.
    """
    with transaction.atomic():
        if kind is PauseKind.IDENTITY:
            refuse_doubt(SubjectRequest.objects.get(pk=case_id))
        case = move(
            case_id, _STAGE_OF[kind], action=f"asked_{kind}", actor=step.actor, now=step.now, reason=step.reason
        )
        CasePause.objects.create(case=case, kind=kind, asked_at=step.now)
        letters.ask(case, question, now=step.now)
    return case


def take_answer(case_id: UUID, *, step: Step) -> SubjectRequest:
    """The person has said what is meant: the clock runs again."""
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update().get(pk=case_id)
        if case.stage != Stage.CLARIFICATION_PENDING:
            raise WrongStage
        case.pauses.filter(answered_at__isnull=True).update(answered_at=step.now)
        return move(case_id, Stage.OPEN, action="answer_arrived", actor=step.actor, now=step.now, reason=step.reason)


def accept_identity(case_id: UUID, method: IdentityMethod, *, step: Step) -> SubjectRequest:
    """Staff are satisfied who the person is, and say why; the evidence itself is not kept (clauses.md D8, D9)."""
    return show_identity(case_id, method, actor=step.actor, now=step.now, reason=step.reason)


def close_unidentified(case_id: UUID, *, step: Step) -> SubjectRequest:
    """Nobody could show who he is: said openly, and a later answer opens the request again (clauses.md C8, D10)."""
    with transaction.atomic():
        case = move(
            case_id,
            Stage.CLOSED_UNIDENTIFIED,
            action="closed_unidentified",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
        )
        letters.tell_answer(case, now=step.now)
    return case


def extend_deadline(case_id: UUID, why: DelayReason, *, step: Step) -> SubjectRequest:
    """Two more months, once, told in time with the reason. Raises TooLate where the notice would have no effect."""
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update().get(pk=case_id)
        if case.is_closed or case.extended_at is not None:
            raise WrongStage
        case.extended_at, case.extension_reason = step.now, why
        if deadline_of(case).extension is not Extension.VALID:
            raise TooLate
        case.save(update_fields=["extended_at", "extension_reason"])
        note(case, "extended", actor=step.actor, now=step.now, reason=step.reason)
        letters.tell_extension(case, now=step.now)
    return case


def answer_request(case_id: UUID, answer: str, *, step: Step, outcome: Outcome = Outcome.FULFILLED) -> SubjectRequest:
    """Answer a request that staff handled; the person reads the answer on its page."""
    stage = Stage.PARTLY_REFUSED if outcome is Outcome.PARTLY_FULFILLED else Stage.ANSWERED
    with transaction.atomic():
        case = move(
            case_id,
            stage,
            action="answered",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
            outcome=outcome,
            answer=answer,
            answered_at=step.now,
        )
        letters.tell_answer(case, now=step.now)
    return case


def restrict(case_id: UUID, ground: RestrictionGround, *, step: Step) -> SubjectRequest:
    """Restrict the processing of the person's data from now on (Art. 18); the answer to the request follows."""
    with transaction.atomic():
        deciding()
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        if case.stage != Stage.OPEN or case.right not in RESTRICTABLE or case.user is None:
            raise WrongStage
        restriction.place(
            case.user, ground=ground, case_number=case.number, reason=step.reason, by=step.by, now=step.now
        )
        note(case, "restricted", actor=step.actor, now=step.now, reason=step.reason)
        order_notices(case, NoticeArticle.RESTRICTION, actor=step.actor, now=step.now)
    return case


def propose_refusal(case_id: UUID, why: RefusalReason, answer: str, *, step: Step) -> SubjectRequest:
    """Prepare a refusal with its text; nothing is refused before a second person agrees."""
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update().get(pk=case_id)
        if case.stage not in {Stage.OPEN, Stage.CLARIFICATION_PENDING}:
            raise WrongStage
        if why not in grounds_for(Right(case.right), is_identified=case.identified_at is not None):
            raise GroundDoesNotFit
        case.refusal_reason, case.answer, case.refusal_proposed_by = why, answer, step.by.pk
        case.save(update_fields=["refusal_reason", "answer", "refusal_proposed_by"])
        note(case, "refusal_proposed", actor=step.actor, now=step.now, reason=step.reason)
    return case


def approve_refusal(case_id: UUID, *, step: Step) -> SubjectRequest:
    """The second pair of eyes; the database refuses the first pair too (security G4). Raises SamePerson."""
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update().get(pk=case_id)
        if case.refusal_proposed_by is None:
            raise WrongStage
        if case.refusal_proposed_by == step.by.pk:
            raise SamePerson
        case = move(
            case_id,
            Stage.REFUSED,
            action="refused",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
            outcome=Outcome.REFUSED,
            refusal_approved_by=step.by.pk,
            answered_at=step.now,
        )
        letters.tell_answer(case, now=step.now)
    return case


def reopen(case_id: UUID, *, step: Step) -> SubjectRequest:
    """Take a closed request up again: a notice bounced, or something was missing (clauses.md C7)."""
    with transaction.atomic():
        move(case_id, Stage.REOPENED, action="reopened", actor=step.actor, now=step.now, reason=step.reason)
        return move(
            case_id,
            Stage.OPEN,
            action="taken_up",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
            outcome=Outcome.NONE,
            answered_at=None,
            refusal_proposed_by=None,
            refusal_approved_by=None,
            refusal_reason="",
        )
