"""The steps of a listing as forms (policy clause 8.5: step 4 says how buyers reach the seller)."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final, cast

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.contacts import Channel
from accounts.models import User
from accounts.signs import no_hidden_signs
from consent.rendering import Wording, wording
from consent.terms import ConsentPurpose
from marketplace.models import Feedback, Listing, Order
from marketplace.models.handles import HANDLE_LENGTH
from marketplace.models.messages import TEXT_LENGTH
from marketplace.places import PLACES
from marketplace.searching import Wish
from marketplace.terms import BY_PROVIDER, MOST, Category, Delivery, Payment, Sorting

_SHOW: Final = {Channel.PHONE: _("Show my telephone number"), Channel.EMAIL: _("Show my e-mail address")}


def _price(label: StrOrPromise) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class TextsForAll(forms.ModelForm):
    """A form whose texts everybody reads: none of them holds signs that cannot be seen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(no_hidden_signs)


class WhatForm(TextsForAll):
    """Step 1: what is sold."""

    class Meta:
        model = Listing
        fields = ("title", "category", "description", "language")
        help_texts = {
            "title": _("What it is, in a few words."),
            "description": _(
                "Everybody can read it, and it stays readable without your name if you delete your account one day."
                " Leave out telephone numbers and addresses: step 4 is for them."
            ),
            "language": _("The language you write in, so that others find it."),
        }


class HandleForm(forms.Form):
    """The address of a public page; whether it is free, the service says."""

    name = forms.CharField(
        label=_("Address of the page"),
        help_text=_("3 to 30 letters from a to z, digits and hyphens. It need not be your name."),
        max_length=HANDLE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class PriceForm(forms.ModelForm):
    """Step 3: price and place."""

    class Meta:
        model = Listing
        fields = ("price", "place")
        help_texts = {"price": _("In euro; 0 gives it away."), "place": _("Where it can be seen or collected.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].required = self.fields["place"].required = True
        self.fields["price"].localize = True
        self.fields["price"].widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


class ContactForm(forms.Form):
    """Step 4: how buyers reach the seller. Messages always work; nothing else is published unless it is ticked here.

    The box carries the published wording, and its hash goes beside it, so the proof names the very words.
    """

    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, seller: User, chosen: Collection[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wording: Wording = wording(
            ConsentPurpose.CONTACT_PUBLISH, language=get_language() or settings.LANGUAGE_CODE
        )
        self.fields["shown"].initial = self.wording.sha256
        phone = seller.profile.phone if hasattr(seller, "profile") else ""
        self.details = {Channel.PHONE: phone, Channel.EMAIL: seller.email}
        for channel, label in (
            (Channel.PHONE, _("Show my telephone number")),
            (Channel.EMAIL, _("Show my e-mail address")),
        ):
            self.fields[channel.value] = forms.BooleanField(
                label=label,
                required=False,
                initial=channel in chosen,
                disabled=not self.details[channel] and channel not in chosen,
                help_text=self.details[channel] or _("There is none in your account."),
            )

    @property
    def chosen(self) -> set[Channel]:
        """The contact details that were ticked."""
        return {channel for channel in Channel if self.cleaned_data[channel.value]}


class MessageForm(forms.Form):
    """A message; its number goes with the form, so that a second click sends nothing twice."""

    number = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Your message"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[no_hidden_signs],
    )


class OrderForm(forms.ModelForm):
    """What a buyer offers; its number goes with the form, so that a second click orders nothing twice."""

    number = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Order
        fields = ("price", "delivery", "payment")
        widgets = {"delivery": forms.RadioSelect, "payment": forms.RadioSelect}
        help_texts = {"price": _("What you offer; the seller accepts or declines it.")}

    def __init__(self, *args: Any, ways: Collection[Payment] = (Payment.CASH, Payment.TRANSFER), **kwargs: Any) -> None:
        """`ways` are those in which it can be paid at this moment."""
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["delivery"]).choices = Delivery.choices
        cast("forms.ChoiceField", self.fields["payment"]).choices = [(way.value, way.label) for way in ways]
        self.fields["price"].localize = True
        self.fields["price"].widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("payment") == Payment.CASH and found.get("delivery") == Delivery.POST:
            self.add_error("payment", _("Cash is paid on collection. Choose another way for what is sent to you."))
        if found.get("payment") in BY_PROVIDER and found.get("price") == 0:
            self.add_error("payment", _("What costs nothing is not paid for. Choose another way."))
        return found


class FeedbackForm(TextsForAll):
    """What a buyer says of a seller, under a name chosen for it."""

    class Meta:
        model = Feedback
        fields = ("stars", "text", "author_name")
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "text": _("Everybody can read it, and it stays without your name if you delete your account one day."),
            "author_name": _("Shown beside it. Leave it empty to be shown as a buyer."),
        }

    stars = forms.TypedChoiceField(
        label=_("How was it?"), coerce=int, choices=[(5, "★★★★★"), (4, "★★★★"), (3, "★★★"), (2, "★★"), (1, "★")]
    )


class SearchForm(forms.Form):
    """What a visitor looks for. The address of a search is passed on, so what makes no sense in it is left out."""

    q = forms.CharField(label=_("What are you looking for?"), required=False, max_length=100)
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("all categories")), *Category.choices]
    )
    place = forms.ChoiceField(label=_("Place"), required=False, choices=[("", _("all of Latvia")), *PLACES])
    least = forms.DecimalField(
        label=_("Price from"), required=False, min_value=0, max_value=MOST, decimal_places=2, localize=True
    )
    most = forms.DecimalField(
        label=_("Price to"), required=False, min_value=0, max_value=MOST, decimal_places=2, localize=True
    )
    order = forms.ChoiceField(label=_("Sort by"), required=False, choices=Sorting.choices)

    def __init__(self, given: QueryDict | None) -> None:
        super().__init__(given, auto_id="find_%s")

    @property
    def wish(self) -> Wish:
        """What could be understood of it."""
        self.is_valid()
        found: dict[str, Any] = getattr(self, "cleaned_data", {})
        least: Decimal | None = found.get("least")
        return Wish(
            words=found.get("q", "").replace("\0", ""),
            category=found.get("category", ""),
            place=found.get("place", ""),
            least=least,
            most=found.get("most"),
            order=found.get("order") or Sorting.NEWEST,
        )
