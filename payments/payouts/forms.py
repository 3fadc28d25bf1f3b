"""What a seller says about where her money goes, and an accountant about having sent it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import iban
from stdnum.exceptions import ValidationError as NotValid

from payments.models.payouts import REFERENCE_LENGTH


class AccountForm(forms.Form):
    """An account number of the International Bank Account Number standard, with or without its blanks."""

    iban = forms.CharField(
        label=_("Account number (IBAN)"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("As it stands in your bank, for example LV80 BANK 0000 4351 9500 1. The account must be yours."),
    )

    def clean_iban(self) -> str:
        try:
            return str(iban.validate(self.cleaned_data["iban"]))
        except NotValid:
            raise ValidationError(
                _("This is no account number: a letter or a digit is missing, or wrong. Please compare it.")
            ) from None


class SentForm(forms.Form):
    """What the bank calls the transfer."""

    bank_reference = forms.CharField(label=_("Number at the bank"), max_length=REFERENCE_LENGTH)
