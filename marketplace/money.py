"""What becomes of the money of an order that lies with us: it goes to the seller, or back to the buyer (clause 9)."""

from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from datamap.catalogue import length_of
from marketplace.models import Order
from marketplace.models.orders import PAYABLE
from marketplace.terms import Payment
from payments.cards.refunding import call_off, left_for, not_back
from payments.payables import Payable
from payments.payouts.services import owe

SILENCE: Final[timedelta] = length_of("ORDER_SILENCE")
"""Who says nothing for so long after a thing was sent has received it."""


def owe_the_seller(order: Order, seller: User | None, *, now: datetime) -> None:
    """The thing has arrived: what the buyer paid, less what went back, is the seller's, also of one who has left."""
    if order.payment != Payment.CARD:
        return
    left = left_for(PAYABLE, order.pk) - not_back(PAYABLE, order.pk)
    if left > 0:
        owe(Payable(PAYABLE, order.pk, left), seller, now=now)


def give_back(order: Order, *, now: datetime) -> None:
    """The deal is off: the buyer pays nothing, and gets back what she has paid. In the caller's transaction."""
    if order.payment == Payment.CARD:
        call_off(PAYABLE, order.pk, reason="the order was cancelled", now=now)
