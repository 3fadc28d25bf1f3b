"""From an offer to the thing in the buyer's hands: who may do what, and who sees whose contact details (clause 8.2.2).

Contact details go to the other of the two only while there is a deal between them, and only those that the delivery
needs (Q8.7): before it, after it and for everybody else they are hidden.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from audit import trail
from audit.trail import Actor
from datamap.terms import Text
from datamap.trace import subject_of_user
from datamap.uses import NotPermitted
from loyalty.services import credit, take_back
from loyalty.terms import LoyaltyRefused, Purchase, Refund
from marketplace import held_money
from marketplace.letters import language_of, write_to
from marketplace.models import Listing, Order, Party
from marketplace.models.orders import PAYABLE
from marketplace.money import SILENCE, give_back, owe_the_seller
from marketplace.names import public_name
from marketplace.refusals import Refused
from marketplace.services import close
from marketplace.sides import sides_of
from marketplace.terms import DEAL, Delivery, OrderState, Payment
from payments.cards.refunding import left_for


class OrderRefused(Refused):
    """Nothing was changed; `message` is the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one of the two can do: the states it leads from and to, who does it, its button, what the other reads."""

    name: str
    starts: frozenset[OrderState]
    ends: OrderState
    by_buyer: frozenset[bool]
    label: Text
    news: Text


_BUYER, _SELLER, _EITHER = frozenset({True}), frozenset({False}), frozenset({True, False})

STEPS: Final = {
    step.name: step
    for step in (
        Step(
            "accept",
            frozenset({OrderState.OFFERED}),
            OrderState.ACCEPTED,
            _SELLER,
            pgettext_lazy("order", "Accept the offer"),
            gettext_lazy("Your offer was accepted. You now see each other's contact details for the delivery."),
        ),
        Step(
            "decline",
            frozenset({OrderState.OFFERED}),
            OrderState.DECLINED,
            _SELLER,
            pgettext_lazy("order", "Decline the offer"),
            gettext_lazy("Your offer was declined."),
        ),
        Step(
            "send",
            frozenset({OrderState.ACCEPTED}),
            OrderState.SENT,
            _SELLER,
            pgettext_lazy("order", "It is on its way or handed over"),
            gettext_lazy("What you bought is on its way, or waits for you."),
        ),
        Step(
            "receive",
            frozenset({OrderState.ACCEPTED, OrderState.SENT}),
            OrderState.DONE,
            _BUYER,
            pgettext_lazy("order", "I have received it"),
            gettext_lazy("The buyer has received what you sold. The order is done, and the listing is closed."),
        ),
        Step(
            "cancel",
            frozenset({OrderState.OFFERED, OrderState.ACCEPTED}),
            OrderState.CANCELLED,
            _EITHER,
            pgettext_lazy("order", "Cancel the order"),
            gettext_lazy("An order was cancelled. Your contact details are hidden again."),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An order as one of the two sees it."""

    order: Order
    mine: Party
    other: Party | None

    @property
    def name(self) -> Text:
        """What the other one is called on our pages."""
        return public_name(self.other.user if self.other else None)

    @property
    def steps(self) -> list[Step]:
        """What this person can do now; nothing where the other one has left."""
        if self.other is None:
            return []
        state = OrderState(self.order.state)
        fitting = {
            name: step for name, step in STEPS.items() if state in step.starts and self.mine.is_buyer in step.by_buyer
        }
        if self.order.awaits_money:
            for name in ("send", "receive"):
                fitting.pop(name, None)
        if self.order.is_held:  # it goes back by what the two agree on at Escrow.com, never by a button here
            fitting.pop("cancel", None)
        if "decline" in fitting:  # a seller who does not want an offer declines it: one button says that, not two
            del fitting["cancel"]
        return list(fitting.values())

    @property
    def may_pay(self) -> bool:
        """Whether this person is asked for the money now."""
        is_agreed = self.order.state == OrderState.ACCEPTED and self.other is not None
        return is_agreed and self.mine.is_buyer and self.order.awaits_money and self.order.paid_back_at is None

    @property
    def done_on(self) -> datetime | None:
        """When it counts as received although the buyer says nothing; only while it is on its way and paid by card."""
        is_silent = self.order.state == OrderState.SENT and self.order.payment == Payment.CARD
        return self.order.changed_at + SILENCE if is_silent and not self.order.paid_back_at else None

    @property
    def contacts(self) -> dict[str, str]:
        """The other one's contact details that this delivery needs; empty without a deal (Q8.7)."""
        if self.other is None or self.order.state not in DEAL:
            return {}
        return contacts_for_delivery(self.other, Delivery(self.order.delivery))


