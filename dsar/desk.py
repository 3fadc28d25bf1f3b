"""The steps of the case desk: which there are at a stage, what each asks, and the service it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from datamap.terms import Right, Text
from dsar import casework
from dsar.casework import Step
from dsar.deadlines import PauseKind
from dsar.models import SubjectRequest
from dsar.terms import (
    RESTRICTABLE,
    RUNNING,
    TRANSITIONS,
    DelayReason,
    IdentityMethod,
    Outcome,
    RefusalReason,
    Stage,
    grounds_for,
)
from retention.standing import RestrictionGround


class StepForm(forms.Form):
    """Every step says why."""

    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Goes sealed into the record of the case."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def fit(self, case: SubjectRequest) -> None:
        """Leave out the choices that do not suit this request."""


class QuestionForm(StepForm):
    question = forms.CharField(label=_("Question to the person"), max_length=2000, widget=forms.Textarea)


class IdentityForm(StepForm):
    method = forms.ChoiceField(
        label=_("How"),
        choices=[(item, item.label) for item in (IdentityMethod.KNOWN_FACTS, IdentityMethod.ID_DOCUMENT)],
    )


class AnswerForm(StepForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[(item, item.label) for item in (Outcome.FULFILLED, Outcome.PARTLY_FULFILLED)]
    )
    answer = forms.CharField(label=_("Answer to the person"), max_length=20_000, widget=forms.Textarea)


class RefusalForm(StepForm):
    why = forms.ChoiceField(label=_("Ground"), choices=RefusalReason.choices)
    answer = forms.CharField(label=_("Answer to the person"), max_length=20_000, widget=forms.Textarea)

    def fit(self, case: SubjectRequest) -> None:
        grounds = grounds_for(Right(case.right), is_identified=case.identified_at is not None)
        self.fields["why"] = forms.ChoiceField(label=_("Ground"), choices=[(item, item.label) for item in grounds])


class RestrictionForm(StepForm):
    ground = forms.ChoiceField(label=_("Ground"), choices=RestrictionGround.choices)


class ExtensionForm(StepForm):
    why = forms.ChoiceField(label=_("Why it takes longer"), choices=DelayReason.choices)


Run = Callable[[UUID, dict[str, Any], Step], object]


@dataclass(frozen=True, slots=True)
class DeskStep:
    """One button of the desk."""

    label: Text
    form: type[StepForm]
    run: Run
    is_offered: Callable[[SubjectRequest], bool]


def _leads_to(*stages: Stage) -> Callable[[SubjectRequest], bool]:
    return lambda case: bool(TRANSITIONS[Stage(case.stage)] & set(stages))


def _ask(kind: PauseKind) -> Run:
    return lambda case_id, data, step: casework.ask_person(case_id, kind, data["question"], step=step)


STEPS: dict[str, DeskStep] = {
    "ask-identity": DeskStep(
        _("Ask for proof of identity"), QuestionForm, _ask(PauseKind.IDENTITY), _leads_to(Stage.IDENTITY_PENDING)
    ),
    "ask-clarification": DeskStep(
        _("Ask what is meant"), QuestionForm, _ask(PauseKind.CLARIFICATION), _leads_to(Stage.CLARIFICATION_PENDING)
    ),
    "take-answer": DeskStep(
        _("The person has answered"),
        StepForm,
        lambda case_id, _data, step: casework.take_answer(case_id, step=step),
        lambda case: case.stage == Stage.CLARIFICATION_PENDING,
    ),
    "accept-identity": DeskStep(
        _("Identity is shown"),
        IdentityForm,
        lambda case_id, data, step: casework.accept_identity(case_id, IdentityMethod(data["method"]), step=step),
        lambda case: case.stage == Stage.IDENTITY_PENDING,
    ),
    "answer": DeskStep(
        _("Answer"),
        AnswerForm,
        lambda case_id, data, step: casework.answer_request(
            case_id, data["answer"], step=step, outcome=Outcome(data["outcome"])
        ),
        lambda case: case.stage == Stage.OPEN,
    ),
    "extend": DeskStep(
        _("Extend by two months"),
        ExtensionForm,
        lambda case_id, data, step: casework.extend_deadline(case_id, DelayReason(data["why"]), step=step),
        lambda case: case.stage in RUNNING and case.extended_at is None,
    ),
    "restrict": DeskStep(
        _("Restrict the processing"),
        RestrictionForm,
        lambda case_id, data, step: casework.restrict(case_id, RestrictionGround(data["ground"]), step=step),
        lambda case: case.stage == Stage.OPEN and case.right in RESTRICTABLE and case.user_id is not None,
    ),
    "propose-refusal": DeskStep(
        _("Propose a refusal"),
        RefusalForm,
        lambda case_id, data, step: casework.propose_refusal(
            case_id, RefusalReason(data["why"]), data["answer"], step=step
        ),
        lambda case: case.stage in {Stage.OPEN, Stage.CLARIFICATION_PENDING} and case.refusal_proposed_by is None,
    ),
    "approve-refusal": DeskStep(
        _("Approve the refusal"),
        StepForm,
        lambda case_id, _data, step: casework.approve_refusal(case_id, step=step),
        lambda case: case.refusal_proposed_by is not None and Stage.REFUSED in TRANSITIONS[Stage(case.stage)],
    ),
    "close-unidentified": DeskStep(
        _("Close: identity not shown"),
        StepForm,
        lambda case_id, _data, step: casework.close_unidentified(case_id, step=step),
        _leads_to(Stage.CLOSED_UNIDENTIFIED),
    ),
    "reopen": DeskStep(
        _("Reopen"),
        StepForm,
        lambda case_id, _data, step: casework.reopen(case_id, step=step),
        _leads_to(Stage.REOPENED),
    ),
}
"""The name in the address -> the step. The services judge again, under the row's lock, what is offered here."""


def steps_for(case: SubjectRequest) -> dict[str, DeskStep]:
    """The steps that are possible at the stage which a request has reached."""
    return {name: step for name, step in STEPS.items() if step.is_offered(case)}
