"""Sends money back through the outbox, once: what has not moved is voided, what has settled is refunded (Q9.3)."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from outbox.contracts import require_contract
from outbox.gates import asking
from outbox.handlers import AnswerLost, Settle, Transient, Waits, effect
from outbox.models import Effect
from payments.amounts import CURRENCY
from payments.cards.effects import SETTLES, provider
from payments.cards.gateway import CODE, Braintree, Charge, KeyNotAllowed, KeySpent, Refused
from payments.cards.recording import Another
from payments.cards.refunding import REFUND
from payments.cards.telling import tell_of_failed
from payments.models.cards import CardPayment, CardRefund, PaymentState, RefundState
from payments.payables import teller_of

_NOT_YET_SETTLED = "91506"
_VOIDABLE = frozenset({"authorized", "submitted_for_settlement", "settlement_pending"})
_OPEN = (RefundState.ORDERED, RefundState.UNCLEAR)


def give_up(order: Effect, /, *, now: datetime) -> None:
    """Nobody knows whether it went: staff put the order back, and it is looked up."""
    CardRefund.objects.filter(pk=order.payload["refund"], state__in=_OPEN).update(state=RefundState.UNCLEAR)


def look_up(order: Effect, /, *, now: datetime) -> Settle | None:
    """After a lost answer: is there a refund under our number?"""
    refund = _awaiting(order)
    if refund is None or refund.tried_at is None:
        return None
    if (wait := refund.tried_at + SETTLES - now) > timedelta(0):
        raise Transient("Too early to look up what became of the refund.", retry_after=wait, this_one_only=True)
    with asking(CODE, now=now):
        made = Braintree.of_settings().of_order(refund.pk)
    found = next((one for one in made if one.refund_of and not one.refusal), None)
    return None if found is None else partial(note_refund, refund.pk, found, now=now)


@effect(REFUND, probe=look_up, give_up=give_up, provider=provider)
def refund_card(order: Effect, /, *, now: datetime) -> Settle | None:
    """Sends back what was ordered; waits where only a part is to go and nothing has settled yet."""
    refund = _awaiting(order)
    if refund is None or refund.payment is None:
        return None
    require_contract(CODE, now=now)
    with asking(CODE, now=now):
        charged = Braintree.of_settings().find(refund.payment.transaction_id)
    if charged.status == "voided":
        return _of_voided(refund, charged, now=now)
    try:
        answer = _ask(refund, charged, now=now)
    except Refused as refusal:
        if _NOT_YET_SETTLED in refusal.codes:
            raise Waits("The charge has not settled yet.") from None
        return partial(note_refused, refund.pk, answer=f"refused:{','.join(refusal.codes)}", now=now)
    if answer.refusal:
        return partial(note_refused, refund.pk, answer=answer.refusal, status=answer.status, now=now)
    return partial(note_refund, refund.pk, answer, now=now)


def _of_voided(refund: CardRefund, charged: Charge, *, now: datetime) -> Settle:
    """By an earlier try of ours, whose answer was lost; else there is nothing left to send back."""
    if refund.tried_at is not None and refund.amount == charged.amount:
        return partial(note_refund, refund.pk, charged, now=now)
    return partial(note_refused, refund.pk, answer="voided", now=now)


def _ask(refund: CardRefund, charged: Charge, *, now: datetime) -> Charge:
    """Under the key of this refund; without any where the account takes none."""
    CardRefund.objects.filter(pk=refund.pk).update(tried_at=now)
    is_void = charged.status in _VOIDABLE
    if is_void and refund.amount != charged.amount:
        raise Waits("Only a part is to go back, and the charge has not settled yet.")
    try:
        return _call(refund, charged, is_void=is_void, key=f"refund:{refund.pk}", now=now)
    except KeySpent as trouble:
        raise AnswerLost(trouble.sentence, look_after=SETTLES) from None
    except KeyNotAllowed:
        return _call(refund, charged, is_void=is_void, key="", now=now)


def _call(refund: CardRefund, charged: Charge, *, is_void: bool, key: str, now: datetime) -> Charge:
    braintree = Braintree.of_settings()
    with asking(CODE, now=now):
        if is_void:
            return braintree.void(charged.id, key=key and f"void:{refund.pk}")
        return braintree.refund(charged.id, amount=refund.amount, order=refund.pk, key=key)


def note_refund(number: UUID, charge: Charge, *, now: datetime) -> None:
    """It went back; who is to hear of it hears it once, in the same transaction. Raises Another."""
    with transaction.atomic():
        refund = CardRefund.objects.select_for_update().get(pk=number)
        if refund.state == RefundState.DONE:
            CardRefund.objects.filter(pk=number, transaction_id=charge.id).update(status=charge.status)
            return
        has_failed = refund.state == RefundState.REFUSED and refund.transaction_id == charge.id
        if has_failed or refund.payment_id is None:  # what has failed is never heard of as on its way again
            return
        payment: CardPayment = CardPayment.objects.select_for_update().get(pk=refund.payment_id)
        is_void = charge.id == payment.transaction_id and charge.status == "voided"
        if not is_void and charge.refund_of != payment.transaction_id:
            raise Another("Braintree speaks of another refund.")
        if (charge.amount, charge.currency) != (refund.amount, CURRENCY):
            raise Another("Braintree speaks of another amount or currency.")
        refund.state, refund.transaction_id, refund.done_at, refund.answer = RefundState.DONE, charge.id, now, ""
        refund.status, refund.told = charge.status, untold(payment, refund)
        refund.save()
        if is_void:
            payment.state, payment.status, payment.changed_at = PaymentState.VOIDED, charge.status, now
            payment.save()
        teller_of(payment.payable_kind).paid_back(payment.payable_id, amount=refund.told, now=now)


def untold(payment: CardPayment, refund: CardRefund) -> Decimal:
    """How much of a refund what was paid for has not heard of, because it was on its way and failed before."""
    rows = payment.refunds.exclude(pk=refund.pk)
    gone = rows.filter(state=RefundState.DONE).aggregate(amount=Sum("amount"))["amount"] or Decimal(0)
    told = rows.aggregate(amount=Sum("told"))["amount"] or Decimal(0)
    return max(gone + refund.amount - told, Decimal(0))


def note_refused(number: UUID, *, answer: str, status: str = "", now: datetime) -> None:
    """Braintree does not send it back, for this reason, or it failed on its way: who waits for it and who sends money
    are told, once. Another one may be proposed."""
    with transaction.atomic():
        refund = CardRefund.objects.select_for_update().get(pk=number)
        if refund.state not in (*_OPEN, RefundState.DONE):
            return
        refund.state, refund.answer, refund.status, refund.done_at = RefundState.REFUSED, answer[:60], status, None
        refund.save()
        tell_of_failed(refund, now=now)
        if (payment := refund.payment) is not None:
            teller_of(payment.payable_kind).not_paid_back(payment.payable_id, now=now)


def _awaiting(order: Effect) -> CardRefund | None:
    rows = CardRefund.objects.select_related("payment")
    return rows.filter(pk=order.payload["refund"], state__in=_OPEN).first()