def contacts_for_delivery(party: Party, delivery: Delivery) -> dict[str, str]:
    """Name, and telephone or else e-mail; the address of a buyer only where something is sent to her."""
    user = party.user
    profile = getattr(user, "profile", None)
    found = {"name": user.get_full_name()}
    if profile is not None and profile.phone:
        found["phone"] = profile.phone
    else:
        found["email"] = user.email
    if party.is_buyer and delivery is Delivery.POST and profile is not None:
        found["address"] = ", ".join(filter(None, (profile.street, profile.city, profile.postal_code)))
    return {name: value for name, value in found.items() if value}


@transaction.atomic
def offer_to_buy(
    listing: Listing,
    buyer: User,
    *,
    number: UUID,
    price: Decimal,
    delivery: Delivery,
    payment: str,
    now: datetime,
) -> Order:
    """Make the seller an offer. `number` is that of the order, from the form: sent twice it is one.
    The same offer while it waits is the same order: the way back and a second tab send it again.

    Raises OrderRefused where nobody sells it, where it is one's own, or where the address for a parcel is missing.
    """
    seller = User.objects.select_for_update(no_key=True).filter(listings=listing).first()
    if seller is None or not listing.is_open(now=now):
        raise OrderRefused(gettext_lazy("This is not offered any more."))
    if seller == buyer:
        raise OrderRefused(gettext_lazy("This is your own listing."))
    if delivery is Delivery.POST and not getattr(getattr(buyer, "profile", None), "street", ""):
        raise OrderRefused(gettext_lazy("Add an address to your account first, so that it can be sent to you."))
    own = Order.objects.filter(parties__user=buyer, parties__is_buyer=True)
    waiting = own.filter(listing=listing, price=price, delivery=delivery, payment=payment, state=OrderState.OFFERED)
    if (known := own.filter(pk=number).first() or waiting.first()) is not None:
        return known
    try:
        with transaction.atomic():
            order = Order.objects.create(
                pk=number,
                listing=listing,
                title=listing.title,
                price=price,
                delivery=delivery,
                payment=payment,
                offered_at=now,
                changed_at=now,
            )
    except IntegrityError:
        raise OrderRefused(gettext_lazy("Please open the form anew.")) from None
    for person, is_buyer in ((seller, False), (buyer, True)):
        Party.objects.create(order=order, user=person, is_buyer=is_buyer)
    tell(seller, order, gettext_lazy("Somebody wants to buy what you offer."), now=now)
    return order


def end_of(order: Order, step: Step) -> OrderState:
    """What a step makes of this order: what Escrow.com holds the money for is done when it is accepted there."""
    is_looked_at = step.ends is OrderState.DONE and order.payment == Payment.ESCROW
    return OrderState.RECEIVED if is_looked_at else step.ends


@transaction.atomic
def take(shown: Shown, step: Step, *, now: datetime) -> None:
    """Take one step. Raises OrderRefused where the order is not where it was when the page was opened, or where the
    seller has a deal with somebody else about the same thing."""
    if step not in shown.steps or shown.other is None:
        raise OrderRefused(_MOVED_ON)
    seen = {"paid_at": shown.order.paid_at, "paid_back_at": shown.order.paid_back_at}
    rows = Order.objects.filter(pk=shown.order.pk, state__in=step.starts, parties=shown.other, **seen)
    ends = end_of(shown.order, step)
    try:
        with transaction.atomic():
            moved = rows.update(state=ends, changed_at=now)
    except IntegrityError:
        raise OrderRefused(gettext_lazy("You have accepted another offer for this. Cancel that one first.")) from None
    if not moved:
        raise OrderRefused(_MOVED_ON)
    if ends is OrderState.ACCEPTED:
        _note_exchange(shown.order, shown.mine, shown.other, now=now)
    if ends is OrderState.CANCELLED:
        give_back(shown.order, now=now)
    if ends is OrderState.DONE:
        complete(shown.order, now=now)
    _follow(shown, step, now=now)
    tell(shown.other.user, shown.order, _LOOKED_AT if ends is OrderState.RECEIVED else step.news, now=now)


