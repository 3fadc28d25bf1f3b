"""Writes down what Braintree says of a charge, once, and tells who is to hear it, in the same transaction.

Whoever brings the news (the answer to a charge, a look afterwards, a call of Braintree, the nightly comparison) comes
through here; later news beats earlier, never the other way round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from outbox.handlers import Permanent
from payments.amounts import CURRENCY
from payments.cards.gateway import Charge
from payments.models.cards import UNDERWAY, CardPayment, PaymentState
from payments.payables import teller_of
from vault.keys import destroy_key, destroy_keys

_RANKS: Final = {
    "authorizing": 0,
    "authorized": 1,
    "submitted_for_settlement": 2,
    "settlement_pending": 3,
    "settlement_confirmed": 3,
    "settling": 3,
    "settled": 4,
    "settlement_declined": 5,
    "authorization_expired": 5,
    "voided": 5,
}
_TAKEN: Final = frozenset(
    {"authorized", "submitted_for_settlement", "settlement_pending", "settlement_confirmed", "settling", "settled"}
)
_REFUSED: Final = frozenset({"processor_declined", "gateway_rejected", "failed"})
_DUPLICATE: Final = "gateway_rejected:duplicate"

_CHARGED: Final = """
    UPDATE payments_cardpayment AS payment
    SET state = %s, status = %s, paid_at = %s, changed_at = %s, nonce = '', answer = '', transaction_id = charge.id
    FROM unnest(%s::uuid[], %s::text[]) AS charge (payment, id)
    WHERE payment.id = charge.payment
"""


class Another(Permanent):
    """Braintree speaks of another order, amount or currency than we asked for."""


def is_taken(charge: Charge) -> bool:
    """The money is there, or certain to come."""
    return charge.status in _TAKEN


def is_refused(charge: Charge) -> bool:
    """Final, and nothing was charged."""
    return charge.status in _REFUSED and charge.refusal != _DUPLICATE


def is_duplicate(charge: Charge) -> bool:
    """Braintree thinks that it has charged the same a moment ago: it may well have."""
    return charge.refusal == _DUPLICATE


def compare(payment: CardPayment, charge: Charge) -> None:
    """Raises Another where the transaction is not that of this payment."""
    # One that was booked to its payment by hand has another order number there, or none.
    order = charge.order if payment.transaction_id == charge.id else str(payment.pk)
    if (charge.order, charge.amount, charge.currency) != (order, payment.amount, CURRENCY):
        raise Another("Braintree speaks of another order, amount or currency.")


@dataclass(frozen=True, slots=True)
class News:
    """What Braintree says of one payment, still to be written down. Raises Another."""

    payment: UUID
    charge: Charge
    now: datetime

    def __call__(self) -> None:
        note_charges([self])


def note_charge(number: UUID, charge: Charge, *, now: datetime) -> None:
    """The payment is charged, or what was charged has moved on. Raises Another."""
    note_charges([News(number, charge, now)])


def note_charges(news: Sequence[News]) -> None:
    """The same for many payments, all or none. Raises Another."""
    with transaction.atomic(savepoint=False):
        rows = CardPayment.objects.select_for_update().filter(pk__in=[one.payment for one in news]).order_by("pk")
        payments: dict[UUID, CardPayment] = {payment.pk: payment for payment in rows}
        taken: list[News] = []
        for one in news:
            payment, charge = payments[one.payment], one.charge
            compare(payment, charge)
            if payment.paid_at is None and is_taken(charge):
                taken.append(one)
            elif payment.transaction_id == charge.id and _is_later(payment, charge):
                _later_news(payment, charge, now=one.now)
        _take(taken, payments)


def note_refusal(number: UUID, *, attempt: int, answer: str, now: datetime) -> None:
    """The attempt came to its end without a charge; the person may try another card."""
    with transaction.atomic():
        payment = CardPayment.objects.select_for_update().get(pk=number)
        if payment.attempt != attempt or payment.state not in UNDERWAY:
            return
        payment.state, payment.answer, payment.nonce = PaymentState.DECLINED, answer[:60] or "unknown", ""
        payment.changed_at = now
        payment.save()
        teller_of(payment.payable_kind).not_paid(payment.payable_id, now=now)


def note_cancelled(payment: CardPayment, *, now: datetime) -> None:
    """Nothing was charged and nothing will be; in the transaction that holds the row."""
    payment.state, payment.nonce, payment.changed_at = PaymentState.CANCELLED, "", now
    payment.save()
    destroy_key(payment.pk, now=now)
    teller_of(payment.payable_kind).not_paid(payment.payable_id, now=now)


def take(payment: CardPayment, charge: Charge, *, now: datetime) -> None:
    """The money for this payment is there, by this transaction; in the transaction that holds the row."""
    _take([News(payment.pk, charge, now)], {payment.pk: payment})


def _take(news: Sequence[News], payments: Mapping[UUID, CardPayment]) -> None:
    for (status, now), alike in groupby(sorted(news, key=_status_and_moment), _status_and_moment):
        charges = {one.payment: one.charge.id for one in alike}
        state = PaymentState.SETTLED if status == "settled" else PaymentState.PAID
        with connection.cursor() as cursor:  # Django would compose a condition for each number
            cursor.execute(_CHARGED, [state, status, now, now, list(charges), list(charges.values())])
        destroy_keys(charges, now=now)
        for number in charges:
            teller_of(payments[number].payable_kind).paid(payments[number].payable_id, now=now)


def _status_and_moment(news: News) -> tuple[str, datetime]:
    return news.charge.status, news.now


def _is_later(payment: CardPayment, charge: Charge) -> bool:
    return _RANKS.get(charge.status, -1) > _RANKS.get(payment.status, -1)


def _later_news(payment: CardPayment, charge: Charge, *, now: datetime) -> None:
    before, payment.status, payment.changed_at = payment.state, charge.status, now
    match charge.status:
        case "settled":
            payment.state = PaymentState.SETTLED
        case "settlement_declined" | "authorization_expired":
            payment.state, payment.answer = PaymentState.UNSETTLED, charge.refusal or charge.status
        case "voided":
            payment.state = PaymentState.VOIDED
    payment.save()
    if payment.state == PaymentState.UNSETTLED and payment.state != before:
        teller_of(payment.payable_kind).not_paid(payment.payable_id, now=now)
