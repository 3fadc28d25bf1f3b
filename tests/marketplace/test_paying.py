"""Card payment of an order: nothing is handed over before the money is there; then it is the seller's (clause 9)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from mailing.models import OutgoingMessage
from marketplace.models import Listing, Order
from marketplace.ordering import OrderRefused, offer_to_buy, seen_by
from marketplace.payables import OrderMoney
from marketplace.terms import Delivery, OrderState, Payment
from payments.models import CardPayment, Payout
from tests.marketplace.conftest import Offer
from tests.marketplace.paying import pay, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

MONEY = OrderMoney()


@pytest.fixture
def priced(other_person: User, offered: Offer) -> Listing:
    return offered(other_person)


@pytest.fixture
def order(person: User, other_person: User, priced: Listing) -> Order:
    """Anna buys from Jānis and wants to pay by card; he has accepted."""
    agreed: dict[str, Any] = {"price": Decimal("40.00"), "delivery": Delivery.COLLECTION, "payment": Payment.CARD}
    made = offer_to_buy(priced, person, number=uuid4(), now=timezone.now(), **agreed)
    step(other_person, made, "accept")
    return made


def names(who: User, order: Order) -> set[str]:
    shown = seen_by(who, Order.objects.get(pk=order.pk))
    assert shown is not None
    return {step.name for step in shown.steps}


@pytest.mark.clause("Q9.1")
def test_cards_are_offered_where_braintree_is_set_up(
    client: Client, person: User, settings: Settings, priced: Listing
) -> None:
    page = reverse("marketplace:offer", args=[priced.pk])
    client.force_login(person)
    assert 'value="card"' not in client.get(page).content.decode()
    settings.BRAINTREE = settings.BRAINTREE | {"MERCHANT_ID": "m", "PUBLIC_KEY": "p", "PRIVATE_KEY": "q"}
    assert 'value="card"' in client.get(page).content.decode()
    form = {"number": str(uuid4()), "price": "0", "delivery": "post", "payment": "card"}
    assert client.post(page, form).status_code == 400, "what costs nothing is not paid by card"
    assert not Order.objects.exists()


def test_nothing_is_handed_over_before_the_money_is_there(person: User, other_person: User, order: Order) -> None:
    assert names(other_person, order) == {"cancel"}
    assert names(person, order) == {"cancel"}
    for who, name in ((other_person, "send"), (person, "receive")):
        with pytest.raises(OrderRefused):
            step(who, order, name)
    MONEY.paid(order.pk, now=timezone.now())
    assert "send" in names(other_person, order)
    assert "receive" in names(person, order)


def test_news_of_the_money_count_once(person: User, other_person: User, order: Order) -> None:
    told = OutgoingMessage.objects.filter(to_address=other_person.email)
    before = told.count()
    MONEY.paid(order.pk, now=timezone.now())
    MONEY.paid(order.pk, now=timezone.now())
    assert told.count() == before + 1
    MONEY.not_paid(order.pk, now=timezone.now())
    assert Order.objects.get(pk=order.pk).awaits_money, "the bank took it back before it arrived"


def test_the_price_becomes_the_sellers_when_the_thing_has_arrived(
    client: Client, person: User, other_person: User, order: Order
) -> None:
    pay(order, person)
    step(other_person, order, "send")
    assert not Payout.objects.exists()
    step(person, order, "receive")
    assert Order.objects.get(pk=order.pk).state == OrderState.DONE
    owed = Payout.objects.get()
    assert (owed.user, owed.amount, owed.payable_id) == (other_person, Decimal("40.00"), order.pk)
    page, link = reverse("marketplace:order", args=[order.pk]), reverse("payments:payout", args=[owed.pk])
    client.force_login(other_person)
    assert link in client.get(page).content.decode()
    client.force_login(person)
    assert link not in client.get(page).content.decode()


def test_the_buyer_alone_is_sent_to_the_page_of_the_card(
    client: Client, person: User, other_person: User, order: Order
) -> None:
    pay = reverse("marketplace:pay", args=[order.pk])
    client.force_login(other_person)
    assert client.post(pay).headers["Location"] == reverse("marketplace:order", args=[order.pk])
    assert not CardPayment.objects.exists()
    client.force_login(person)
    assert pay in client.get(reverse("marketplace:order", args=[order.pk])).content.decode()
    first, second = client.post(pay).headers["Location"], client.post(pay).headers["Location"]
    payment = CardPayment.objects.get()
    assert first == second == reverse("payments:card", args=[payment.pk])
    assert (payment.payer, payment.amount, payment.payable_id) == (person, Decimal("40.00"), order.pk)
    MONEY.paid(order.pk, now=timezone.now())
    assert client.post(pay).headers["Location"] == reverse("marketplace:order", args=[order.pk])
