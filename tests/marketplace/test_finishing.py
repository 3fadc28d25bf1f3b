"""What becomes of the money when a deal is called off, when nobody says anything, and when one of the two has left."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent.services import give
from loyalty.models import PointsEntry
from mailing.sealing import open_letter
from marketplace.finishing import finish_orders
from marketplace.models import Listing, Order
from marketplace.money import SILENCE
from marketplace.ordering import offer_to_buy
from marketplace.payables import OrderMoney
from marketplace.terms import NOT_BACK, Delivery, OrderState, Payment
from payments.cards.paying import begin
from payments.cards.refund_effects import note_refused
from payments.models import CardPayment, CardRefund, Payout
from payments.models.cards import PaymentState, RefundState
from tests.consents import HOW
from tests.letters import last_message
from tests.marketplace.conftest import Offer
from tests.marketplace.paying import pay, step
from tests.marketplace.test_leaving import leave

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

PRICE = Decimal("40.00")


@pytest.fixture
def priced(other_person: User, offered: Offer) -> Listing:
    return offered(other_person)


@pytest.fixture
def order(person: User, other_person: User, priced: Listing) -> Order:
    """Anna has paid Jānis by card; nothing is sent yet."""
    agreed: dict[str, Any] = {"price": PRICE, "delivery": Delivery.COLLECTION, "payment": Payment.CARD}
    made = offer_to_buy(priced, person, number=uuid4(), now=timezone.now(), **agreed)
    step(other_person, made, "accept")
    pay(made, person)
    return Order.objects.get(pk=made.pk)


def of(order: Order) -> OrderState:
    return OrderState(Order.objects.get(pk=order.pk).state)


def age(order: Order, by: timedelta) -> None:
    Order.objects.filter(pk=order.pk).update(changed_at=timezone.now() - by)


@pytest.mark.parametrize("who", ["person", "other_person"])
def test_a_paid_order_that_is_called_off_gives_the_whole_money_back(
    request: pytest.FixtureRequest, order: Order, who: str
) -> None:
    step(request.getfixturevalue(who), order, "cancel")
    refund = CardRefund.objects.get()
    assert (refund.amount, refund.state, refund.proposed_by) == (PRICE, RefundState.ORDERED, None)
    assert not Payout.objects.exists()


def test_a_payment_that_was_begun_is_cancelled_with_the_order(
    person: User, other_person: User, priced: Listing
) -> None:
    agreed: dict[str, Any] = {"price": PRICE, "delivery": Delivery.COLLECTION, "payment": Payment.CARD}
    made = offer_to_buy(priced, person, number=uuid4(), now=timezone.now(), **agreed)
    step(other_person, made, "accept")
    begin(made.payable, payer=person, now=timezone.now())
    step(person, made, "cancel")
    assert CardPayment.objects.get().state == PaymentState.CANCELLED
    assert not CardRefund.objects.exists()


def test_money_that_comes_after_the_deal_was_called_off_goes_back(
    person: User, other_person: User, priced: Listing
) -> None:
    agreed: dict[str, Any] = {"price": PRICE, "delivery": Delivery.COLLECTION, "payment": Payment.CARD}
    made = offer_to_buy(priced, person, number=uuid4(), now=timezone.now(), **agreed)
    step(other_person, made, "accept")
    payment = begin(made.payable, payer=person, now=timezone.now())
    CardPayment.objects.filter(pk=payment.pk).update(state=PaymentState.CHARGING)
    step(person, made, "cancel")
    assert not CardRefund.objects.exists()
    pay(made, person)
    assert CardRefund.objects.get().amount == PRICE


def test_who_says_nothing_has_received_it_and_the_money_is_the_sellers(
    person: User, other_person: User, priced: Listing, order: Order
) -> None:
    give(person.pk, "LOYALTY", **HOW, now=timezone.now())
    step(other_person, order, "send")
    assert finish_orders(now=timezone.now()) == 0
    age(order, SILENCE + timedelta(seconds=1))
    assert finish_orders(now=timezone.now()) == 1
    assert finish_orders(now=timezone.now()) == 0
    assert of(order) == OrderState.DONE
    owed = Payout.objects.get()
    assert (owed.user, owed.amount) == (other_person, PRICE)
    assert PointsEntry.objects.get().points == 40, "as if she had said it"
    priced.refresh_from_db()
    assert priced.state == "closed"


def test_what_went_back_in_part_is_not_owed_to_the_seller(person: User, other_person: User, order: Order) -> None:
    payment = CardPayment.objects.get()
    part: dict[str, Any] = {"amount": Decimal("15.00"), "reason": "a scratch", "proposed_at": timezone.now()}
    CardRefund.objects.create(payment=payment, state=RefundState.ORDERED, **part)
    OrderMoney().paid_back(order.pk, amount=Decimal("15.00"), now=timezone.now())
    assert Order.objects.get(pk=order.pk).paid_back_at is None
    step(other_person, order, "send")
    step(person, order, "receive")
    assert Payout.objects.get().amount == Decimal("25.00")


@pytest.mark.parametrize("is_done_first", [True, False])
def test_the_points_are_those_of_what_was_paid_in_the_end(
    person: User, other_person: User, order: Order, *, is_done_first: bool
) -> None:
    give(person.pk, "LOYALTY", **HOW, now=timezone.now())

    def buy() -> None:
        step(other_person, order, "send")
        step(person, order, "receive")

    if is_done_first:
        buy()
    part: dict[str, Any] = {"amount": Decimal("15.00"), "reason": "a scratch", "proposed_at": timezone.now()}
    CardRefund.objects.create(payment=CardPayment.objects.get(), state=RefundState.ORDERED, **part)
    for _same_news in range(2):
        OrderMoney().paid_back(order.pk, amount=Decimal("15.00"), now=timezone.now())
    if not is_done_first:
        buy()
    assert list(PointsEntry.objects.order_by("pk").values_list("points", flat=True)) == (
        [40, -15] if is_done_first else [25]
    )


@pytest.mark.clause("Q9.3")
@pytest.mark.parametrize("who", ["person", "other_person"])
def test_whoever_leaves_before_it_was_sent_the_money_goes_back_without_an_account(
    request: pytest.FixtureRequest, order: Order, who: str
) -> None:
    leave(request.getfixturevalue(who))
    assert finish_orders(now=timezone.now()) == 1
    assert of(order) == OrderState.CANCELLED
    assert CardRefund.objects.get().amount == PRICE


@pytest.mark.parametrize(("who", "owed_to"), [("person", "other_person"), ("other_person", None)])
def test_whoever_leaves_after_it_was_sent_it_is_still_the_sellers(
    request: pytest.FixtureRequest, order: Order, who: str, owed_to: str | None
) -> None:
    step(request.getfixturevalue("other_person"), order, "send")
    leave(request.getfixturevalue(who))
    age(order, SILENCE + timedelta(seconds=1))
    assert finish_orders(now=timezone.now()) == 1
    owed = Payout.objects.get()
    assert (owed.amount, owed.user) == (PRICE, request.getfixturevalue(owed_to) if owed_to else None)


def failed(order: Order, amount: str) -> CardRefund:
    """A refund that was on its way to Anna and did not arrive."""
    now = timezone.now()
    CardPayment.objects.update(state=PaymentState.SETTLED)
    more: dict[str, Any] = {"reason": "a scratch", "proposed_at": now, "state": RefundState.ORDERED}
    refund = CardRefund.objects.create(payment=CardPayment.objects.get(), amount=Decimal(amount), **more)
    note_refused(refund.pk, answer="settlement_declined:4001", now=now)
    return refund


@pytest.mark.parametrize(("amount", "owed"), [("15.00", Decimal("25.00")), ("40.00", None)])
def test_what_did_not_arrive_is_still_the_buyers_and_both_pages_say_so(
    client: Client, person: User, other_person: User, *, order: Order, amount: str, owed: Decimal | None
) -> None:
    step(other_person, order, "send")
    failed(order, amount)
    pages = {}
    for who in (person, other_person):
        client.force_login(who)
        pages[who] = client.get(reverse("marketplace:order", args=[order.pk])).content.decode()
    assert [str(NOT_BACK) in page for page in pages.values()] == [True, False]
    assert all("vēl nav atmaksāts" in page for page in pages.values())
    assert str(NOT_BACK) in open_letter(last_message(to_address=person.email)).text
    step(person, order, "receive")
    payouts = {row.payable_id: row.amount for row in Payout.objects.all()}
    assert payouts.get(order.pk) == owed
