"""What two people agree on: the thing, the price, how it is paid and delivered (policy clauses 8.2.2, 9)."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.models.listings import TITLE_LENGTH, Listing
from marketplace.terms import BY_PROVIDER, DEAL, MOST, Delivery, OrderState, Payment
from payments.payables import Payable

PAYABLE = "order"
"""What payments call an order."""


class Order(models.Model):
    """One purchase, as it was agreed. Who the two are stands in `Party`; it goes when both have left."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    listing = models.ForeignKey(Listing, models.SET_NULL, null=True, related_name="orders")
    title = models.CharField(_("what"), max_length=TITLE_LENGTH)
    price = models.DecimalField(
        _("price in euro"), max_digits=9, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(MOST)]
    )
    delivery = models.CharField(_("delivery"), max_length=10, choices=Delivery)
    payment = models.CharField(_("payment"), max_length=10, choices=Payment)
    state = models.CharField(_("state"), max_length=10, choices=OrderState, default=OrderState.OFFERED)
    offered_at = models.DateTimeField(_("offered at"))
    changed_at = models.DateTimeField(_("last changed at"))
    # As the provider told it; money that the two hand to each other leaves no trace here.
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    paid_back_at = models.DateTimeField(_("paid back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.CheckConstraint(condition=models.Q(price__gte=0, price__lte=MOST), name="order_price_in_range"),
            models.UniqueConstraint(
                fields=["listing"], condition=models.Q(state__in=sorted(DEAL)), name="order_one_deal_of_a_listing"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def payable(self) -> Payable:
        """What is to be paid, as payments see it."""
        return Payable(PAYABLE, self.pk, self.price)

    @property
    def is_held(self) -> bool:
        """Whether Escrow.com holds the money now."""
        return self.payment == Payment.ESCROW and self.paid_at is not None and self.paid_back_at is None

    @property
    def awaits_money(self) -> bool:
        """Nothing is handed over before the provider has the money, nor after it went back."""
        return self.payment in BY_PROVIDER and (self.paid_at is None or self.paid_back_at is not None)


class Party(models.Model):
    """One of the two; the row goes with the account."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="parties")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="orders")
    is_buyer = models.BooleanField(_("buys"))

    class Meta:
        verbose_name = _("party of an order")
        verbose_name_plural = _("parties of orders")
        constraints = [
            models.UniqueConstraint(fields=["order", "is_buyer"], name="party_one_of_each_side"),
            models.UniqueConstraint(fields=["order", "user"], name="party_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
