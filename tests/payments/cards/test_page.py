"""The page of the card: Braintree's own fields under a strict policy, for who pays alone (Q8.19, Q9.1, Q9.5; H3)."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from outbox.models import Effect
from payments.cards.effects import CHARGE
from payments.cards.paying import begin
from payments.models import CardPayment
from payments.models.cards import PaymentState
from payments.payables import Payable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture
def payment(person: User) -> CardPayment:
    return begin(Payable("order", uuid4(), Decimal("40.00")), payer=person, now=timezone.now())


@pytest.fixture
def buyer(client: Client, person: User) -> Client:
    client.force_login(person)
    return client


def page(payment: CardPayment) -> str:
    return reverse("payments:card", args=[payment.pk])


def test_the_page_is_there_for_who_pays_alone(client: Client, other_person: User, payment: CardPayment) -> None:
    token = reverse("payments:card-token", args=[payment.pk])
    assert client.get(page(payment)).status_code == 302
    client.force_login(other_person)
    assert client.get(page(payment)).status_code == 404
    assert client.post(page(payment), {"nonce": "n"}).status_code == 404
    assert client.post(token).status_code == 404
    assert client.get(token).status_code == 405
    assert not Effect.objects.filter(kind=CHARGE).exists()


@pytest.mark.clause("Q9.1", "Q9.5")
@pytest.mark.requirement("H3")
def test_the_policy_lets_in_the_frames_and_the_interface_of_braintree_and_nothing_else(
    buyer: Client, payment: CardPayment
) -> None:
    answer = buyer.get(page(payment))
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-src"].split() == ["https://assets.braintreegateway.com"]
    theirs = {word for value in policy.values() for word in value.split() if word.startswith("http")}
    assert theirs == {f"https://{host}.braintreegateway.com" for host in ("assets", "api", "api.sandbox")}
    assert "vendor/braintree-web" in answer.content.decode()
    assert "braintree" not in buyer.get(reverse("marketplace:orders")).headers["Content-Security-Policy"]


def test_a_one_time_number_orders_one_charge_however_often_the_button_is_pressed(
    buyer: Client, payment: CardPayment
) -> None:
    assert buyer.post(page(payment), {"nonce": "tokencc_bh_1"}).headers["Location"] == page(payment)
    again = buyer.post(page(payment), {"nonce": "tokencc_bh_2"})
    assert again.status_code == 400
    assert Effect.objects.filter(kind=CHARGE).count() == 1
    waiting = buyer.get(page(payment)).content.decode()
    assert "refresh" in waiting
    assert "card-form" not in waiting


@pytest.mark.parametrize("nonce", ["", "a b", "<script>", "x" * 256, "4111 1111 1111 1111"])
def test_what_is_no_one_time_number_gets_its_sentence(buyer: Client, payment: CardPayment, nonce: str) -> None:
    answer = buyer.post(page(payment), {"nonce": nonce})
    payment.refresh_from_db()
    assert (answer.status_code, payment.state) == (400, PaymentState.OPEN)
    assert "error-summary" in answer.content.decode()


def test_where_braintree_is_not_set_up_the_form_says_so(buyer: Client, payment: CardPayment) -> None:
    answer = buyer.post(reverse("payments:card-token", args=[payment.pk]))
    assert answer.status_code == 409
    assert answer.json()["refused"]


def test_an_emulated_braintree_takes_chosen_cards_without_any_script(
    buyer: Client, payment: CardPayment, settings: Settings
) -> None:
    settings.BRAINTREE = settings.BRAINTREE | {"CARD_FORM": "emulated"}
    found = buyer.get(page(payment)).content.decode()
    assert "fake-valid-nonce" in found
    assert "vendor/braintree-web" not in found
    assert buyer.post(page(payment), {"nonce": "fake-of-my-own"}).status_code == 400
    assert buyer.post(page(payment), {"nonce": "fake-valid-nonce"}).status_code == 302
