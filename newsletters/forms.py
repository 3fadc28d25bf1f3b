"""What somebody fills in who wants the newsletter: an address, and an express yes (policy clause 13, Q6.3)."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consent.models import TextVersion
from consent.rendering import Wording, wording
from consent.terms import ConsentPurpose
from newsletters.models import EMAIL_LENGTH

PURPOSE: Final = ConsentPurpose.MARKETING_EMAIL


class SubscribeForm(forms.Form):
    """The box carries the published wording as its label and its hash beside it, so the proof names the very words.

    Raises NotPublishedError where no wording was ever published.
    """

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We write to it and ask whether it was you. Nothing else is sent before you say yes there."),
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    agreed = forms.BooleanField(error_messages={"required": _("Without your consent we send nothing: tick the box.")})
    old_enough = forms.BooleanField(
        label=_("I am 16 or older."),
        error_messages={"required": _("The newsletter is for people who are 16 or older.")},
    )
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wording: Wording = wording(PURPOSE, language=get_language() or settings.LANGUAGE_CODE)
        self.fields["agreed"].label = self.wording.label
        self.fields["shown"].initial = self.wording.sha256

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        shown = self.cleaned_data.get("shown") or self.wording.sha256
        self.cleaned_data["shown"] = shown
        if shown != self.wording.sha256 and not TextVersion.objects.filter(code=PURPOSE, sha256=shown).exists():
            self.add_error("agreed", _("The wording of this consent has changed. Please read it again."))
        return cleaned
