"""From what Escrow.com says to where a payment stands, and who can take which step from there. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import pgettext_lazy

from datamap.terms import Text
from payments.escrow.values import Action, EscrowTx, Item, Money, Role
from payments.models.escrow import DealState

RANK: Final[dict[DealState, int]] = {
    DealState.PROPOSED: 0,
    DealState.ORDERED: 1,
    DealState.CREATED: 2,
    DealState.AGREED: 3,
    DealState.SECURED: 4,
    DealState.SHIPPED: 5,
    DealState.RECEIVED: 6,
    DealState.ACCEPTED: 7,
    DealState.REJECTED: 7,
    DealState.RETURNED: 8,
    DealState.RETURN_RECEIVED: 9,
    DealState.RETURN_ACCEPTED: 10,
    DealState.CANCELLED: 11,
    DealState.PAID_OUT: 12,
    DealState.PAID_BACK: 12,
    DealState.FAILED: 12,
}
"""A payment only ever goes up: an older answer that is read later moves nothing."""

_BY_ITEM: Final = (
    (Item.RETURN_ACCEPTED, DealState.RETURN_ACCEPTED),
    (Item.RETURN_RECEIVED, DealState.RETURN_RECEIVED),
    (Item.RETURN_SHIPPED, DealState.RETURNED),
    (Item.REJECTED, DealState.REJECTED),
    (Item.ACCEPTED, DealState.ACCEPTED),
    (Item.RECEIVED, DealState.RECEIVED),
    (Item.SHIPPED, DealState.SHIPPED),
)
_HAD_THE_MONEY: Final = frozenset({Money.SECURED, Money.PAID_OUT, Money.PAID_BACK, Money.REFUNDED})


def state_of(tx: EscrowTx) -> DealState:
    """Where the payment stands by this answer."""
    if tx.money & {Money.PAID_BACK, Money.REFUNDED}:
        return DealState.PAID_BACK
    if Money.PAID_OUT in tx.money:
        return DealState.PAID_OUT
    if tx.is_cancelled:
        return DealState.CANCELLED
    for sign, state in _BY_ITEM:
        if sign in tx.item:
            return state
    if Money.SECURED in tx.money:
        return DealState.SECURED
    return DealState.AGREED if tx.buyer.agreed and tx.seller.agreed else DealState.CREATED


def was_secured(tx: EscrowTx) -> bool:
    """Whether Escrow.com has the money, or had it."""
    return bool(tx.money & _HAD_THE_MONEY)


@dataclass(frozen=True, slots=True)
class Step:
    """What one of the two can do: from where, who, the words on the button, and how it is seen to be done there.

    Without an action it is done here: `tell` agrees that Escrow.com is told, `pay` asks for the page to pay on.
    """

    name: str
    starts: frozenset[DealState]
    roles: frozenset[Role]
    label: Text
    action: Action | None = None
    done: Callable[[EscrowTx, Role], bool] | None = None


_BUYER, _SELLER, _EITHER = frozenset({Role.BUYER}), frozenset({Role.SELLER}), frozenset(Role)


def _shows(sign: Item) -> Callable[[EscrowTx, Role], bool]:
    return lambda tx, _role: sign in tx.item


STEPS: Final = {
    step.name: step
    for step in (
        Step(
            "tell",
            frozenset({DealState.PROPOSED}),
            _EITHER,
            pgettext_lazy("escrow", "I agree: tell Escrow.com this, and set the payment up there"),
        ),
        Step(
            "agree",
            frozenset({DealState.CREATED}),
            _EITHER,
            pgettext_lazy("escrow", "I accept these terms at Escrow.com"),
            Action.AGREE,
            lambda tx, role: tx.party(role).agreed,
        ),
        Step(
            "pay",
            frozenset({DealState.AGREED}),
            _BUYER,
            pgettext_lazy("escrow", "I want to pay: get me the page of Escrow.com"),
        ),
        Step(
            "ship",
            frozenset({DealState.SECURED}),
            _SELLER,
            pgettext_lazy("escrow", "It is on its way or handed over"),
            Action.SHIP,
            _shows(Item.SHIPPED),
        ),
        Step(
            "receive",
            frozenset({DealState.SHIPPED}),
            _BUYER,
            pgettext_lazy("escrow", "It has arrived"),
            Action.RECEIVE,
            _shows(Item.RECEIVED),
        ),
        Step(
            "accept",
            frozenset({DealState.RECEIVED}),
            _BUYER,
            pgettext_lazy("escrow", "It is as agreed: pay the seller"),
            Action.ACCEPT,
            _shows(Item.ACCEPTED),
        ),
        Step(
            "reject",
            frozenset({DealState.RECEIVED}),
            _BUYER,
            pgettext_lazy("escrow", "It is not as agreed: I send it back"),
            Action.REJECT,
            _shows(Item.REJECTED),
        ),
        Step(
            "send_back",
            frozenset({DealState.REJECTED}),
            _BUYER,
            pgettext_lazy("escrow", "It is on its way back"),
            Action.SHIP_RETURN,
            _shows(Item.RETURN_SHIPPED),
        ),
        Step(
            "receive_back",
            frozenset({DealState.RETURNED}),
            _SELLER,
            pgettext_lazy("escrow", "It has come back"),
            Action.RECEIVE_RETURN,
            _shows(Item.RETURN_RECEIVED),
        ),
        Step(
            "take_back",
            frozenset({DealState.RETURN_RECEIVED}),
            _SELLER,
            pgettext_lazy("escrow", "It is as I sent it: pay the buyer back"),
            Action.ACCEPT_RETURN,
            _shows(Item.RETURN_ACCEPTED),
        ),
        Step(
            "cancel",
            frozenset({DealState.PROPOSED, DealState.CREATED, DealState.AGREED}),
            _EITHER,
            pgettext_lazy("escrow", "Do not pay through Escrow.com"),
            Action.CANCEL,
            lambda tx, _role: tx.is_cancelled,
        ),
    )
}
"""Accepting and rejecting are the buyer's alone, by a press of her own: nobody does it for her."""
