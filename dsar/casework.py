"""What staff do with a request: each step says why, a refusal takes two (Art. 12; clauses.md 2.2-2.5)."""

from typing import Any
from uuid import UUID

from django.db import transaction

from datamap.standstill import deciding
from datamap.terms import Right
from dsar import leading, letters, silence_letters
from dsar.attachments import open_ask
from dsar.cases import NOTHING_REFUSED, move, note, reopen_case, require_authority
from dsar.conflicts import refuse_conflict
from dsar.deadlines import Extension, PauseKind
from dsar.identity import account_of, check_authority, doubt_identity, has_confirmed, refuse_doubt, show_identity
from dsar.models import CaseMessage, CasePause, SubjectRequest
from dsar.proposals import refusal_digest
from dsar.queries import address_shown, deadline_of, has_shown
from dsar.recipients import order_notices
from dsar.refusals import (
    ActMissing,
    AlreadyProposed,
    DocumentTooEarly,
    GroundDoesNotFit,
    NoSuchAccount,
    NotEveryBlankFilled,
    ProposalChanged,
    SamePerson,
    ShownBefore,
    TooLate,
    WrongStage,
)
from dsar.steps import Step
from dsar.terms import (
    ACT_OF,
    RESTRICTABLE,
    DelayReason,
    Direction,
    IdentityMethod,
    IdentityOutcome,
    NoticeArticle,
    Outcome,
    RefusalReason,
    Stage,
    grounds_for,
)
from retention import restriction
from retention.standing import RestrictionGround

BLANK = "[["
"""Where a prepared text waits for the words of the staff."""

_STAGE_OF = {PauseKind.IDENTITY: Stage.IDENTITY_PENDING, PauseKind.CLARIFICATION: Stage.CLARIFICATION_PENDING}


def take_up(case_id: UUID, *, step: Step) -> SubjectRequest:
    """The request under its row's lock, for somebody who may handle it. Raises OwnRequest, ConflictOfInterest."""
    case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
    refuse_conflict(case, step.by.pk)
    return case


def ask_person(case_id: UUID, kind: PauseKind, question: str, *, step: Step) -> SubjectRequest:
    """Ask for proof of identity, or what the person means; whether that stops the clock, the arithmetic decides.

    Raises IdentityAlreadyShown where a log-in has shown it.
    """
    refuse_blanks(question)
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if kind is PauseKind.IDENTITY:
            refuse_doubt(case)
        if not case.pauses.filter(answered_at__isnull=True).exists():
            CasePause.objects.create(case=case, kind=kind, asked_at=step.now)
        case = move(
            case_id, _STAGE_OF[kind], action=f"asked_{kind}", actor=step.actor, now=step.now, reason=step.reason
        )
        say(case, Direction.TO_PERSON, question, step=step)
        letters.ask(case, question, now=step.now)
    return case


def take_answer(case_id: UUID, *, step: Step) -> SubjectRequest:
    """The person has said what is meant: the clock runs again."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.stage != Stage.CLARIFICATION_PENDING:
            raise WrongStage
        case.pauses.filter(answered_at__isnull=True).update(answered_at=step.now)
        return move(case_id, Stage.OPEN, action="answer_arrived", actor=step.actor, now=step.now, reason=step.reason)


def accept_identity(case_id: UUID, method: IdentityMethod, *, step: Step, account_address: str = "") -> SubjectRequest:
    """Staff are satisfied who the person is, and say why; the evidence itself is not kept (clauses.md D8, D9).

    `account_address` is the confirmed address of the account that the person has shown to be hers; where the request
    did not come from an address of that account, this only proposes it to a second person (`agree_to_account`). A
    document is the last step: Raises DocumentTooEarly where no other check was tried and the document was not asked for
    with a reason, NoSuchAccount, AlreadyProposed.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if method is IdentityMethod.ID_DOCUMENT and open_ask(case) is None:
            raise DocumentTooEarly
        account = account_of(account_address.strip()) if account_address.strip() else None
        if account_address.strip() and account is None:
            raise NoSuchAccount
        if account is not None and not has_confirmed(account, case.email):
            return leading.propose_account(case, account, method, step=step)
        return show_identity(case_id, method, actor=step.actor, now=step.now, user=account, reason=step.reason)


