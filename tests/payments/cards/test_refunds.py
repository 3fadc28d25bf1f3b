"""Money goes back once, by two above a limit, from the number of the transaction alone (policy clause 9.1; Q9.3)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from datamap.processors import Outcome
from datamap.trace import subject_of_user
from emulators.braintree import Braintree
from emulators.braintree_ledger import Ledger
from outbox.models import Effect
from payments.amounts import NoAmount
from payments.cards import refunding
from payments.cards.processor import BraintreeHandler
from payments.models import CardPayment, CardRefund
from payments.models.cards import PaymentState, RefundState
from qlekta.roles import set_up
from tests.payments.cards.conftest import NOW, Heard, fresh, order, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]


@pytest.fixture
def paid(braintree: Braintree, person: User) -> CardPayment:
    """Fifty euro that have arrived."""
    payment = order(person, amount="50.00")
    work()
    payment = fresh(payment)
    braintree.move(payment.transaction_id, "settled")
    return payment


def propose(payment: CardPayment, amount: str, by: User, *, after: timedelta = timedelta(0)) -> CardRefund:
    return refunding.propose(payment, Decimal(amount), by=by, reason="broken", now=NOW + after)


def test_a_part_and_the_rest_go_back_and_no_cent_more(
    braintree: Braintree, paid: CardPayment, officer: User, heard: Heard
) -> None:
    for amount in ("20.00", "30.00"):
        propose(paid, amount, officer)
        assert work().done == 1
    with pytest.raises(refunding.TooMuch):
        propose(paid, "0.01", officer)
    for wrong in ("0", "-5", "0.001"):
        with pytest.raises(NoAmount):
            propose(paid, wrong, officer)
    assert heard.back == [(paid.payable_id, Decimal("20.00")), (paid.payable_id, Decimal("30.00"))]
    back = [row for row in braintree.ledger.transactions.values() if row.kind == "credit"]
    assert {row.id for row in back} == set(CardRefund.objects.values_list("transaction_id", flat=True))
    assert Entry.objects.filter(action="refund.proposed").count() == 2


@pytest.mark.clause("Q9.3")
def test_it_goes_back_after_the_account_is_gone_and_names_nobody(
    braintree: Braintree, paid: CardPayment, person: User, officer: User
) -> None:
    said = BraintreeHandler().describe(subject_of_user(person))
    assert "1" in str(said)
    assert BraintreeHandler().erase(subject_of_user(person), now=NOW).outcome is Outcome.KEPT
    CardPayment.objects.update(payer=None)
    assert BraintreeHandler().erase(subject_of_user(person), now=NOW).outcome is Outcome.NOTHING_HELD
    braintree.journal.clear()
    propose(paid, "50.00", officer)
    assert work().done == 1
    assert CardRefund.objects.get().state == RefundState.DONE
    assert person.email not in str(list(braintree.journal))


def test_what_has_not_moved_is_voided_and_a_part_of_it_waits(braintree: Braintree, person: User, officer: User) -> None:
    first, second = order(person, amount="30.00"), order(person, amount="40.00")
    work(times=2)
    propose(fresh(first), "30.00", officer)
    propose(fresh(second), "10.00", officer)
    report = work()
    assert (report.done, report.waiting) == (1, 1)
    assert fresh(first).state == PaymentState.VOIDED
    braintree.move(fresh(second).transaction_id, "settled")
    assert work(after=timedelta(hours=1)).done == 1
    assert fresh(second).state == PaymentState.PAID
    with pytest.raises(refunding.NotCharged):
        propose(fresh(first), "1.00", officer)


@pytest.mark.parametrize("takes_keys", [True, False])
def test_a_lost_answer_sends_nothing_twice(
    braintree: Braintree, paid: CardPayment, officer: User, *, heard: Heard, takes_keys: bool
) -> None:
    braintree.ledger.takes_keys = takes_keys
    propose(paid, "20.00", officer)
    queue = [{"fault": "none"}, *([] if takes_keys else [{"fault": "none"}]), {"fault": "reset_after"}]
    braintree.faults.plan({"queue": queue})
    assert work().unknown == 1
    assert work(after=timedelta(hours=1)).done == 1
    assert [row.amount for row in braintree.ledger.transactions.values() if row.kind == "credit"] == ["20.00"]
    assert heard.back == [(paid.payable_id, Decimal("20.00"))]


def test_a_void_whose_answer_was_lost_is_recognised(braintree: Braintree, person: User, officer: User) -> None:
    payment = order(person, amount="30.00")
    work()
    propose(fresh(payment), "30.00", officer)
    braintree.faults.plan({"queue": [{"fault": "none"}, {"fault": "done_then_500"}]})
    work()
    work(after=timedelta(hours=1))
    assert (fresh(payment).state, CardRefund.objects.get().state) == (PaymentState.VOIDED, RefundState.DONE)


def test_what_braintree_refuses_says_why_and_is_free_again(
    braintree: Braintree, paid: CardPayment, officer: User
) -> None:
    row = braintree.ledger.transactions[paid.transaction_id]
    braintree.ledger.add({}, "", braintree.ledger.refund(row.id, {"amount": "50.00"}))
    propose(paid, "20.00", officer)
    assert work().failed == 0
    refund = CardRefund.objects.get()
    assert (refund.state, refund.answer) == (RefundState.REFUSED, "refused:91512")
    assert refunding.left_of(paid) == Decimal("50.00")


def test_above_the_limit_two_people_decide_also_in_many_small_parts(
    braintree: Braintree, person: User, officer: User, other_person: User
) -> None:
    payment = order(person, amount="150.00")
    work()
    payment = fresh(payment)
    braintree.move(payment.transaction_id, "settled")
    assert propose(payment, "100.00", officer).state == RefundState.ORDERED
    refund = propose(payment, "0.01", officer)
    assert refund.state == RefundState.PROPOSED
    with pytest.raises(refunding.NeedsAnother):
        refunding.agree(refund.pk, by=officer, now=NOW)
    assert refunding.agree(refund.pk, by=other_person, now=NOW).state == RefundState.ORDERED
    with pytest.raises(refunding.Decided):
        refunding.decline(refund.pk, by=other_person, now=NOW)
    third = propose(payment, "49.99", officer)
    refunding.decline(third.pk, by=other_person, now=NOW)
    assert work(times=3).failed == 0
    assert CardRefund.objects.filter(state=RefundState.DONE).count() == 2
    assert refunding.left_of(payment) == Decimal("49.99")


@pytest.mark.requirement("G3")
def test_an_accountant_sends_it_back_from_the_page_and_nobody_else(
    braintree: Braintree, paid: CardPayment, officer: User, client: Client
) -> None:
    set_up(now=timezone.now())
    page = reverse("admin:payments_cardpayment_change", args=[paid.pk])
    send = reverse("admin:payments_cardpayment_refund", args=[paid.pk])
    officer.groups.set([Group.objects.get(name="agent")])
    client.force_login(officer)
    form: dict[str, Any] = {"amount": "12,50", "reason": "broken"}
    assert (client.get(page).status_code, client.post(send, form).status_code) == (403, 403)
    officer.groups.set([Group.objects.get(name="accountant")])
    assert f'action="{send}"' in client.get(page).content.decode()
    client.post(send, {**form, "amount": "x"})
    assert not CardRefund.objects.exists()
    client.post(send, form)
    refund = CardRefund.objects.get()
    assert (refund.amount, refund.state, refund.proposed_by) == (Decimal("12.50"), RefundState.ORDERED, officer.pk)
    assert client.get(send).status_code == 405
    assert Effect.objects.filter(kind=refunding.REFUND).count() == 1
    assert client.get(reverse("admin:payments_cardrefund_change", args=[refund.pk])).status_code == 200
    assert client.get(reverse("admin:payments_cardreconciliation_changelist")).status_code == 200
    assert isinstance(braintree.ledger, Ledger)
