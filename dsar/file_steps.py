"""The steps of the desk with files: ask for an identity document at last, add a scan, say what a file is (D8, D9)."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from datamap.periods import RIGA
from dsar import documents, replies
from dsar.attachments import LARGEST, Incoming, open_ask
from dsar.buttons import DeskStep
from dsar.deadlines import Channel
from dsar.folder import attachments_of, checks_of
from dsar.models import Attachment, SubjectRequest
from dsar.refusals import FileTooLarge
from dsar.step_forms import StepForm
from dsar.steps import Step
from dsar.terms import DOUBTS, TRANSITIONS, AttachmentPurpose, Stage

_SORTED = (AttachmentPurpose.EVIDENCE, AttachmentPurpose.AUTHORITY, AttachmentPurpose.IDENTITY)


class DocumentForm(StepForm):
    question = forms.CharField(
        label=_("Question to the person"), max_length=2000, widget=forms.Textarea(attrs={"rows": 14})
    )
    reason = forms.CharField(
        label=_("Why nothing lighter was enough"),
        help_text=_("Which other ways were tried in this very request, and what doubt they left. It is kept."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class FileForm(StepForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_("A scan of a letter, at most 10 MB. It is sealed under a key of its own."),
        max_length=255,
    )
    purpose = forms.ChoiceField(label=_("What it is"), choices=[(item, item.label) for item in _SORTED])

    def fit(self, case: SubjectRequest) -> None:
        """An identity document only where one was asked for."""
        if open_ask(case) is None:
            allowed = [(item, item.label) for item in _SORTED if item is not AttachmentPurpose.IDENTITY]
            self.fields["purpose"] = forms.ChoiceField(label=_("What it is"), choices=allowed)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(FileTooLarge.message)
        return file


class SortForm(StepForm):
    file = forms.ChoiceField(label=_("File"))
    purpose = forms.ChoiceField(
        label=_("What it is"),
        help_text=_("An identity document that nobody asked for is destroyed at once."),
        choices=[(item, item.label) for item in _SORTED],
    )

    def fit(self, case: SubjectRequest) -> None:
        """What nobody has looked at yet, by its arrival: the name may say more than is needed."""
        found = [(file.pk, _described(file)) for file in documents.unsorted_files(case)]
        self.fields["file"] = forms.ChoiceField(label=_("File"), choices=found)


def _described(file: Attachment) -> str:
    arrived = date_format(file.received_at.astimezone(RIGA), "DATETIME_FORMAT")
    return f"{file.get_kind_display()}, {arrived}, {file.pk.hex[:8]}"


def _add(case_id: UUID, data: dict[str, Any], step: Step) -> object:
    file = Incoming(data["file"].name, data["file"].read())
    return documents.add_file(case_id, file, AttachmentPurpose(data["purpose"]), step=step)


def _may_ask(case: SubjectRequest) -> bool:
    can_wait = case.stage == Stage.IDENTITY_PENDING or Stage.IDENTITY_PENDING in TRANSITIONS[Stage(case.stage)]
    return (
        can_wait
        and case.channel != Channel.PORTAL_AUTH
        and open_ask(case) is None
        and any(row.outcome in DOUBTS for row in checks_of(case))
    )


FILES: dict[str, DeskStep] = {
    "ask-document": DeskStep(
        _("Ask for an identity document"),
        DocumentForm,
        lambda case_id, data, step: documents.ask_document(case_id, data["question"], data["reason"], step=step),
        _may_ask,
        harsh=True,
        initial=lambda case: {"question": replies.question_of_document(case)},
    ),
    "add-file": DeskStep(_("Add a file"), FileForm, _add, lambda case: not case.is_closed),
    "sort-file": DeskStep(
        _("Say what a file is"),
        SortForm,
        lambda case_id, data, step: documents.sort_file(
            case_id, UUID(data["file"]), AttachmentPurpose(data["purpose"]), step=step
        ),
        lambda case: any(file.is_there and file.purpose == AttachmentPurpose.UNSORTED for file in attachments_of(case)),
    ),
}
