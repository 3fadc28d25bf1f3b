"""What Braintree tells by itself is a bell: the transaction is read again, and what that says is written down (Q9.11).

Calls that come twice, late, in another order, or again after a year end in a harmless read.
"""

import hashlib
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from outbox.gates import asking
from outbox.handlers import Permanent, Settle, effect
from outbox.models import Effect
from outbox.services import enqueue
from payments.cards.dispute_effects import READ_DISPUTE
from payments.cards.effects import provider
from payments.cards.gateway import CODE, Braintree, Called, Charge, NotHere
from payments.cards.recording import is_taken, note_charge
from payments.cards.refund_effects import note_refund, note_refused
from payments.models.cards import CardNotice, CardPayment, CardRefund

READ_AGAIN: Final = "payments.read_card_again"


def hear(payload: str, called: Called, *, now: datetime) -> bool:
    """Note a call whose signature is right, and order the reading; False where it was heard before."""
    key = hashlib.sha256(payload.encode()).hexdigest()
    with transaction.atomic():
        _notice, is_new = CardNotice.objects.get_or_create(key=key, defaults={"kind": called.kind[:60], "at": now})
        if not is_new:
            return False
        if number := called.transaction:
            enqueue(READ_AGAIN, aggregate=f"card-news:{number}", payload={"transaction": number}, now=now)
        if number := called.dispute:
            enqueue(READ_DISPUTE, aggregate=f"card-dispute-news:{number}", payload={"number": number}, now=now)
    return True


@effect(READ_AGAIN, provider=provider)
def read_again(order: Effect, /, *, now: datetime) -> Settle | None:
    """Read the transaction that a call named, and take over what it says."""
    try:
        with asking(CODE, now=now):
            found = Braintree.of_settings().find(order.payload["transaction"])
    except NotHere:
        return None
    return partial(_take_over, found, now=now)


def _take_over(charge: Charge, *, now: datetime) -> None:
    merge(charge, now=now)


def merge(charge: Charge, *, now: datetime) -> bool:
    """Take over what a transaction of Braintree says; False where it is none of ours."""
    if charge.refund_of:
        return _merge_refund(charge, now=now)
    payment = CardPayment.objects.filter(transaction_id=charge.id).first() or _by_order(charge)
    if payment is None:
        return False
    try:
        with transaction.atomic():
            note_charge(payment.pk, charge, now=now)
            CardPayment.objects.filter(pk=payment.pk, transaction_id=charge.id).update(dispute=charge.dispute)
    except (Permanent, IntegrityError):  # another amount, or the same thing was paid by another payment since
        return False
    return CardPayment.objects.filter(transaction_id=charge.id).exists() or not is_taken(charge)


def _merge_refund(charge: Charge, *, now: datetime) -> bool:
    refund = CardRefund.objects.filter(transaction_id=charge.id).first() or _refund_by_order(charge)
    if refund is None:
        return False
    if charge.refusal:
        note_refused(refund.pk, answer=charge.refusal, status=charge.status, now=now)
        return True
    try:
        note_refund(refund.pk, charge, now=now)
    except Permanent:
        return False
    return True


def _by_order(charge: Charge) -> CardPayment | None:
    number = _number(charge.order)
    found: CardPayment | None = CardPayment.objects.filter(pk=number).first() if number else None
    return found


def _refund_by_order(charge: Charge) -> CardRefund | None:
    number = _number(charge.order)
    return CardRefund.objects.filter(pk=number).first() if number else None


def _number(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
