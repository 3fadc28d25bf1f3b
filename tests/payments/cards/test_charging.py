"""A card is charged once, whatever the answer, and what leaves is what a charge needs (policy clause 9.1)."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from emulators.braintree import Braintree
from emulators.braintree_ledger import Ledger
from outbox.models import Effect, ProviderGate, State
from payments.amounts import NoAmount
from payments.cards import paying
from payments.cards.gateway import CODE
from payments.cards.refunding import call_off
from payments.models import CardPayment
from payments.models.cards import PaymentState
from payments.payables import Payable, UnknownPayable
from tests.payments.cards.conftest import KIND, NOW, Heard, fresh, order, thing, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]


def test_a_charge_is_recorded_told_once_and_the_one_time_number_is_gone(
    braintree: Braintree, person: User, heard: Heard
) -> None:
    payment = order(person)
    assert payment.state == PaymentState.CHARGING
    assert payment.nonce not in repr(bytes(nonce_in_sql(payment)))
    assert nonce_in_sql(payment)
    assert work().done == 1
    assert work().done == 0
    payment = fresh(payment)
    (charged,) = braintree.ledger.transactions.values()
    assert (payment.state, payment.transaction_id) == (PaymentState.PAID, charged.id)
    assert (payment.nonce, bytes(nonce_in_sql(payment))) == ("", b"")
    assert heard.news == [("paid", payment.payable_id)]
    assert (charged.order, charged.amount, charged.status) == (str(payment.pk), "19.99", "submitted_for_settlement")


def nonce_in_sql(payment: CardPayment) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nonce FROM payments_cardpayment WHERE id = %s", [payment.pk])
        return cursor.fetchone()[0]


@pytest.mark.clause("Q9.2", "Q8.11")
def test_amount_account_opaque_number_and_one_time_number_leave_and_nothing_else(
    braintree: Braintree, person: User
) -> None:
    payment = order(person)
    work()
    (call,) = braintree.journal
    assert set(re.findall(r"<(\w+)", call.body)) == {
        *("transaction", "amount", "order_id", "payment_method_nonce", "merchant_account_id", "api_request_key"),
        *("options", "submit_for_settlement", "type"),
    }
    for word in (person.email, "Anna", "Bērziņa", "rziņa", str(person.pk), str(payment.payable_id)):
        assert word not in call.body + call.path + str(call.headers)


@pytest.mark.parametrize(
    ("amount", "nonce", "answer"),
    [
        ("2000.00", "", "processor_declined:2000"),
        ("3000.00", "", "failed:3000"),
        ("5001.00", "", "gateway_rejected:application_incomplete"),
        ("10.00", "fake-gateway-rejected-fraud-nonce", "gateway_rejected:fraud"),
        ("10.00", "fake-consumed-nonce", "refused:91564"),
        ("10.00", "forged", "refused:91565"),
        ("10.00", "fake-luhn-invalid-nonce", "refused:81715"),
    ],
)
def test_a_refusal_is_final_says_why_and_lets_the_person_try_another_card(
    braintree: Braintree, person: User, heard: Heard, *, amount: str, nonce: str, answer: str
) -> None:
    payment = order(person, amount=amount, nonce=nonce)
    assert work().done == 1
    payment = fresh(payment)
    assert (payment.state, payment.answer, payment.nonce) == (PaymentState.DECLINED, answer, "")
    assert heard.news == [("not paid", payment.payable_id)]
    again = paying.begin(Payable(KIND, payment.payable_id, Decimal("11.00")), payer=person, now=NOW)
    assert again.pk == payment.pk
    paying.take_nonce(again, "tokencc_another", person=person, now=NOW)
    work()
    payment = fresh(payment)
    assert (payment.state, payment.attempt, payment.amount) == (PaymentState.PAID, 2, Decimal("11.00"))


def test_a_second_press_of_the_button_charges_nothing(braintree: Braintree, person: User) -> None:
    payment = order(person)
    for state in (paying.Underway, paying.AlreadyPaid):
        with pytest.raises(state):
            paying.take_nonce(payment, "tokencc_second", person=person, now=NOW)
        work()
    assert len(braintree.ledger.transactions) == 1


def test_one_thing_has_one_payment_and_one_payer(person: User, other_person: User) -> None:
    what = thing()
    payment = paying.begin(what, payer=person, now=NOW)
    assert paying.begin(what, payer=person, now=NOW).pk == payment.pk
    assert paying.payment_for(what) == payment
    with pytest.raises(paying.NotYours):
        paying.begin(what, payer=other_person, now=NOW)
    with pytest.raises(paying.NotYours):
        paying.take_nonce(payment, "tokencc_x", person=other_person, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CardPayment.objects.create(
            payable_kind=KIND, payable_id=what.id, amount=1, began_at=NOW, changed_at=NOW, payer=None
        )
    with pytest.raises(UnknownPayable):
        paying.begin(Payable("nobody", uuid4(), Decimal(1)), payer=person, now=NOW)


def test_what_is_cancelled_before_a_card_came_is_over_and_may_begin_anew(person: User, heard: Heard) -> None:
    what = thing()
    payment = paying.begin(what, payer=person, now=NOW)
    call_off(KIND, what.id, reason="test", now=NOW)
    assert fresh(payment).state == PaymentState.CANCELLED
    assert heard.news == [("not paid", what.id)]
    call_off(KIND, what.id, reason="test", now=NOW)
    assert paying.begin(what, payer=person, now=NOW).pk != payment.pk


def test_what_is_being_charged_is_left_to_whoever_hears_of_the_money(person: User) -> None:
    payment = order(person)
    call_off(KIND, payment.payable_id, reason="test", now=NOW)
    assert fresh(payment).state == PaymentState.CHARGING
    assert not payment.refunds.exists()


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "10000000", "NaN"])
def test_no_such_amount_is_ever_asked_for(person: User, amount: str) -> None:
    with pytest.raises(NoAmount):
        paying.begin(thing(amount), payer=person, now=NOW)
    with pytest.raises(NoAmount):
        paying.begin(Payable(KIND, uuid4(), 5.0), payer=person, now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("nonce", ["", "a b", "<x/>", "n" * 256, "ключ", "a\n"])
def test_what_no_card_form_makes_is_no_one_time_number(person: User, nonce: str) -> None:
    with pytest.raises(paying.NoNonce):
        paying.take_nonce(paying.begin(thing(), payer=person, now=NOW), nonce, person=person, now=NOW)


def test_whoever_is_erased_while_the_charge_waits_is_not_charged(
    braintree: Braintree, person: User, heard: Heard
) -> None:
    payment = order(person)
    CardPayment.objects.filter(pk=payment.pk).update(payer=None)
    assert work().done == 1
    assert (fresh(payment).state, len(braintree.journal)) == (PaymentState.CANCELLED, 0)
    assert heard.news == [("not paid", payment.payable_id)]


def test_an_account_that_takes_no_keys_is_charged_without_and_looked_up_before_a_second_try(
    braintree: Braintree, person: User
) -> None:
    braintree.ledger = Ledger(takes_keys=False)
    braintree.faults.plan({"queue": [{"fault": "none"}, {"fault": "reset_after"}]})
    payment = order(person)
    assert work().unknown == 1
    assert work(after=timedelta(seconds=59)).done == 0
    assert work(after=timedelta(minutes=5)).done == 1
    (charged,) = braintree.ledger.transactions.values()
    assert (fresh(payment).state, fresh(payment).transaction_id) == (PaymentState.PAID, charged.id)
    assert [call.path.rpartition("/")[2] for call in braintree.journal] == [
        *("transactions", "transactions", "advanced_search_ids", "advanced_search")
    ]


def test_without_keys_a_charge_that_never_came_is_made_after_the_look(braintree: Braintree, person: User) -> None:
    braintree.ledger = Ledger(takes_keys=False)
    braintree.faults.plan({"queue": [{"fault": "none"}, {"fault": "reset_before"}]})
    payment = order(person)
    assert work().unknown == 1
    assert work(after=timedelta(minutes=5)).done == 1
    assert fresh(payment).state == PaymentState.PAID
    assert len(braintree.ledger.transactions) == 1


def test_duplicate_means_look_and_never_failed(braintree: Braintree, person: User) -> None:
    """Somebody else's worker was faster: Braintree says that it has charged the same a moment ago."""
    braintree.ledger = Ledger(takes_keys=False, duplicates=10_000)
    payment = order(person, nonce="fake-valid-nonce")
    braintree.faults.plan({"queue": [{"fault": "none"}, {"fault": "reset_after"}, {"fault": "garbage"}]})
    work()
    Effect.objects.update(state=State.PENDING, due_at=NOW)
    CardPayment.objects.update(tried_at=None)
    braintree.faults.plan({})
    assert work().done == 1
    assert fresh(payment).state == PaymentState.PAID
    assert sorted(row.rejection for row in braintree.ledger.transactions.values()) == ["", "duplicate"]


@pytest.mark.requirement("V1")
def test_a_gate_closes_for_staff_where_the_keys_are_not_taken(
    braintree: Braintree, person: User, settings: Any
) -> None:
    settings.BRAINTREE = {**settings.BRAINTREE, "PRIVATE_KEY": "other"}
    payment = order(person)
    assert work().waiting == 1
    assert ProviderGate.objects.get(pk=CODE).needs_staff
    assert fresh(payment).state == PaymentState.CHARGING