def agree_to_account(case_id: UUID, account_address: str, *, step: Step) -> SubjectRequest:
    """A second person finds the same account by himself and names its address; the owner is told and can stop it.

    Raises WrongStage, SamePerson, AnotherAccount.
    """
    with transaction.atomic():
        return leading.agree_to_account(take_up(case_id, step=step), account_address.strip(), step=step)


def doubt(case_id: UUID, outcome: IdentityOutcome, *, step: Step) -> None:
    """A check did not show the person, for a reason of this very request (clauses.md D9)."""
    with transaction.atomic():
        take_up(case_id, step=step)
        doubt_identity(case_id, outcome, actor=step.actor, now=step.now, reason=step.reason)


def accept_authority(case_id: UUID, document: str, *, step: Step) -> None:
    """The representative may act for the person: by which document, checked by whom (clauses.md D6)."""
    with transaction.atomic():
        take_up(case_id, step=step)
        check_authority(case_id, actor=step.actor, now=step.now, by=step.by.pk, document=document, reason=step.reason)


def write_note(case_id: UUID, *, step: Step) -> None:
    """A note of the staff for themselves; the person reads it with her access copy only."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        say(case, Direction.NOTE, step.reason, step=step)


def write_to_person(case_id: UUID, text: str, *, step: Step) -> None:
    """A message that the person reads on the page of the request."""
    refuse_blanks(text)
    with transaction.atomic():
        case = take_up(case_id, step=step)
        say(case, Direction.TO_PERSON, text, step=step)
        note(case, "message_to_person", actor=step.actor, now=step.now, reason=step.reason)
        letters.tell_message(case, now=step.now)


def refuse_blanks(text: str) -> None:
    """A text with an open blank is none yet: what it says is what staff have checked. Raises NotEveryBlankFilled."""
    if BLANK in text:
        raise NotEveryBlankFilled


def say(case: SubjectRequest, direction: Direction, text: str, *, step: Step) -> None:
    """Write down in the request what staff say, to the person or to themselves."""
    CaseMessage.objects.create(
        case=case, direction=direction, text=text, at=step.now, by=step.by.pk, ends_at=case.ends_at
    )


def close_unidentified(case_id: UUID, *, step: Step) -> SubjectRequest:
    """Nobody could show who he is: said openly, and a later answer opens the request again (clauses.md C8, D10).

    Raises ShownBefore: who has shown it once is refused by two or not at all.
    """
    with transaction.atomic():
        if has_shown(take_up(case_id, step=step)):
            raise ShownBefore
        case = move(
            case_id,
            Stage.CLOSED_UNIDENTIFIED,
            action="closed_unidentified",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
        )
        silence_letters.tell_closed(case, now=step.now)
    return case


def extend_deadline(case_id: UUID, why: DelayReason, *, step: Step) -> SubjectRequest:
    """Two more months, once, told in time with the reason. Raises TooLate where the notice would have no effect."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.is_closed or case.extended_at is not None:
            raise WrongStage
        case.extended_at, case.extension_reason = step.now, why
        if deadline_of(case).extension is not Extension.VALID:
            raise TooLate
        case.save(update_fields=["extended_at", "extension_reason"])
        note(case, "extended", actor=step.actor, now=step.now, reason=step.reason)
        letters.tell_extension(case, now=step.now)
    return case


