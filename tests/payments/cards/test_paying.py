"""The card form opens only for a person who has something to pay, and not often: who tests stolen cards gets none."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.http import HttpRequest
from django.test import RequestFactory

from accounts.models import User
from emulators.braintree import Braintree
from outbox.models import ProviderGate
from payments.cards import paying
from payments.cards.checks import check_braintree
from payments.cards.gateway import CODE
from payments.models import CardPayment
from payments.models.cards import PaymentState
from tests.payments.cards.conftest import NOW, thing

pytestmark = [pytest.mark.django_db, pytest.mark.network]


@pytest.fixture
def request_of_hers(rf: RequestFactory) -> HttpRequest:
    return rf.post("/pay/", REMOTE_ADDR="192.0.2.7")


@pytest.fixture
def payment(person: User) -> CardPayment:
    return paying.begin(thing(), payer=person, now=NOW)


def test_a_token_is_asked_for_and_says_nothing_about_her(
    braintree: Braintree, person: User, payment: CardPayment, request_of_hers: HttpRequest
) -> None:
    assert paying.client_token(payment, person, request=request_of_hers, now=NOW)
    (call,) = braintree.journal
    assert call.body.replace("\n", "").count("<") == 6, "client_token, merchant_account_id, version"
    assert person.email not in call.body


def test_nobody_else_gets_one(
    braintree: Braintree,
    person: User,
    other_person: User,
    *,
    payment: CardPayment,
    request_of_hers: HttpRequest,
) -> None:
    with pytest.raises(paying.NotYours):
        paying.client_token(payment, other_person, request=request_of_hers, now=NOW)
    EmailAddress.objects.filter(user=person).update(verified=False)
    with pytest.raises(paying.NotCounted):
        paying.client_token(payment, person, request=request_of_hers, now=NOW)
    EmailAddress.objects.filter(user=person).update(verified=True)
    for state, refusal in (("charging", paying.Underway), ("cancelled", paying.CannotPay)):
        payment.state = PaymentState(state)
        with pytest.raises(refusal):
            paying.client_token(payment, person, request=request_of_hers, now=NOW)
    assert not braintree.journal


def test_the_limit_of_the_account_holds_for_tokens(
    braintree: Braintree, person: User, payment: CardPayment, request_of_hers: HttpRequest
) -> None:
    for _ in range(10):
        paying.client_token(payment, person, request=request_of_hers, now=NOW)
    with pytest.raises(paying.TooManyTries):
        paying.client_token(payment, person, request=request_of_hers, now=NOW)
    assert len(braintree.journal) == 10


def test_attempts_are_counted_in_rows_of_the_payment_and_of_the_account(person: User, payment: CardPayment) -> None:
    declined = {"state": PaymentState.DECLINED, "answer": "processor_declined:2000", "tried_at": NOW}
    CardPayment.objects.filter(pk=payment.pk).update(attempt=5, **declined)
    with pytest.raises(paying.TooManyTries):
        paying.take_nonce(payment, "tokencc_sixth", person=person, now=NOW + timedelta(days=3))
    other = paying.begin(thing(), payer=person, now=NOW)
    CardPayment.objects.filter(pk=other.pk).update(attempt=5, **declined)
    third = paying.begin(thing(), payer=person, now=NOW)
    with pytest.raises(paying.TooManyTries):
        paying.take_nonce(third, "tokencc_eleventh", person=person, now=NOW + timedelta(minutes=59))
    taken = paying.take_nonce(third, "tokencc_eleventh", person=person, now=NOW + timedelta(minutes=61))
    assert taken.state == PaymentState.CHARGING


@pytest.mark.parametrize("trouble", [{"status": 503, "fault": "status"}, {"fault": "garbage"}, {"fault": "redirect"}])
def test_where_braintree_is_away_the_page_can_say_so(
    braintree: Braintree,
    person: User,
    *,
    payment: CardPayment,
    request_of_hers: HttpRequest,
    trouble: dict[str, Any],
) -> None:
    braintree.faults.plan({"queue": [trouble]})
    with pytest.raises(paying.CardsUnavailable):
        paying.client_token(payment, person, request=request_of_hers, now=NOW)


def test_cards_are_offered_with_keys_and_an_open_gate_only(braintree: Braintree, settings: Any) -> None:
    assert paying.is_offered(now=NOW)
    ProviderGate.objects.create(provider=CODE, needs_staff=True, shut_at=NOW)
    assert not paying.is_offered(now=NOW)
    ProviderGate.objects.all().delete()
    settings.BRAINTREE = {**settings.BRAINTREE, "PRIVATE_KEY": ""}
    assert not paying.is_offered(now=NOW)


@pytest.mark.requirement("V1")
@pytest.mark.parametrize(
    ("named", "emulated", "production", "found"),
    [
        ({}, True, False, []),
        ({"EMULATOR_URL": ""}, False, False, []),
        ({"EMULATOR_URL": "", "ENVIRONMENT": "production"}, False, True, []),
        ({}, False, False, ["payments.E002"]),
        ({"ENVIRONMENT": "production"}, True, True, ["payments.E002"]),
        ({"EMULATOR_URL": ""}, True, False, ["payments.E003"]),
        ({"EMULATOR_URL": ""}, False, True, ["payments.E004"]),
        ({"PUBLIC_KEY": ""}, True, False, ["payments.E001"]),
    ],
)
def test_production_charges_at_the_real_braintree_and_a_demo_never(
    braintree: Braintree,
    settings: Any,
    *,
    named: dict[str, str],
    emulated: bool,
    production: bool,
    found: list[str],
) -> None:
    settings.BRAINTREE = {**settings.BRAINTREE, **named}
    settings.PROCESSORS_EMULATED, settings.PRODUCTION = emulated, production
    assert [error.id for error in check_braintree(None)] == found


def test_a_changed_price_is_taken_over_until_a_card_is_charged(person: User) -> None:
    what = thing("5.00")
    payment = paying.begin(what, payer=person, now=NOW)
    dearer = type(what)(what.kind, what.id, Decimal("6.00"))
    assert paying.begin(dearer, payer=person, now=NOW).amount == Decimal("6.00")
    paying.take_nonce(payment, "tokencc_a", person=person, now=NOW)
    with pytest.raises(paying.Underway):
        paying.begin(what, payer=person, now=NOW)
