"""The words of the marketplace: what is sold, where, and what becomes of a listing."""

from decimal import Decimal
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MOST: Final = Decimal("9999999.99")
"""The dearest thing that can be sold here, in euro."""


class ListingState(TextChoices):
    """What becomes of a listing; one that nobody renewed is published and past its end."""

    DRAFT = "draft", pgettext_lazy("listing", "draft")
    PUBLISHED = "published", pgettext_lazy("listing", "published")
    CLOSED = "closed", pgettext_lazy("listing", "closed")
    REMOVED = "removed", pgettext_lazy("listing", "taken down")


NOT_FOR_ALL: Final = frozenset({ListingState.DRAFT, ListingState.REMOVED})
"""While a listing is one of these, nobody reads it but its seller."""


class Category(TextChoices):
    """What is sold."""

    HOME = "home", _("Home and garden")
    ELECTRONICS = "electronics", _("Electronics")
    CLOTHES = "clothes", _("Clothes and shoes")
    CHILDREN = "children", _("For children")
    SPORT = "sport", _("Sport and leisure")
    BICYCLES = "bicycles", _("Bicycles")
    VEHICLES = "vehicles", _("Vehicles and parts")
    BOOKS = "books", _("Books and music")
    TOOLS = "tools", _("Tools and building")
    ANIMALS = "animals", _("Animals and plants")
    HANDICRAFT = "handicraft", _("Handicraft and art")
    OTHER = "other", _("Everything else")


class Sorting(TextChoices):
    """How found listings are sorted."""

    NEWEST = "newest", _("newest first")
    CHEAPEST = "cheapest", _("cheapest first")
    DEAREST = "dearest", _("dearest first")


class OrderState(TextChoices):
    """What becomes of an order between two people (policy clause 8.2.2)."""

    OFFERED = "offered", pgettext_lazy("order", "offered")
    ACCEPTED = "accepted", pgettext_lazy("order", "accepted")
    SENT = "sent", pgettext_lazy("order", "on its way")
    RECEIVED = "received", pgettext_lazy("order", "arrived, not accepted yet")
    DONE = "done", pgettext_lazy("order", "done")
    DECLINED = "declined", pgettext_lazy("order", "declined")
    CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")


DEAL: Final = frozenset({OrderState.ACCEPTED, OrderState.SENT, OrderState.RECEIVED})
"""While an order is one of these, the two need each other's contact details, and nobody else's order goes ahead."""


class Delivery(TextChoices):
    """How the thing gets to the buyer; it decides which contact details the two need."""

    COLLECTION = "collection", _("The buyer collects it")
    POST = "post", _("The seller sends it")


class Payment(TextChoices):
    """How the buyer pays (policy clause 9)."""

    CARD = "card", _("debit or credit card")
    ESCROW = "escrow", _("held by Escrow.com until it has arrived")
    CASH = "cash", _("cash on collection")
    TRANSFER = "transfer", _("bank transfer between the two of you")


NOT_BACK: Final = _(
    "Your money did not reach your card. We have been told, and send it once more; you need not do anything."
)
"""What a person reads whose refund has failed."""

BY_PROVIDER: Final = frozenset({Payment.CARD, Payment.ESCROW})
"""With these the money goes through a provider, so we know when it is there."""
