"""The forms of sign-up, log-in and the record entry (policy clauses 5.1 and 6)."""

from typing import Any, ClassVar, Final

from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from babel import Locale
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import RegexValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Profile, User
from accounts.signs import no_hidden_signs, one_alphabet
from vault.fields import Unreadable

MANDATORY: Final = ("given_name", "family_name")
"""Beside e-mail, password and the age declaration, all that an account cannot do without."""

_phone = RegexValidator(r"\A\+?[0-9][0-9 ()-]{4,18}\Z", _("Write the number in digits, for example +371 20000000."))


_CLOSED: Final = _("Something is stored here that cannot be opened at the moment. Leave the field empty to keep it.")

_WORDS: Final = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "remember": _("Stay logged in on this device for 14 days"),
    "code": _("Code"),
}


class HouseWords(forms.Form):
    """allauth's forms in the words of this site, without placeholders: those vanish when one types."""

    words: ClassVar[dict[str, str | Promise]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.words.get(name) or _WORDS.get(name) or field.label  # type: ignore[assignment]


class SignupForm(HouseWords, allauth_forms.SignupForm):
    """Sign-up with the age rule: without the declaration nothing of the attempt is stored (Q6.1)."""

    words: ClassVar = {"password1": _("Password")}
    account_already_exists: bool
    given_name = forms.CharField(
        label=_("Given name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Family name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    age_confirmed = forms.BooleanField(
        label=_("I am 16 or older"),
        error_messages={
            "required": _("Accounts are for people who are 16 or older. Nothing you typed has been stored.")
        },
    )
    field_order = ("email", "password1", "given_name", "family_name", "age_confirmed")

    def mandatory_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.field.required]

    def voluntary_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if not field.field.required]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """As allauth does, but as slow for a known address as for a new one, and safe when two sign up at once."""
        if not self.account_already_exists:
            try:
                return super().try_save(request)
            except IntegrityError:
                self.account_already_exists = True
        make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        return super().save(request)


class ResetPasswordForm(HouseWords, allauth_forms.ResetPasswordForm):
    """A link to set a password goes to the log-in address only, never to one that somebody merely wants to have."""

    users: list[User]

    def clean_email(self) -> str:
        address = super().clean_email()
        self.users = [user for user in self.users if user.email == address.lower()]
        return address


class LoginForm(HouseWords, allauth_forms.LoginForm):
    """Log-in with e-mail and password."""


class ChangeAddressForm(HouseWords, allauth_forms.AddEmailForm):
    """Change of the e-mail address."""

    words: ClassVar = {"email": _("New e-mail address")}


class ChangePasswordForm(HouseWords, allauth_forms.ChangePasswordForm):
    """Change of the password, with the old one."""

    words: ClassVar = {"password1": _("New password"), "password2": _("New password again")}


class NewPasswordForm(HouseWords, allauth_forms.ResetPasswordKeyForm):
    """A new password after the link in the mail."""

    words: ClassVar = {"password1": _("New password"), "password2": _("New password again")}


class ReauthenticateForm(HouseWords, allauth_forms.ReauthenticateForm):
    """The password once more."""


class CodeForm(HouseWords, mfa_forms.AuthenticateForm):
    """The second factor at log-in."""


class CodeAgainForm(HouseWords, mfa_forms.ReauthenticateForm):
    """The second factor once more."""


class SwitchOnForm(HouseWords, ActivateTOTPForm):
    """The first code of a new authenticator app."""


class DetailsForm(forms.ModelForm):
    """What every account holds, and the public name."""

    class Meta:
        model = User
        fields = ("given_name", "family_name", "display_name", "language")
        help_texts = {
            "display_name": _("Others see this name, and no other. Leave it empty and they see none."),
            "language": _("We write to you in this language."),
        }
        widgets = {
            "given_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "family_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "display_name": forms.TextInput(attrs={"autocomplete": "nickname"}),
        }

    def clean_display_name(self) -> str:
        """What others read must not pretend to be somebody else's name."""
        name = str(self.cleaned_data["display_name"])
        no_hidden_signs(name)
        one_alphabet(name)
        return name


class ProfileForm(forms.ModelForm):
    """The voluntary fields: each may stay empty, and emptying one deletes it."""

    phone = forms.CharField(
        label=_("Telephone"),
        required=False,
        max_length=20,
        validators=[_phone],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    country = forms.ChoiceField(label=_("Country"), required=False)

    class Meta:
        model = Profile
        fields = ("phone", "street", "city", "postal_code", "country")
        widgets = {
            "street": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "postal_code": forms.TextInput(attrs={"autocomplete": "postal-code"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        country.choices = [("", _("no country given")), *countries(get_language() or "lv")]  # type: ignore[attr-defined]
        country.widget.attrs["autocomplete"] = "country"
        for name in self.fields:
            if isinstance(getattr(self.instance, name), Unreadable):
                self.fields[name].help_text = _CLOSED


def countries(language: str) -> list[tuple[str, str]]:
    """Code and name of every country in this language, by name."""
    names = Locale.parse(language).territories
    found = [
        (code, name)
        for code, name in names.items()
        if len(code) == len("LV") and code.isalpha() and code not in _NO_COUNTRY
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())


_NO_COUNTRY: Final = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""Codes of the territory list that name no country."""