def answer_request(case_id: UUID, answer: str, *, step: Step) -> SubjectRequest:
    """Answer a request that staff handled, with the remedies (Q16.9); the person reads the answer on its page.

    Raises NotDoneYet: one person alone says only what was done, and refuses nothing in other words.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.identified_at is None:
            raise WrongStage
        refuse_blanks(answer)
        case = move(
            case_id,
            Stage.ANSWERED,
            action="answered",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
            outcome=Outcome.FULFILLED,
            answer=letters.with_remedies(case, answer),
            answered_by=step.by.pk,
            answered_at=step.now,
        )
        letters.tell_answer(case, now=step.now)
    return case


def restrict(case_id: UUID, ground: RestrictionGround, *, step: Step) -> SubjectRequest:
    """Restrict the processing of the person's data from now on (Art. 18); the answer to the request follows.

    Without an account, everything that leads to the address which she has shown to be hers. Raises WrongStage.
    """
    with transaction.atomic():
        deciding()
        case = take_up(case_id, step=step)
        address = address_shown(case)
        if case.stage != Stage.OPEN or case.right not in RESTRICTABLE or not (case.user or address):
            raise WrongStage
        require_authority(case)
        why: dict[str, Any] = {"case_number": case.number, "reason": step.reason, "by": step.by, "now": step.now}
        if case.user is not None:
            restriction.place(case.user, ground=ground, **why)
        else:
            restriction.place_at(address, language=case.language, ground=ground, **why)
        note(case, "restricted", actor=step.actor, now=step.now, reason=step.reason)
        order_notices(case, NoticeArticle.RESTRICTION, actor=step.actor, now=step.now)
    return case


def propose_refusal(
    case_id: UUID, why: RefusalReason, answer: str, *, step: Step, act: str = "", partly: bool = False
) -> SubjectRequest:
    """Prepare a refusal, or a `partly` one, with its text; nothing is refused before a second person agrees.

    The text carries ground and act, and both remedies (Art. 12(4)). Where a law forbids what was asked for, `act`
    names it. Raises GroundDoesNotFit, ActMissing, WrongStage, and AlreadyProposed: what waits for the second person
    is returned first, and never replaced under his hands.
    """
    refuse_blanks(answer)
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.stage not in {Stage.OPEN, Stage.CLARIFICATION_PENDING}:
            raise WrongStage
        if partly and case.identified_at is None:
            raise WrongStage
        if case.refusal_proposed_by is not None:
            raise AlreadyProposed
        if why not in grounds_for(Right(case.right), is_identified=case.identified_at is not None):
            raise GroundDoesNotFit
        case.refusal_reason, case.refusal_act = why, act.strip() or ACT_OF.get(why, "")
        if not case.refusal_act:
            raise ActMissing
        case.refusal_is_partial, case.refusal_proposed_by, case.refusal_approved_by = partly, step.by.pk, None
        case.answer = letters.refusal_text(case, answer)
        case.save(
            update_fields=[
                "refusal_reason",
                "refusal_act",
                "refusal_is_partial",
                "refusal_proposed_by",
                "refusal_approved_by",
                "answer",
            ]
        )
        note(case, "refusal_proposed", actor=step.actor, now=step.now, reason=step.reason)
    return case


def approve_refusal(case_id: UUID, *, step: Step, seen: str = "") -> SubjectRequest:
    """The second pair of eyes; the database refuses the first pair too (security G4).

    `seen` is the digest of what the second person read: Raises ProposalChanged where it is another one by now, and
    SamePerson.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.refusal_proposed_by is None:
            raise WrongStage
        if case.refusal_proposed_by == step.by.pk:
            raise SamePerson
        if seen and seen != refusal_digest(case):
            raise ProposalChanged
        # Since it was proposed the person may have shown who she is.
        if case.refusal_reason not in grounds_for(Right(case.right), is_identified=case.identified_at is not None):
            raise GroundDoesNotFit
        partly = case.refusal_is_partial
        case = move(
            case_id,
            Stage.PARTLY_REFUSED if partly else Stage.REFUSED,
            action="partly_refused" if partly else "refused",
            actor=step.actor,
            now=step.now,
            reason=step.reason,
            outcome=Outcome.PARTLY_FULFILLED if partly else Outcome.REFUSED,
            refusal_approved_by=step.by.pk,
            answered_at=step.now,
        )
        letters.tell_answer(case, now=step.now)
    return case


def return_refusal(case_id: UUID, *, step: Step) -> SubjectRequest:
    """The second person does not agree: nothing is refused, and the work goes on."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.refusal_proposed_by is None or case.is_closed:
            raise WrongStage
        SubjectRequest.objects.filter(pk=case.pk).update(**NOTHING_REFUSED, answer="")
        note(case, "refusal_returned", actor=step.actor, now=step.now, reason=step.reason)
    return case


def reopen(case_id: UUID, *, step: Step) -> SubjectRequest:
    """Take a closed request up again: a notice bounced, or something was missing (clauses.md C7).

    Raises AlreadyUnderWay where the person has asked for the same anew, and that is running.
    """
    with transaction.atomic():
        take_up(case_id, step=step)
        return reopen_case(case_id, actor=step.actor, now=step.now, reason=step.reason)
