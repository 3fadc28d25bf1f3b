"""What Braintree calls about is read again and merged by rank; the nightly comparison finds the rest (Q9.11)."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from emulators.braintree import Braintree
from payments.cards.gateway import Braintree as Site
from payments.cards.reconciling import reconcile
from payments.models import CardNotice, CardPayment, CardRefund
from payments.models.cards import PaymentState, RefundState
from tests.payments.cards.conftest import NOW, Heard, fresh, order, work
from tests.payments.cards.test_refunds import propose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network]

RING = "/webhooks/braintree/"
MUCH_LATER = timedelta(days=2000)
"""The view's own clock writes the orders."""


@pytest.fixture
def paid(braintree: Braintree, person: User) -> CardPayment:
    payment = order(person)
    work()
    return fresh(payment)


def call(client: Client, signed: tuple[str, str]) -> int:
    return client.post(RING, {"bt_signature": signed[0], "bt_payload": signed[1]}).status_code


def test_news_are_read_again_and_only_later_news_count(
    braintree: Braintree, paid: CardPayment, client: Client, heard: Heard
) -> None:
    older = braintree.notice("transaction_settled", paid.transaction_id)
    braintree.move(paid.transaction_id, "settled")
    newer = braintree.notice("transaction_settled", paid.transaction_id)
    assert [call(client, signed) for signed in (newer, older, newer, newer)] == [200] * 4
    assert CardNotice.objects.count() == 2, "what came twice is heard once"
    assert work(after=MUCH_LATER).done == 2
    assert (fresh(paid).state, fresh(paid).status) == (PaymentState.SETTLED, "settled")
    braintree.move(paid.transaction_id, "submitted_for_settlement")
    call(client, braintree.notice("transaction_disbursed", paid.transaction_id))
    work(after=MUCH_LATER)
    assert fresh(paid).state == PaymentState.SETTLED, "nothing goes backwards"
    assert heard.news == [("paid", paid.payable_id)]


def test_money_that_the_bank_took_back_is_not_there_any_more(
    braintree: Braintree, paid: CardPayment, client: Client, heard: Heard
) -> None:
    braintree.move(paid.transaction_id, "settlement_declined")
    call(client, braintree.notice("transaction_settlement_declined", paid.transaction_id))
    work(after=MUCH_LATER)
    assert fresh(paid).state == PaymentState.UNSETTLED
    assert heard.news == [("paid", paid.payable_id), ("not paid", paid.payable_id)]


@pytest.mark.requirement("V2")
@pytest.mark.clause("Q9.11")
def test_a_forged_call_changes_nothing(braintree: Braintree, paid: CardPayment, client: Client) -> None:
    signature, payload = braintree.notice("transaction_settled", paid.transaction_id)
    other = base64.encodebytes(b"<notification><kind>check</kind></notification>").decode()
    forged: list[tuple[str, str]] = [
        braintree.notice("transaction_settled", paid.transaction_id, key="other"),
        (signature, other),
        (signature, ""),
        ("", payload),
        (signature.replace("public", "other"), payload),
        (signature, payload + "ā"),
        ("public|" + "0" * 40, payload),
    ]
    assert {call(client, signed) for signed in forged} == {400}
    assert client.get(RING, {"bt_challenge": "x"}).status_code == 400
    assert client.post(RING, b"x" * 300_000, content_type="text/plain").status_code == 413
    assert not CardNotice.objects.exists()


def test_the_challenge_is_answered_as_the_library_does(braintree: Braintree, client: Client) -> None:
    challenge = "20f9f8ed05f77439fe955c977e4c8a53"
    expected = Site.of_settings().gateway.webhook_notification.verify(challenge)
    assert client.get(RING, {"bt_challenge": challenge}).content.decode() == expected


def test_a_signed_call_about_what_braintree_does_not_know_ends_in_a_read(
    braintree: Braintree, paid: CardPayment, client: Client
) -> None:
    signed = braintree.notice("transaction_settled", paid.transaction_id)
    braintree.ledger.transactions.clear()
    assert call(client, signed) == 200
    assert work(after=MUCH_LATER).done == 1
    assert fresh(paid).state == PaymentState.PAID


def test_without_keys_there_is_no_door(client: Client, settings: Any) -> None:
    settings.BRAINTREE = {**settings.BRAINTREE, "MERCHANT_ID": ""}
    assert client.post(RING).status_code == 404
    assert reverse("braintree:ring") == RING


def at(braintree: Braintree, moment: datetime) -> None:
    """As if Braintree had made everything at this moment."""
    for row in braintree.ledger.transactions.values():
        row.at = moment.timestamp()


def test_both_records_agree_in_the_night(braintree: Braintree, paid: CardPayment, officer: User) -> None:
    braintree.move(paid.transaction_id, "settled")
    propose(paid, "5.00", officer)
    work()
    at(braintree, NOW)
    run = reconcile(now=NOW + timedelta(hours=5))
    assert run is not None
    assert (run.charges, run.taken_over, run.orphans, run.missing, run.error) == (2, 0, 0, 0, "")
    assert fresh(paid).state == PaymentState.SETTLED, "nobody had told"


def test_what_only_one_side_knows_is_counted_and_what_was_lost_is_taken_over(
    braintree: Braintree, paid: CardPayment, person: User, officer: User
) -> None:
    lost = order(person)
    work()
    CardPayment.objects.filter(pk=lost.pk).update(
        state=PaymentState.DECLINED, answer="x", transaction_id="", paid_at=None, status=""
    )
    gone = order(person)
    work()
    braintree.ledger.transactions.pop(fresh(gone).transaction_id)
    stranger = braintree.ledger.sale({"amount": "7.00", "payment_method_nonce": "fake-valid-nonce", "order_id": "x"})
    braintree.ledger.add({}, "", stranger)
    braintree.ledger.transactions[paid.transaction_id].dispute = "open"
    at(braintree, NOW)
    run = reconcile(now=NOW + timedelta(hours=5))
    assert run is not None
    assert (run.charges, run.taken_over, run.orphans, run.missing, run.disputed) == (3, 1, 1, 1, 1)
    assert (fresh(lost).state, fresh(paid).dispute) == (PaymentState.PAID, "open")


def test_a_refund_that_failed_later_is_known_by_the_call(
    braintree: Braintree, paid: CardPayment, officer: User, client: Client
) -> None:
    braintree.move(paid.transaction_id, "settled")
    propose(paid, "5.00", officer)
    work()
    refund = CardRefund.objects.get()
    row = braintree.ledger.transactions[refund.transaction_id]
    row.status, row.code = "settlement_declined", "4001"
    call(client, braintree.notice("refund_failed", row.id))
    work(after=MUCH_LATER)
    refund.refresh_from_db()
    assert (refund.state, refund.answer) == (RefundState.REFUSED, "settlement_declined:4001")


def test_a_night_without_braintree_says_why(braintree: Braintree, paid: CardPayment) -> None:
    braintree.faults.plan({"queue": [{"fault": "garbage"}]})
    run = reconcile(now=NOW + timedelta(hours=5))
    assert run is not None
    assert "Braintree" in run.error
