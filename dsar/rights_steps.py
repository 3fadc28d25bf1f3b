"""The steps that carry out a right: a correction, the end of an objection, what recipients answered (Art. 16-21)."""

from collections import Counter
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue
from datamap.processors import Outcome
from datamap.terms import Right
from dsar import corrections, marking, objections, ordering, recipients
from dsar.buttons import APPROVE, DeskStep
from dsar.folder import notices_of, objections_in_force
from dsar.models import Objection, RecipientNotice, SubjectRequest
from dsar.queries import subject_of, unsettled_notices
from dsar.recipients import Settlement
from dsar.step_forms import StepForm
from dsar.steps import Step
from dsar.terms import SETTLED, NoticeChannel, Stage

_KEYS: Final = _(
    "An e-mail address is not among them: its new mailbox must confirm it, on the page of the account or by subscribing"
    " anew."
)


class CorrectionForm(StepForm):
    """Which value; the values themselves stay hidden."""

    key = forms.ChoiceField(label=_("What is to be corrected"), help_text=_KEYS)
    value = forms.CharField(label=_("What is right"), max_length=500, required=False)

    def fit(self, case: SubjectRequest) -> None:
        found = corrections.correctable(case)
        named = Counter(f"{item.table}: {item.label}" for item in found)
        met = Counter[str]()
        choices = []
        for item in found:
            name = f"{item.table}: {item.label}"
            met[name] += 1
            choices.append((item.key, f"{name} ({met[name]}/{named[name]})" if named[name] > 1 else name))
        self.fields["key"] = forms.ChoiceField(label=_("What is to be corrected"), help_text=_KEYS, choices=choices)


class NoticeForm(StepForm):
    """What came of a notice; the reason is the detail."""

    notice = forms.ChoiceField(label=_("Recipient"))
    outcome = forms.ChoiceField(label=_("What came of it"), choices=Outcome.choices)
    channel = forms.ChoiceField(label=_("How they were told"), choices=NoticeChannel.choices)

    def fit(self, case: SubjectRequest) -> None:
        choices = [(str(item.pk), f"{item.recipient} ({item.get_article_display()})") for item in _waiting(case)]
        self.fields["notice"] = forms.ChoiceField(label=_("Recipient"), choices=choices)


class GroundsForm(StepForm):
    """Compelling grounds against one purpose; the reason is written down as the grounds."""

    objection = forms.ChoiceField(label=_("Purpose"))

    def fit(self, case: SubjectRequest) -> None:
        self._offer(objections_in_force(case))

    def _offer(self, objections: list[Objection]) -> None:
        purposes = catalogue().purposes
        choices = [(str(item.pk), purposes[item.purpose].label) for item in objections]
        self.fields["objection"] = forms.ChoiceField(label=_("Purpose"), choices=choices)


class OverruleForm(GroundsForm):
    """The grounds that a colleague proposed."""

    def fit(self, case: SubjectRequest) -> None:
        self._offer([item for item in objections_in_force(case) if item.proposed_by])


def _waiting(case: SubjectRequest) -> list[RecipientNotice]:
    return list(unsettled_notices(case))


def _is_examined(case: SubjectRequest) -> bool:
    return case.right == Right.OBJECTION and case.stage == Stage.OPEN and bool(objections_in_force(case))


def _settle(case_id: UUID, data: dict[str, Any], step: Step) -> object:
    settlement = Settlement(
        outcome=Outcome(data["outcome"]), channel=NoticeChannel(data["channel"]), detail=step.reason
    )
    return recipients.settle_notice(UUID(data["notice"]), settlement, by=step.by, now=step.now)


def _propose_grounds(case_id: UUID, data: dict[str, Any], step: Step) -> object:
    return objections.propose_grounds(UUID(data["objection"]), step.reason, by=step.by, now=step.now)


def _overrule(case_id: UUID, data: dict[str, Any], step: Step) -> object:
    return objections.overrule(UUID(data["objection"]), by=step.by, reason=step.reason, now=step.now)


RIGHTS: dict[str, DeskStep] = {
    "mark-young": DeskStep(
        _("The person may be under 16: restrict at once"),
        StepForm,
        lambda case_id, _data, step: marking.mark_young(case_id, step=step),
        marking.may_be_marked,
    ),
    "copy-again": DeskStep(
        _("Put the copy together again"),
        StepForm,
        lambda case_id, _data, step: ordering.order_again_by_staff(case_id, step=step),
        ordering.can_be_ordered,
    ),
    "correct": DeskStep(
        _("Correct a value"),
        CorrectionForm,
        lambda case_id, data, step: corrections.correct(case_id, data["key"], data["value"], step=step),
        lambda case: case.right == Right.RECTIFICATION and case.stage == Stage.OPEN and subject_of(case).is_somebody,
        grave=True,
    ),
    "settle-notice": DeskStep(
        _("A recipient was told"),
        NoticeForm,
        _settle,
        lambda case: any(notice.outcome not in SETTLED for notice in notices_of(case)),
    ),
    "propose-grounds": DeskStep(
        _("Propose compelling grounds against the objection"), GroundsForm, _propose_grounds, _is_examined
    ),
    "overrule": DeskStep(
        _("Approve the compelling grounds"),
        OverruleForm,
        _overrule,
        lambda case: _is_examined(case) and any(item.proposed_by for item in objections_in_force(case)),
        permission=APPROVE,
        grave=True,
        harsh=True,
    ),
}
