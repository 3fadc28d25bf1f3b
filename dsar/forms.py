"""What a person fills in: as little as possible, no reason is ever demanded (clauses.md D3)."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from datamap.terms import Right
from dsar.erasure import Preview

_LONGEST_TEXT: Final = 5000


class RequestForm(forms.Form):
    """Which right, and the person's own words where she likes to add some."""

    right = forms.ChoiceField(label=_("What would you like us to do?"), choices=Right.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Anything you want to add"),
        help_text=_("You need not give a reason."),
        required=False,
        max_length=_LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ErasureForm(forms.Form):
    """The confirmation names the plan that was shown, so that nothing else can be carried out (security E1)."""

    plan = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    objection = forms.BooleanField(
        label=_("I object to the six-year archive"),
        help_text=_(
            "Without your objection we keep your name, e-mail address, account number and the dates of your account "
            "sealed for six years, to resolve disputes (Art. 6(1)(f), 17(3)(e) GDPR). "
            "With it we keep no archive at all."
        ),
        required=False,
    )
    waive_copy = forms.BooleanField(label=_("I do not need the copy that lies ready"), required=False)
    confirm = forms.BooleanField(
        label=_("Yes, delete my account and my data for good"),
        error_messages={"required": _("Please tick this box, so that nobody deletes an account by mistake.")},
    )

    def show_waiver_only_if_needed(self, shown: Preview) -> None:
        """A person without a waiting copy is not asked about one."""
        if not shown.copy_waits:
            del self.fields["waive_copy"]
