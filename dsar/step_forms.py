"""What each step of the case desk asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from datamap.terms import Right
from dsar.desk_words import right_words
from dsar.models import SubjectRequest
from dsar.terms import DelayReason, IdentityMethod, IdentityOutcome, RefusalReason, grounds_for
from retention.standing import STAFF_GROUNDS, RestrictionGround

_LONG: dict[str, Any] = {"widget": forms.Textarea(attrs={"rows": 12})}


class StepForm(forms.Form):
    """Every step says why; there is no default, so that each reason is one of this request (clauses.md D9)."""

    reason = forms.CharField(
        label=_("Why"),
        help_text=_("For our own record of the case, sealed. It is not part of any letter."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order_fields([name for name in self.fields if name != "reason"])  # what is done first, then why

    def fit(self, case: SubjectRequest) -> None:
        """Leave out the choices that do not suit this request."""


class NoteForm(forms.Form):
    """A note is its own reason."""

    reason = forms.CharField(label=_("Note"), max_length=1000, widget=forms.Textarea(attrs={"rows": 5}))

    def fit(self, case: SubjectRequest) -> None:
        """Nothing to leave out."""


class QuestionForm(StepForm):
    question = forms.CharField(label=_("Question to the person"), max_length=2000, **_LONG)


class MessageForm(StepForm):
    text = forms.CharField(label=_("Message to the person"), max_length=20_000, **_LONG)


class IdentityForm(StepForm):
    method = forms.ChoiceField(
        label=_("How"),
        choices=[(item, item.label) for item in (IdentityMethod.KNOWN_FACTS, IdentityMethod.ID_DOCUMENT)],
    )
    account_address = forms.EmailField(
        label=_("Account it leads to"),
        help_text=_(
            "The exact confirmed address of the account, where the person has one. If the request came from another"
            " address, a second person must find the same account."
        ),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class LinkForm(StepForm):
    account_address = forms.EmailField(
        label=_("Address of the person's account"),
        help_text=_("The exact confirmed address of the account of the person herself, not of who acts for her."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class AccountForm(StepForm):
    account_address = forms.EmailField(
        label=_("Account it leads to"),
        help_text=_("Find the account yourself from what the person knows, and type its confirmed address."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class DoubtForm(StepForm):
    outcome = forms.ChoiceField(
        label=_("What came of the check"),
        choices=[(item, item.label) for item in (IdentityOutcome.DOUBTED, IdentityOutcome.FAILED)],
    )


class AuthorityForm(StepForm):
    document = forms.CharField(
        label=_("Document of authority"), help_text=_("Which document, of which date; not its copy."), max_length=500
    )


class AnswerForm(StepForm):
    answer = forms.CharField(
        label=_("Answer to the person"),
        help_text=_(
            "Fill in or take out what stands in double square brackets. The sentences on complaint and court are added"
            " by themselves."
        ),
        max_length=20_000,
        **_LONG,
    )


class RefusalForm(StepForm):
    why = forms.ChoiceField(label=_("Ground"), choices=RefusalReason.choices)
    act = forms.CharField(
        label=_("Act and section"),
        help_text=_("Needed where a law forbids what was asked for; other grounds carry their article."),
        max_length=200,
        required=False,
    )
    partly = forms.BooleanField(label=_("Only a part is refused"), required=False)
    answer = forms.CharField(
        label=_("Answer to the person"),
        help_text=_(
            "Fill in or take out what stands in double square brackets. Ground, act and the sentences on complaint and"
            " court are added by themselves."
        ),
        max_length=20_000,
        **_LONG,
    )

    def fit(self, case: SubjectRequest) -> None:
        grounds = grounds_for(Right(case.right), is_identified=case.identified_at is not None)
        self.fields["why"] = forms.ChoiceField(label=_("Ground"), choices=[(item, item.label) for item in grounds])


class ApprovalForm(StepForm):
    """With what was shown to the second person: it is that to which he agrees."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class FeeForm(StepForm):
    fee = forms.DecimalField(label=_("Fee in euros"), min_value=0, max_digits=7, decimal_places=2)
    why = forms.CharField(
        label=_("Why the request is manifestly unfounded or excessive"),
        help_text=_("The person reads this. The number of requests alone is not enough; we must be able to show it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class RestrictionForm(StepForm):
    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[(item, words) for item, words in STAFF_GROUNDS.items() if item != RestrictionGround.CHILD],
    )


class ExtensionForm(StepForm):
    why = forms.ChoiceField(label=_("Why it takes longer"), choices=DelayReason.choices)


class ErasureForm(StepForm):
    objection_to_archive = forms.BooleanField(label=_("The person objects to the archive for claims"), required=False)
    waive_copy = forms.BooleanField(label=_("The person does not need the copy that lies ready"), required=False)


class RightsForm(StepForm):
    rights = forms.MultipleChoiceField(
        label=_("Requests in this message"),
        choices=[(item, right_words(item)) for item in Right if item is not Right.GENERAL],
        widget=forms.CheckboxSelectMultiple,
    )


class ColleagueForm(StepForm):
    address = forms.EmailField(
        label=_("Address of the colleague"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