def complete(order: Order, *, now: datetime) -> list[User]:
    """Everything that an order which is done means, whoever or whatever ended it: the listing is closed, the buyer gets
    points, the seller is owed what was paid. Returns those of the two who are still here."""
    sides = {side.is_buyer: side.user for side in order.parties.select_related("user")}
    seller, buyer = sides.get(False), sides.get(True)
    if seller is not None:
        _end_listing(order, seller, now=now)
    if buyer is not None:
        _give_points(order, buyer, now=now)
    owe_the_seller(order, seller, now=now)
    return list(sides.values())


def _follow(shown: Shown, step: Step, *, now: datetime) -> None:
    try:
        held_money.follow(shown, step.name, step.ends, now=now)
    except held_money.HoldingRefused as refusal:
        raise OrderRefused(refusal.message) from None


_LOOKED_AT: Final = gettext_lazy(
    "What you sold has arrived. The buyer looks at it now; the order is done when it is accepted at Escrow.com."
)
_MOVED_ON: Final = gettext_lazy("The order has changed meanwhile. Nothing was done; please look at it again.")


def seen_by(person: User, order: Order) -> Shown | None:
    """The order as this person sees it; None where it is not hers."""
    sides = sides_of(order.parties.all(), person)
    return sides and Shown(order, *sides)


def orders_of(person: User) -> QuerySet[Order]:
    """All orders of a person, the newest first."""
    mine = Order.objects.filter(parties__user=person).select_related("listing")
    return mine.prefetch_related("parties__user__profile").order_by("-changed_at", "-id")


def _note_exchange(order: Order, one: Party, other: Party, *, now: datetime) -> None:
    """Each of the two can read later that the other one got contact details, and when (Art. 15(1)(c))."""
    for party, reader in ((one, other), (other, one)):
        trail.record(
            "order.contacts_exchanged",
            actor=Actor.system("order"),
            subject=party.user_id,
            about=order,
            details={"to": "buyer" if reader.is_buyer else "seller"},
            now=now,
        )


def _give_points(order: Order, buyer: User, *, now: datetime) -> None:
    """Points for the buyer where she takes part in the loyalty programme; without that consent nothing is written."""
    paid = left_for(PAYABLE, order.pk) if order.payment == Payment.CARD else order.price
    if not paid:
        return
    try:
        with transaction.atomic():
            credit(subject_of_user(buyer), Purchase(str(order.pk), paid, now), now=now)
    except (NotPermitted, LoyaltyRefused):
        return


def take_points_back(number: UUID, amount: Decimal, *, left: Decimal, now: datetime) -> None:
    """The points of what was bought go with the money that went back; none were given to who takes no part.

    `left` is what of the price was not sent back: the news of one refund counts once.
    """
    with suppress(LoyaltyRefused):
        take_back(Refund(str(number), f"{left:.2f}", amount, now), now=now)


def _end_listing(order: Order, seller: User, *, now: datetime) -> None:
    """What is sold is not offered any more, and other offers for it are declined."""
    listing = order.listing
    if listing is None:
        return
    close(listing, language=seller.language, now=now, why="sold")
    for other in Order.objects.filter(listing=listing, state=OrderState.OFFERED):
        Order.objects.filter(pk=other.pk).update(state=OrderState.DECLINED, changed_at=now)
        buyer = Party.objects.filter(order=other, is_buyer=True).select_related("user").first()
        if buyer is not None:
            tell(buyer.user, other, STEPS["decline"].news, now=now)


def tell(reader: User, order: Order, news: Text, *, now: datetime) -> None:
    """A letter that says what happened; nobody's name and no contact detail stand in it."""
    with translation.override(language_of(reader)):
        link, label = reverse("marketplace:order", args=[order.pk]), _("Open the order")
        write_to(reader, _("News about an order"), [str(news)], link=link, label=label, now=now)
