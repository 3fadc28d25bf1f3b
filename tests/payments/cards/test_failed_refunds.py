"""Money that was on its way back and did not arrive: who waits for it and who sends it hear of it, once (Q9.3)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from datamap.catalogue import catalogue
from emulators.braintree import Braintree
from outbox.services import drain
from payments.cards.gateway import Braintree as Site
from payments.cards.merging import merge
from payments.cards.reconciling import LOOKS_BACK, reconcile
from payments.cards.refunding import failed, left_of, not_back
from payments.models import CardPayment, CardRefund
from payments.models.cards import RefundState
from qlekta.roles import give, set_up
from tests.payments.cards.conftest import KIND, NOW, Heard, fresh, order, work
from tests.payments.cards.test_news import MUCH_LATER, at, call
from tests.payments.cards.test_refunds import propose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]


@pytest.fixture
def paid(braintree: Braintree, person: User) -> CardPayment:
    """Fifty euro that have arrived."""
    payment = order(person, amount="50.00")
    work()
    braintree.move(fresh(payment).transaction_id, "settled")
    return fresh(payment)


@pytest.fixture
def sent(paid: CardPayment, officer: User) -> CardRefund:
    """Five of them are on their way back."""
    propose(paid, "5.00", officer)
    work()
    return CardRefund.objects.get(state=RefundState.DONE)


def fail(braintree: Braintree, refund: CardRefund) -> None:
    row = braintree.ledger.transactions[refund.transaction_id]
    row.status, row.code = "settlement_declined", "4001"


def letters() -> list[str]:
    drain(now=NOW + MUCH_LATER)
    return [f"{letter.to[0]} {letter.subject} {letter.body}" for letter in mail.outbox]


@pytest.fixture
def accountant(officer: User) -> User:
    set_up(now=timezone.now())
    give("accountant", officer, now=timezone.now())
    return officer


def test_a_call_about_it_is_told_once_to_both_and_another_can_be_sent(
    braintree: Braintree, sent: CardRefund, accountant: User, *, client: Client, heard: Heard
) -> None:
    paid = CardPayment.objects.get()
    fail(braintree, sent)
    for kind in ("refund_failed", "transaction_settlement_declined"):
        call(client, braintree.notice(kind, sent.transaction_id))
        work(after=MUCH_LATER)
    sent.refresh_from_db()
    assert (sent.state, sent.answer) == (RefundState.REFUSED, "settlement_declined:4001")
    assert heard.news == [("paid", paid.payable_id), ("not paid back", paid.payable_id)]
    (letter,) = [said for said in letters() if str(sent.pk) in said]
    assert letter.startswith(accountant.email)
    assert "5.00" in letter
    assert (not_back(KIND, paid.payable_id), left_of(paid)) == (Decimal("5.00"), Decimal("50.00"))
    propose(paid, "5.00", accountant, after=timedelta(hours=1))
    work(times=2)
    assert not_back(KIND, paid.payable_id) == 0
    assert [amount for _number, amount in heard.back] == [Decimal("5.00"), Decimal(0)], "counted once"
    propose(paid, "7.00", accountant, after=timedelta(hours=2))
    work(times=3)
    assert heard.back[-1][1] == Decimal("7.00")


def test_older_news_do_not_bring_it_back(
    braintree: Braintree, paid: CardPayment, sent: CardRefund, heard: Heard
) -> None:
    before = Site.of_settings().find(sent.transaction_id)
    fail(braintree, sent)
    merge(Site.of_settings().find(sent.transaction_id), now=NOW)
    merge(before, now=NOW)
    sent.refresh_from_db()
    assert (sent.state, len(heard.back)) == (RefundState.REFUSED, 1)


@pytest.mark.parametrize("is_called", [True, False])
def test_the_night_finds_it_however_old_where_no_call_came(
    braintree: Braintree, paid: CardPayment, sent: CardRefund, heard: Heard, *, is_called: bool
) -> None:
    later = NOW + 5 * LOOKS_BACK
    at(braintree, NOW)
    if is_called:  # it has come to its end: nobody asks for it again
        braintree.move(sent.transaction_id, "settled")
        reconcile(now=NOW + timedelta(hours=5))
    fail(braintree, sent)
    run = reconcile(now=later)
    assert run is not None
    sent.refresh_from_db()
    assert (run.failed, sent.state) == ((0, RefundState.DONE) if is_called else (1, RefundState.REFUSED))
    assert len(heard.news) == (1 if is_called else 2)


def test_a_charge_that_the_bank_took_back_long_ago_is_found_too(
    braintree: Braintree, person: User, heard: Heard
) -> None:
    payment = order(person)
    work()
    at(braintree, NOW)
    braintree.move(fresh(payment).transaction_id, "settlement_declined")
    reconcile(now=NOW + 5 * LOOKS_BACK)
    assert heard.news == [("paid", payment.payable_id), ("not paid", payment.payable_id)]


def test_what_braintree_refuses_at_once_is_told_too_and_without_an_accountant_the_controller_hears_it(
    braintree: Braintree, paid: CardPayment, officer: User, heard: Heard
) -> None:
    row = braintree.ledger.transactions[paid.transaction_id]
    braintree.ledger.add({}, "", braintree.ledger.refund(row.id, {"amount": "50.00"}))
    propose(paid, "20.00", officer)
    work()
    assert heard.news[-1] == ("not paid back", paid.payable_id)
    (letter,) = [said for said in letters() if str(failed().get().pk) in said]
    assert letter.startswith(catalogue().controller.email)


def test_whoever_sends_money_finds_it_on_the_first_page_and_nobody_else(
    braintree: Braintree, sent: CardRefund, officer: User, client: Client
) -> None:
    set_up(now=timezone.now())
    fail(braintree, sent)
    call(client, braintree.notice("refund_failed", sent.transaction_id))
    work(after=MUCH_LATER)
    found = reverse("admin:payments_cardrefund_changelist") + "?state__exact=refused"
    shown = {}
    for role in ("accountant", "agent"):
        officer.groups.set([Group.objects.get(name=role)])
        client.force_login(officer)
        shown[role] = found in client.get(reverse("admin:index")).content.decode()
    assert shown == {"accountant": True, "agent": False}
    officer.groups.set([Group.objects.get(name="accountant")])
    assert (
        sent.transaction_id in client.get(found).content.decode() or str(sent.pk) in client.get(found).content.decode()
    )
