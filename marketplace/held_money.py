"""Orders whose money Escrow.com holds: what a step of the order means for the payment (policy clause 9.3; Q9.7)."""

from datetime import datetime
from typing import Protocol

from marketplace.models import Order, Party
from marketplace.models.orders import PAYABLE
from marketplace.refusals import Refused
from marketplace.terms import OrderState, Payment
from payments.escrow import services
from payments.models import EscrowDeal

_THERE = {"send": "ship", "receive": "receive"}
"""What a person says of the thing here, she says there with the same press."""


class Dealing(Protocol):
    """An order as one of the two sees it."""

    @property
    def order(self) -> Order: ...

    @property
    def mine(self) -> Party: ...

    @property
    def other(self) -> Party | None: ...


class HoldingRefused(Refused):
    """Nothing was changed; `message` is the sentence for the person."""


def deal_of(order: Order) -> EscrowDeal | None:
    """The payment through Escrow.com of this order, if it is paid so."""
    return services.deal_of(PAYABLE, order.pk) if order.payment == Payment.ESCROW else None


def looked_at_until(deal: EscrowDeal | None) -> datetime | None:
    """The end of the buyer's time to look at what has arrived, while it runs."""
    return services.inspected_until(deal)


def begin(shown: Dealing, *, now: datetime) -> EscrowDeal:
    """Propose the payment to both. Raises HoldingRefused."""
    if shown.other is None:
        raise HoldingRefused(services.MOVED_ON)
    buyer, seller = (shown.mine, shown.other) if shown.mine.is_buyer else (shown.other, shown.mine)
    order = shown.order
    try:
        return services.begin(order.payable, buyer=buyer.user, seller=seller.user, title=order.title, now=now)
    except services.EscrowRefused as refusal:
        raise HoldingRefused(refusal.message) from None


def follow(shown: Dealing, step: str, ends: OrderState, *, now: datetime) -> None:
    """Carry a step of the order over to its payment, in the transaction of the step. Raises HoldingRefused."""
    if shown.order.payment != Payment.ESCROW:
        return
    if ends is OrderState.ACCEPTED:
        begin(shown, now=now)
    try:
        if ends is OrderState.CANCELLED:
            services.withdraw(PAYABLE, shown.order.pk, now=now)
        if step in _THERE:
            services.press_if_open(PAYABLE, shown.order.pk, shown.mine.user, step=_THERE[step], now=now)
    except services.EscrowRefused as refusal:
        raise HoldingRefused(refusal.message) from None
