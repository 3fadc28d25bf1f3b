"""The steps of the case desk: which there are at a stage, what each asks, who may, and the service it calls."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from datamap.terms import Right, Text
from dsar import (
    assigning,
    casework,
    charging,
    entering,
    leading,
    linking,
    recounting,
    replies,
    representing,
    staff_erasure,
    step_forms,
    stopping,
)
from dsar.buttons import APPROVE, DeskStep, Offered, Run
from dsar.deadlines import Channel, PauseKind
from dsar.file_steps import FILES
from dsar.folder import restrictions_in_force
from dsar.fulfilment import is_done, is_erased
from dsar.models import Representative, SubjectRequest
from dsar.proposals import erasure_digest, refusal_digest
from dsar.queries import address_shown, has_shown
from dsar.rights_steps import RIGHTS
from dsar.terms import (
    RESTRICTABLE,
    RUNNING,
    TRANSITIONS,
    DelayReason,
    IdentityMethod,
    IdentityOutcome,
    RefusalReason,
    Stage,
)
from retention.standing import RestrictionGround


def _leads_to(*stages: Stage) -> Offered:
    return lambda case: bool(TRANSITIONS[Stage(case.stage)] & set(stages))


def _ask(kind: PauseKind) -> Run:
    return lambda case_id, data, step: casework.ask_person(case_id, kind, data["question"], step=step)


def _is_running(case: SubjectRequest) -> bool:
    return case.stage in RUNNING


def _waits_for_identity(case: SubjectRequest) -> bool:
    return case.stage in {Stage.RECEIVED, Stage.IDENTITY_PENDING}


def _may_be_refused(case: SubjectRequest) -> bool:
    return case.stage in {Stage.OPEN, Stage.CLARIFICATION_PENDING}


def _has_proposed_account(case: SubjectRequest) -> bool:
    return (_waits_for_identity(case) or case.stage == Stage.OPEN) and leading.proposed_account(case) is not None


def _erasable(case: SubjectRequest) -> bool:
    return case.right == Right.ERASURE and case.stage == Stage.OPEN


def _restrictable(case: SubjectRequest) -> bool:
    if case.stage != Stage.OPEN or case.right not in RESTRICTABLE:
        return False
    return case.user_id is not None or address_shown(case) != ""


def _has_unchecked_representative(case: SubjectRequest) -> bool:
    representative: Representative | None = getattr(case, "representative", None)
    return representative is not None and representative.checked_at is None


HANDLING: dict[str, DeskStep] = {
    "take-over": DeskStep(
        _("Take it over"),
        step_forms.StepForm,
        lambda case_id, _data, step: assigning.take_over(case_id, step=step),
        lambda case: _is_running(case) and case.assigned_to is None,
    ),
    "assign": DeskStep(
        _("Give it to a colleague"),
        step_forms.ColleagueForm,
        lambda case_id, data, step: assigning.assign(case_id, data["address"], step=step),
        _is_running,
    ),
    "complained-of": DeskStep(
        _("Name whom the complaint is about"),
        step_forms.ColleagueForm,
        lambda case_id, data, step: assigning.name_complained_of(case_id, data["address"], step=step),
        lambda case: case.right == Right.COMPLAINT and _is_running(case),
    ),
    "note": DeskStep(
        _("Write a note"),
        step_forms.NoteForm,
        lambda case_id, _data, step: casework.write_note(case_id, step=step),
        lambda _case: True,
    ),
    "write": DeskStep(
        _("Write to the person"),
        step_forms.MessageForm,
        lambda case_id, data, step: casework.write_to_person(case_id, data["text"], step=step),
        lambda _case: True,
        initial=lambda case: {"text": replies.message(case)},
    ),
    "turn-into": DeskStep(
        _("Turn it into requests"),
        step_forms.RightsForm,
        lambda case_id, data, step: entering.turn_into(case_id, [Right(item) for item in data["rights"]], step=step),
        lambda case: case.right == Right.GENERAL and case.stage == Stage.OPEN,
    ),
}

IDENTITY: dict[str, DeskStep] = {
    "ask-identity": DeskStep(
        _("Ask for proof of identity"),
        step_forms.QuestionForm,
        _ask(PauseKind.IDENTITY),
        lambda case: case.channel != Channel.PORTAL_AUTH and _leads_to(Stage.IDENTITY_PENDING)(case),
        initial=lambda case: {"question": replies.question_of_identity(case)},
    ),
    "accept-identity": DeskStep(
        _("Identity is shown"),
        step_forms.IdentityForm,
        lambda case_id, data, step: casework.accept_identity(
            case_id, IdentityMethod(data["method"]), step=step, account_address=data["account_address"]
        ),
        _waits_for_identity,
    ),
    "agree-account": DeskStep(
        _("Agree: the request is about this account"),
        step_forms.AccountForm,
        lambda case_id, data, step: casework.agree_to_account(case_id, data["account_address"], step=step),
        _has_proposed_account,
        permission=APPROVE,
        grave=True,
    ),
    "doubt-identity": DeskStep(
        _("Identity is in doubt"),
        step_forms.DoubtForm,
        lambda case_id, data, step: casework.doubt(case_id, IdentityOutcome(data["outcome"]), step=step),
        lambda case: _waits_for_identity(case) or _has_proposed_account(case),
    ),
    "check-authority": DeskStep(
        _("The representative's authority is checked"),
        step_forms.AuthorityForm,
        lambda case_id, data, step: casework.accept_authority(case_id, data["document"], step=step),
        _has_unchecked_representative,
    ),
    "link-person": DeskStep(
        _("Link the person"),
        step_forms.LinkForm,
        lambda case_id, data, step: linking.link_person(case_id, data["account_address"], step=step),
        lambda case: linking.is_unlinked(case) and leading.proposed_account(case) is None,
    ),
    "let-fetch": DeskStep(
        _("Let the representative download the copy"),
        step_forms.StepForm,
        lambda case_id, _data, step: representing.let_fetch(case_id, step=step),
        representing.can_be_allowed,
        permission=APPROVE,
        grave=True,
        harsh=True,
    ),
    "release": DeskStep(
        _("Let it go on: the stop was a mistake"),
        step_forms.StepForm,
        lambda case_id, _data, step: stopping.release(case_id, step=step),
        stopping.is_stopped,
        permission=APPROVE,
        grave=True,
    ),
    "uphold": DeskStep(
        _("End it: the request was not the owner's"),
        step_forms.StepForm,
        lambda case_id, _data, step: stopping.uphold(case_id, step=step),
        lambda case: (
            stopping.is_stopped(case)
            and case.stage not in {Stage.EXECUTING, Stage.WITHDRAWN, Stage.CLOSED_UNIDENTIFIED}
        ),
        permission=APPROVE,
        grave=True,
    ),
    "ask-clarification": DeskStep(
        _("Ask what is meant"),
        step_forms.QuestionForm,
        _ask(PauseKind.CLARIFICATION),
        _leads_to(Stage.CLARIFICATION_PENDING),
        initial=lambda case: {"question": replies.question_of_meaning(case)},
    ),
    "take-answer": DeskStep(
        _("The person has answered"),
        step_forms.StepForm,
        lambda case_id, _data, step: casework.take_answer(case_id, step=step),
        lambda case: case.stage == Stage.CLARIFICATION_PENDING,
    ),
    "close-unidentified": DeskStep(
        _("Close: identity not shown"),
        step_forms.StepForm,
        lambda case_id, _data, step: casework.close_unidentified(case_id, step=step),
        lambda case: _leads_to(Stage.CLOSED_UNIDENTIFIED)(case) and not has_shown(case),
    ),
}

DECIDING: dict[str, DeskStep] = {
    "answer": DeskStep(
        _("Answer the person"),
        step_forms.AnswerForm,
        lambda case_id, data, step: casework.answer_request(case_id, data["answer"], step=step),
        lambda case: case.stage == Stage.OPEN and case.identified_at is not None and is_done(case),
        grave=True,
        initial=lambda case: {"answer": replies.answer(case)},
    ),
    "extend": DeskStep(
        _("Extend by two months"),
        step_forms.ExtensionForm,
        lambda case_id, data, step: casework.extend_deadline(case_id, DelayReason(data["why"]), step=step),
        lambda case: _is_running(case) and case.extended_at is None,
    ),
    "later-date": DeskStep(
        _("Accept the later due date"),
        step_forms.StepForm,
        lambda case_id, _data, step: recounting.accept_later_date(case_id, step=step),
        lambda case: case.due_cap is not None and _is_running(case),
        permission=APPROVE,
    ),
    "fee": DeskStep(
        _("Announce a fee"),
        step_forms.FeeForm,
        lambda case_id, data, step: charging.announce_fee(
            case_id, int(data["fee"] * Decimal(100)), data["why"], step=step
        ),
        lambda case: case.stage == Stage.OPEN and case.fee_announced_at is None,
        permission=APPROVE,
    ),
    "restrict": DeskStep(
        _("Restrict the processing"),
        step_forms.RestrictionForm,
        lambda case_id, data, step: casework.restrict(case_id, RestrictionGround(data["ground"]), step=step),
        lambda case: _restrictable(case) and not restrictions_in_force(case),
    ),
    "propose-refusal": DeskStep(
        _("Propose a refusal"),
        step_forms.RefusalForm,
        lambda case_id, data, step: casework.propose_refusal(
            case_id, RefusalReason(data["why"]), data["answer"], step=step, act=data["act"], partly=data["partly"]
        ),
        lambda case: _may_be_refused(case) and case.refusal_proposed_by is None,
        initial=lambda case: {"answer": replies.refusal(case)},
    ),
    "approve-refusal": DeskStep(
        _("Approve the refusal"),
        step_forms.ApprovalForm,
        lambda case_id, data, step: casework.approve_refusal(case_id, step=step, seen=data["seen"]),
        lambda case: case.refusal_proposed_by is not None and Stage.REFUSED in TRANSITIONS[Stage(case.stage)],
        permission=APPROVE,
        grave=True,
        harsh=True,
        initial=lambda case: {"seen": refusal_digest(case)},
    ),
    "return-refusal": DeskStep(
        _("Do not agree with the refusal"),
        step_forms.StepForm,
        lambda case_id, _data, step: casework.return_refusal(case_id, step=step),
        lambda case: case.refusal_proposed_by is not None and not case.is_closed,
        permission=APPROVE,
    ),
    "propose-erasure": DeskStep(
        _("Propose the erasure"),
        step_forms.ErasureForm,
        lambda case_id, data, step: staff_erasure.propose_erasure(
            case_id, objection_to_archive=data["objection_to_archive"], waive_copy=data["waive_copy"], step=step
        ),
        lambda case: _erasable(case) and case.identified_at is not None and case.erasure_proposed_by is None,
        grave=True,
        harsh=True,
    ),
    "approve-erasure": DeskStep(
        _("Approve the erasure"),
        step_forms.ApprovalForm,
        lambda case_id, data, step: staff_erasure.approve_erasure(case_id, step=step, seen=data["seen"]),
        lambda case: _erasable(case) and case.erasure_proposed_by is not None,
        permission=APPROVE,
        grave=True,
        harsh=True,
        initial=lambda case: {"seen": erasure_digest(case)},
    ),
    "take-back-erasure": DeskStep(
        _("Take the proposed erasure back"),
        step_forms.StepForm,
        lambda case_id, _data, step: staff_erasure.take_back(case_id, step=step),
        lambda case: _erasable(case) and case.erasure_proposed_by is not None,
    ),
    "reopen": DeskStep(
        _("Reopen"),
        step_forms.StepForm,
        lambda case_id, _data, step: casework.reopen(case_id, step=step),
        lambda case: _leads_to(Stage.REOPENED)(case) and not is_erased(case),
    ),
}

STEPS: dict[str, DeskStep] = HANDLING | IDENTITY | FILES | RIGHTS | DECIDING
"""The name in the address -> the step. The services judge again, under the row's lock, what is offered here."""

GROUPS: dict[str, tuple[Text, dict[str, DeskStep]]] = {
    "handling": (_("Handling"), HANDLING),
    "identity": (_("Identity and meaning"), IDENTITY),
    "files": (_("Files"), FILES),
    "rights": (_("Carrying out"), RIGHTS),
    "deciding": (_("Decision"), DECIDING),
}


def steps_for(case: SubjectRequest) -> dict[str, DeskStep]:
    """The steps that are possible at the stage which a request has reached."""
    return {name: step for name, step in STEPS.items() if step.is_offered(case)}
