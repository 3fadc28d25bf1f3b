"""The form of a paid placement."""

from typing import Any, Final

from django import forms
from django.core.validators import RegexValidator
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from marketplace.placements import offers
from payments.invoices.terms import Service

_NAMES: Final = ("invoice_name", "invoice_registration", "invoice_address")


class PlacementForm(forms.Form):
    """How long, whom the invoice names where that is not the seller herself, and that it begins at once."""

    service = forms.ChoiceField(label=_("How long"), widget=forms.RadioSelect)
    invoice_name = forms.CharField(
        label=_("Another name on the invoice"),
        help_text=_("For example of your company. Left empty, it names you."),
        required=False,
        max_length=200,
    )
    invoice_registration = forms.CharField(
        label=_("Registration number of the company"),
        required=False,
        max_length=20,
        validators=[RegexValidator(r"\A[0-9]{11}\Z", _("A Latvian registration number has 11 digits."))],
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    invoice_address = forms.CharField(label=_("Address on the invoice"), required=False, max_length=300)
    at_once = forms.BooleanField(
        label=_("I want it to begin as soon as I have paid"),
        help_text=_("You may withdraw within 14 days. Then you pay for the days that it ran, and get the rest back."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        service: Any = self.fields["service"]
        service.choices = [(one.code, f"{one.label} – {number_format(one.price, 2)} €") for one in offers()]
        service.initial = service.choices[0][0]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("invoice_registration") and not found.get("invoice_name"):
            self.add_error("invoice_name", _("Please say the name of the company as well."))
        return found

    @property
    def chosen(self) -> Service:
        """What was chosen."""
        return next(one for one in offers() if one.code == self.cleaned_data["service"])

    @property
    def on_invoice(self) -> dict[str, str]:
        """Whom the invoice names."""
        return {name: self.cleaned_data[name] for name in _NAMES}
