"""Many payments at once cost few statements, and each of them is what it would be alone (ADR 0032)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from emulators.braintree import Braintree
from emulators.braintree_ledger import TAKEN, Ledger
from outbox import draining
from outbox.models import Effect, ProviderGate, State
from outbox.services import DrainReport
from payments.models import CardPayment
from payments.models.cards import PaymentState
from tests.payments.cards.conftest import Heard, fresh, order, people, work
from vault.keys import has_key

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

DECLINED = "2000.00"


@pytest.fixture(autouse=True)
def _together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pace of this machine: the first goes alone, and all others with each other."""
    monkeypatch.setattr(draining, "SMALLEST_BATCH", 100)
    monkeypatch.setattr(draining, "TURN", 1e6)
    monkeypatch.setattr(draining, "LONGEST_TURN", 1e6)


def crowd(count: int) -> list[CardPayment]:
    return [order(payer) for payer in people(count)]


def test_each_is_charged_once_told_once_and_forgets_its_one_time_number(braintree: Braintree, heard: Heard) -> None:
    payments = crowd(12)
    assert work() == DrainReport(done=12)
    assert len(braintree.journal) == 12
    charged = {row.order: row.id for row in braintree.ledger.transactions.values()}
    for payment in map(fresh, payments):
        assert (payment.state, payment.transaction_id) == (PaymentState.PAID, charged[str(payment.pk)])
        assert (payment.nonce, payment.answer, has_key(payment.pk)) == ("", "", False)
        assert payment.tried_at is not None
        assert payment.paid_at == payment.changed_at >= payment.tried_at
    assert sorted(map(str, heard.news)) == sorted(str(("paid", payment.payable_id)) for payment in payments)
    assert set(Effect.objects.values_list("state", "attempts")) == {(State.DONE, 1)}


def test_more_payments_take_no_more_statements(braintree: Braintree) -> None:
    taken = []
    for count in (5, 25):
        crowd(count)
        with CaptureQueriesContext(connection) as statements:
            assert work().done == count
        taken.append(len(statements))
    assert taken[0] == taken[1]


def test_a_refusal_a_departure_and_an_odd_answer_are_their_own_affair(braintree: Braintree, heard: Heard) -> None:
    payments = [order(payer, amount=amount) for payer, amount in zip(people(5), AMOUNTS, strict=True)]
    CardPayment.objects.filter(pk=payments[3].pk).update(payer=None)
    assert work() == DrainReport(done=5)
    expected = [PaymentState.PAID, PaymentState.PAID, PaymentState.DECLINED, PaymentState.CANCELLED, PaymentState.PAID]
    assert [fresh(payment).state for payment in payments] == expected
    assert fresh(payments[2]).answer == "processor_declined:2000"
    assert str(payments[3].pk) not in "".join(call.body for call in braintree.journal)
    assert len(heard.news) == 5


AMOUNTS = ("19.99", "29.99", DECLINED, "19.99", "39.99")


@pytest.mark.parametrize("fault", ["reset_after", "done_then_500", "half_body", "reset_before", "status"])
def test_an_answer_lost_in_a_crowd_charges_nobody_twice(braintree: Braintree, fault: str) -> None:
    payments = crowd(10)
    braintree.faults.plan({"queue": [{"fault": "none"}] * 4 + [{"fault": fault}]})
    report = work(times=3)
    assert (report.unknown, report.failed, report.lost) == (0, 0, 0)
    assert {fresh(payment).state for payment in payments} == {PaymentState.PAID}
    charged = [row.order for row in braintree.ledger.transactions.values() if row.status in TAKEN]
    assert sorted(charged) == sorted(str(payment.pk) for payment in payments)


def test_an_account_that_may_not_send_keys_charges_a_crowd_all_the_same(braintree: Braintree) -> None:
    braintree.ledger = Ledger(takes_keys=False, duplicates=3600)
    payments = crowd(6)
    assert work() == DrainReport(done=6)
    assert {(fresh(payment).state, fresh(payment).keyless) for payment in payments} == {(PaymentState.PAID, True)}


def test_a_key_that_is_refused_stops_the_crowd_and_costs_no_attempt(braintree: Braintree) -> None:
    payments = crowd(8)
    braintree.faults.plan({"queue": [{"fault": "none"}] + [{"fault": "status", "status": 401}] * 20})
    report = work(after=timedelta(minutes=1))
    assert report == DrainReport(done=1, waiting=1)
    assert ProviderGate.objects.get().needs_staff
    assert set(Effect.objects.exclude(state=State.DONE).values_list("state", "attempts")) == {(State.PENDING, 0)}
    assert sum(fresh(payment).state == PaymentState.CHARGING for payment in payments) == 7
