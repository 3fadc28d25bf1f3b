"""Orders whose money Escrow.com holds: offered where it can be, never forced, never lost on the way (Q9.7, Q9.8)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from pytest_django.fixtures import Settings

from accounts.models import User
from consent.services import give
from loyalty.models import PointsEntry
from mailing.sealing import open_letter
from marketplace.held_money import looked_at_until
from marketplace.models import Listing, Order
from marketplace.ordering import STEPS, OrderRefused, offer_to_buy, seen_by, take
from marketplace.payables import OrderMoney
from marketplace.terms import Delivery, OrderState, Payment
from outbox.models import Effect
from payments.models import EscrowAccount, EscrowDeal
from payments.models.escrow import AccountState, DealState
from tests.consents import HOW
from tests.letters import last_message
from tests.marketplace.conftest import Offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture
def listing(other_person: User, offered: Offer, settings: Settings) -> Listing:
    """Of Jānis, whose account at Escrow.com is open."""
    settings.ESCROW = {**settings.ESCROW, "KEY": "k", "EMAIL": "x@example.lv"}
    now = timezone.now()
    EscrowAccount.objects.create(
        user=other_person, state=AccountState.OPEN, provider_reference="7", asked_at=now, changed_at=now
    )
    return offered(other_person)


@pytest.fixture
def order(person: User, other_person: User, listing: Listing) -> Order:
    """Anna buys from Jānis, and Escrow.com is to hold the money; he has accepted."""
    agreed: dict[str, Any] = {"price": Decimal("40.00"), "delivery": Delivery.COLLECTION, "payment": Payment.ESCROW}
    made = offer_to_buy(listing, person, number=uuid4(), now=timezone.now(), **agreed)
    assert not EscrowDeal.objects.exists()
    step(other_person, made, "accept")
    return made


def step(who: User, order: Order, name: str) -> None:
    shown = seen_by(who, Order.objects.get(pk=order.pk))
    assert shown is not None
    take(shown, STEPS[name], now=timezone.now())


def opened(client: Client, who: User, order: Order) -> str:
    client.force_login(who)
    return client.get(reverse("marketplace:order", args=[order.pk])).content.decode()


def secured(order: Order) -> EscrowDeal:
    """As if Escrow.com had said so."""
    EscrowDeal.objects.update(state=DealState.SECURED, provider_id=5, secured_at=timezone.now())
    OrderMoney().paid(order.pk, now=timezone.now())
    return EscrowDeal.objects.get()


@pytest.mark.clause("Q9.7")
@pytest.mark.clause("Q9.8")
def test_it_is_offered_beside_other_ways_and_only_where_the_sellers_account_is_open(
    client: Client, person: User, listing: Listing
) -> None:
    path = reverse("marketplace:offer", args=[listing.pk])
    client.force_login(person)
    page = client.get(path).content.decode()
    assert [way for way in ("escrow", "cash", "transfer") if f'value="{way}"' in page] == ["escrow", "cash", "transfer"]
    EscrowAccount.objects.update(state=AccountState.PENDING)
    assert 'value="escrow"' not in client.get(path).content.decode()
    form = {"number": str(uuid4()), "price": "40", "delivery": "collection", "payment": "escrow"}
    assert client.post(path, form).status_code == 400, "not even where the form is written by hand"
    assert client.post(path, {**form, "payment": "cash"}).status_code == 302
    assert not EscrowDeal.objects.exists()


def test_an_accepted_offer_proposes_the_payment_to_both_and_tells_nobody_outside(
    client: Client, person: User, other_person: User, order: Order
) -> None:
    deal = EscrowDeal.objects.get()
    assert (deal.state, deal.amount, deal.payable_id) == ("proposed", Decimal("40.00"), order.pk)
    assert not Effect.objects.exclude(kind="mailing.deliver").exists()
    link = reverse("payments:escrow-deal", args=[deal.pk])
    assert link in opened(client, person, order)
    assert link in opened(client, other_person, order)
    assert reverse("marketplace:order", args=[order.pk]) in client.get(link).content.decode()


def test_nothing_is_sent_before_the_money_is_held_and_then_one_press_says_it_there_too(
    other_person: User, order: Order
) -> None:
    with pytest.raises(OrderRefused):
        step(other_person, order, "send")
    secured(order)
    step(other_person, order, "send")
    assert EscrowDeal.objects.get().underway == "ship:seller"
    assert Effect.objects.filter(kind="payments.escrow_act", payload__step="ship").count() == 1


def test_what_has_arrived_is_not_accepted_by_that(person: User, order: Order) -> None:
    secured(order)
    EscrowDeal.objects.update(state=DealState.SHIPPED)
    step(person, order, "receive")
    assert Effect.objects.get(kind="payments.escrow_act").payload["step"] == "receive"
    assert Order.objects.get(pk=order.pk).state == OrderState.RECEIVED


def arrived(order: Order, buyer: User) -> EscrowDeal:
    """The buyer has it and says so; Escrow.com has heard it."""
    secured(order)
    EscrowDeal.objects.update(state=DealState.SHIPPED)
    step(buyer, order, "receive")
    EscrowDeal.objects.update(state=DealState.RECEIVED, underway="", changed_at=timezone.now())
    return EscrowDeal.objects.get()


def test_what_arrived_waits_until_it_is_accepted_there_and_both_read_until_when(
    client: Client, person: User, other_person: User, listing: Listing, *, order: Order
) -> None:
    give(person.pk, "LOYALTY", **HOW, now=timezone.now())
    until = looked_at_until(arrived(order, person))
    assert until is not None
    for who in (person, other_person):
        said = date_format(localtime(until), "DATETIME_FORMAT")
        assert said in opened(client, who, order)
        assert said in client.get(reverse("payments:escrow-deal", args=[EscrowDeal.objects.get().pk])).content.decode()
    listing.refresh_from_db()
    assert (listing.state, PointsEntry.objects.count()) == ("published", 0)
    for _ in range(2):
        OrderMoney().accepted(order.pk, now=timezone.now())
    listing.refresh_from_db()
    assert (Order.objects.get(pk=order.pk).state, listing.state) == (OrderState.DONE, "closed")
    assert PointsEntry.objects.get().points == 40
    assert "Pasūtījums ir pabeigts" in open_letter(last_message(to_address=other_person.email)).text


def test_what_is_not_accepted_comes_back_and_is_sold_to_nobody_meanwhile(
    person: User, other_person: User, officer: User, listing: Listing, *, order: Order
) -> None:
    agreed: dict[str, Any] = {"price": Decimal("40.00"), "delivery": Delivery.COLLECTION, "payment": Payment.CASH}
    other = offer_to_buy(listing, officer, number=uuid4(), now=timezone.now(), **agreed)
    arrived(order, person)
    with pytest.raises(OrderRefused):
        step(other_person, other, "accept")
    OrderMoney().paid_back(order.pk, amount=Decimal("40.00"), now=timezone.now())
    assert Order.objects.get(pk=order.pk).state == OrderState.CANCELLED
    OrderMoney().accepted(order.pk, now=timezone.now())
    assert Order.objects.get(pk=order.pk).state == OrderState.CANCELLED, "what has come back is never sold"
    step(other_person, other, "accept")


def test_a_cancelled_order_calls_its_payment_off_and_held_money_keeps_both_to_it(person: User, order: Order) -> None:
    secured(order)
    with pytest.raises(OrderRefused):
        step(person, order, "cancel")
    EscrowDeal.objects.update(state=DealState.PROPOSED, provider_id=None, secured_at=None)
    Order.objects.update(paid_at=None)
    step(person, order, "cancel")
    assert (Order.objects.get(pk=order.pk).state, EscrowDeal.objects.get().state) == ("cancelled", "cancelled")


def test_what_was_sent_and_came_back_can_be_sold_to_another_one(other_person: User, order: Order) -> None:
    secured(order)
    step(other_person, order, "send")
    OrderMoney().paid_back(order.pk, amount=Decimal("40.00"), now=timezone.now())
    found = Order.objects.get(pk=order.pk)
    assert (found.state, found.paid_back_at is None) == ("cancelled", False)


def test_a_payment_that_did_not_come_about_can_be_proposed_once_more(
    client: Client, person: User, order: Order
) -> None:
    pay = reverse("marketplace:pay", args=[order.pk])
    assert pay not in opened(client, person, order)
    EscrowDeal.objects.update(state=DealState.CANCELLED)
    assert pay in opened(client, person, order)
    answer = client.post(pay)
    fresh = EscrowDeal.objects.exclude(state=DealState.CANCELLED).get()
    assert answer.headers["Location"] == reverse("payments:escrow-deal", args=[fresh.pk])
    assert client.post(pay).headers["Location"] == answer.headers["Location"], "twice is once"
