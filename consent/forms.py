"""The consent boxes of the sign-up form: separate, unticked, none of them needed for the account (Q4.4, Q4.5, Q7.6)."""

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audit.client import client_ip
from consent.models import TextVersion
from consent.rendering import Wording, wordings
from consent.services import give, note_subscription
from consent.terms import ACCOUNT_PURPOSES, ConsentPurpose, Method
from consent.texts import current_master

_SHOWN: Final = "_wording"


class SignupConsents(forms.Form):
    """Base of allauth's sign-up form. Each box carries the published wording as its label, and the hash of that
    wording in a hidden field, so that the proof names the very words that were shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing is offered that was never published: no consent could rest on it.
        for purpose, words in wordings(ACCOUNT_PURPOSES, language=get_language() or settings.LANGUAGE_CODE).items():
            self._offer(ConsentPurpose(purpose), words)

    def _offer(self, purpose: ConsentPurpose, words: Wording) -> None:
        name = box_name(purpose)
        self.fields[name] = forms.BooleanField(label=words.label, required=False, initial=False)
        self.fields[name + _SHOWN] = forms.CharField(
            widget=forms.HiddenInput, required=False, initial=words.sha256, max_length=64
        )

    def consent_boxes(self) -> list[forms.BoundField]:
        """The boxes in their order, for the template."""
        return [self[box_name(purpose)] for purpose in ACCOUNT_PURPOSES if box_name(purpose) in self.fields]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for purpose, shown in self._ticked():
            if shown and not _in_force(purpose, shown):
                self.add_error(box_name(purpose), _("The wording of this consent has changed. Please read it again."))
        return cleaned

    def signup(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Called by allauth once the account exists: records what was ticked, nothing for what was not."""
        for purpose, shown in self._ticked():
            event = give(
                user.pk,
                purpose,
                language=get_language() or settings.LANGUAGE_CODE,
                method=Method.SIGNUP_FORM,
                place=request.path,
                wording=shown,
                now=timezone.now(),
            )
            if purpose == ConsentPurpose.MARKETING_EMAIL and (ip := client_ip(request)):
                note_subscription(event, ip=ip)

    def _ticked(self) -> Iterator[tuple[ConsentPurpose, str]]:
        for purpose in ACCOUNT_PURPOSES:
            if self.cleaned_data.get(box_name(purpose)):
                yield purpose, self.cleaned_data.get(box_name(purpose) + _SHOWN, "")


def box_name(purpose: ConsentPurpose) -> str:
    """The name of a consent's box in the sign-up form."""
    return f"consent_{purpose.value.lower()}"


def _in_force(purpose: str, shown: str) -> bool:
    version = current_master(purpose, on=timezone.now().date()).version
    return TextVersion.objects.filter(code=purpose, version=version, sha256=shown).exists()
