"""What comes back from the card form: a one-time number for a card, never the card."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

EMULATED_CARDS: Final = (
    ("fake-valid-nonce", _("a card that is charged")),
    ("fake-processor-declined-visa-nonce", _("a card that the bank declines")),
    ("fake-gateway-rejected-fraud-nonce", _("a card that Braintree takes for stolen")),
    ("fake-consumed-nonce", _("a card form that was sent before")),
)


class NonceForm(forms.Form):
    """Filled in by the script of the page."""

    nonce = forms.CharField(max_length=255, widget=forms.HiddenInput)


class EmulatedCardForm(NonceForm):
    """Where Braintree is emulated there are no cards to type in: one of these is chosen, with or without a script."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nonce"] = forms.ChoiceField(
            label=_("Pay with"), choices=EMULATED_CARDS, widget=forms.RadioSelect, initial=EMULATED_CARDS[0][0]
        )
