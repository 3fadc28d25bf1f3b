"""What can be paid for in the marketplace, and what becomes of it with the money. `payments` finds this at start."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from datamap.terms import Text
from marketplace.models import Order, Party
from marketplace.models import placements as placement_models
from marketplace.models.orders import PAYABLE
from marketplace.ordering import complete, take_points_back, tell
from marketplace.placements import PlacementMoney
from marketplace.terms import DEAL, NOT_BACK, OrderState, Payment
from payments.cards.paying import is_offered
from payments.cards.refunding import call_off, left_for
from payments.escrow.services import may_offer_escrow
from payments.payables import register

_ACCEPTED: Final = _("What was sold is accepted, and Escrow.com pays the seller. The order is done.")


class OrderMoney:
    """Hears of the money for what two people agreed on. Each piece of news counts once, however often it comes."""

    def page(self, payable: UUID) -> str:
        return reverse("marketplace:order", args=[payable])

    def paid(self, payable: UUID, *, now: datetime) -> None:
        """Money for a deal that is off by now, or for an order that is gone with both, goes back at once."""
        is_news = Order.objects.filter(pk=payable, paid_at=None).update(paid_at=now)
        if not Order.objects.filter(pk=payable, state__in=DEAL).exists():
            call_off(PAYABLE, payable, reason="the order was cancelled", now=now)
        elif is_news:
            _news(payable, _("The buyer has paid. Please hand it over or send it."), to_buyer=False, now=now)

    def not_paid(self, payable: UUID, *, now: datetime) -> None:
        """Also money that seemed to be there, and was taken back by the bank before it arrived."""
        if Order.objects.filter(pk=payable, state__in=DEAL, paid_back_at=None).update(paid_at=None):
            _news(payable, _("Your payment did not go through. You can try again."), to_buyer=True, now=now)

    def paid_back(self, payable: UUID, *, amount: Decimal, now: datetime) -> None:
        """A part of it leaves the order as it is; the seller is owed the rest."""
        left = left_for(PAYABLE, payable)
        take_points_back(payable, amount, left=left, now=now)
        if not left:
            Order.objects.filter(pk=payable, paid_at__isnull=False, paid_back_at=None).update(paid_back_at=now)
            # What was sent and came back through Escrow.com is not sold: another one may buy it.
            there = [OrderState.SENT, OrderState.RECEIVED]
            sent = Order.objects.filter(pk=payable, payment=Payment.ESCROW, state__in=there)
            sent.update(state=OrderState.CANCELLED, changed_at=now)
        _news(payable, _("Your money is on its way back to you."), to_buyer=True, now=now)

    def accepted(self, payable: UUID, *, now: datetime) -> None:
        """Only now is the order done: until then the thing could still go back."""
        if Order.objects.filter(pk=payable, state__in=DEAL).update(state=OrderState.DONE, changed_at=now):
            order = Order.objects.get(pk=payable)
            for reader in complete(order, now=now):
                tell(reader, order, _ACCEPTED, now=now)

    def not_paid_back(self, payable: UUID, *, now: datetime) -> None:
        """The order stays as it is: what was to go back is the buyer's, and nobody is asked to pay or to send."""
        _news(payable, NOT_BACK, to_buyer=True, now=now)


def ways_to_pay(seller: User | None, *, now: datetime) -> list[Payment]:
    """What a buyer may choose at this moment; Escrow.com only where the seller's account there is open (Q9.8)."""
    shut = {
        Payment.CARD: not is_offered(now=now),
        Payment.ESCROW: seller is None or not may_offer_escrow(seller),
    }
    return [way for way in Payment if not shut.get(way)]


def _news(number: UUID, news: Text, *, to_buyer: bool, now: datetime) -> None:
    reader = Party.objects.filter(order=number, is_buyer=to_buyer).select_related("user", "order").first()
    if reader is not None:
        tell(reader.user, reader.order, news, now=now)


register(PAYABLE, OrderMoney())
register(placement_models.PAYABLE, PlacementMoney())
