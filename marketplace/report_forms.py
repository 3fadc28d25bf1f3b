"""What is filled in to report something, to decide about it, and to object (Regulation 2022/2065 Art. 16(2), 20)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.signs import no_hidden_signs
from marketplace.models.comments import EMAIL_LENGTH
from marketplace.models.listings import DESCRIPTION_LENGTH
from marketplace.models.removable import REASON_LENGTH
from marketplace.models.reports import REPORT_LENGTH
from marketplace.moderating import Decision
from marketplace.report_terms import STAYS, ReportGround, ReportKind, ReportState
from marketplace.reporting import Told


class ReportForm(forms.Form):
    """What is wrong and why; who is not logged in says where the answer goes."""

    once = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What is wrong"), choices=ReportKind, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Please explain"),
        help_text=_("What exactly is not allowed, and why. Without it nobody can decide."),
        max_length=REPORT_LENGTH,
        validators=[no_hidden_signs],
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We write to it what was decided, and use it for nothing else."),
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    good_faith = forms.BooleanField(
        label=_("What I write here is true and complete, as far as I know."),
        error_messages={"required": _("Please confirm that what you write is true and complete.")},
    )

    def __init__(self, *args: Any, has_account: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if has_account:
            del self.fields["email"]

    def told(self, language: str) -> Told:
        """The report that the form describes."""
        typed = self.cleaned_data
        return Told(
            kind=ReportKind(typed["kind"]),
            text=typed["text"],
            language=language,
            address=typed.get("email", ""),
            once=typed["once"],
        )


class ObjectionForm(forms.Form):
    """Why a listing should come back."""

    text = forms.CharField(
        label=_("Why should it come back?"),
        help_text=_("You can object once. Another person than the one who took it down reads it and decides."),
        max_length=REPORT_LENGTH,
        validators=[no_hidden_signs],
        widget=forms.Textarea(attrs={"rows": 6}),
    )


_GOES = [(ground.value, ground.label) for ground in ReportGround if ground not in STAYS]
_REMAINS = [(ground.value, ground.label) for ground in ReportGround if ground in STAYS]


class ReasonForm(forms.Form):
    """A reason, as the person concerned reads it."""

    reason = forms.CharField(
        label=_("The reason, as both sides read it"), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )


class DecisionForm(ReasonForm):
    """What becomes of what was reported: which button was pressed, on what ground, and why."""

    field_order = ["ground", "reason", "passage"]

    ground = forms.ChoiceField(
        label=_("On what ground"),
        choices=[("", "–"), (_("it is changed or goes"), _GOES), (_("it stays"), _REMAINS)],
    )
    passage = forms.CharField(
        label=_("Only to black out: the passage, exactly as it stands there"),
        required=False,
        min_length=3,
        max_length=DESCRIPTION_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    decision = forms.ChoiceField(
        choices=[(state.value, "") for state in ReportState if state != ReportState.OPEN], widget=forms.HiddenInput
    )

    def made(self) -> Decision:
        """The decision that the form describes."""
        typed = self.cleaned_data
        return Decision(
            outcome=ReportState(typed["decision"]),
            ground=ReportGround(typed["ground"]),
            reason=typed["reason"],
            passage=typed["passage"],
        )


class AnswerForm(ReasonForm):
    """Whether a listing comes back, and why."""

    decision = forms.ChoiceField(choices=[("restore", ""), ("uphold", "")], widget=forms.HiddenInput)
