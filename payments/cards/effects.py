"""Charges a card through the outbox: once, whatever breaks in between (policy clause 9.1)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from datamap.transfers import may_hand_over
from outbox.contracts import require_contract
from outbox.gates import asking
from outbox.handlers import AnswerLost, Call, Settle, Together, Transient, effect
from outbox.models import Effect
from payments.cards.gateway import CODE, Braintree, Charge, KeyNotAllowed, KeySpent, Refused, Sale
from payments.cards.recording import (
    News,
    compare,
    is_duplicate,
    is_refused,
    is_taken,
    note_cancelled,
    note_charges,
    note_refusal,
)
from payments.models.cards import UNDERWAY, CardPayment, PaymentState

CHARGE: Final = "payments.charge_card"

SETTLES: Final = timedelta(seconds=60)
"""So long after a request whose answer was lost the search is believed; longer than Braintree works on any."""

_NONCE_CONSUMED: Final = "91564"


def provider() -> str:
    """The name of the gate before Braintree."""
    return CODE


def give_up(order: Effect, /, *, now: datetime) -> None:
    """Nobody knows whether it was charged: that is not a refusal. Staff put the order back, and it is looked up."""
    CardPayment.objects.filter(pk=_number(order), attempt=order.payload["attempt"], state__in=UNDERWAY).update(
        state=PaymentState.UNCLEAR, changed_at=now
    )


def look_up(order: Effect, /, *, now: datetime) -> Settle | None:
    """After a lost answer. Whoever may ask again under the same key does, and hears of the same charge; who may not
    searches by the order, when Braintree has surely come to an end with it."""
    payment = _awaiting(order)
    if payment is None or (not payment.keyless and _may_ask(payment, now=now)):
        return None
    if payment.tried_at is not None and (wait := payment.tried_at + SETTLES - now) > timedelta(0):
        raise Transient("Too early to look up what became of the payment.", retry_after=wait, this_one_only=True)
    with asking(CODE, now=now):
        found = _found(payment, Braintree.of_settings())
    return None if found is None else News(payment.pk, found, now)


def prepare(orders: Sequence[Effect], /, *, now: datetime) -> dict[UUID, Call]:
    """What `charge` reads and notes of one, for all whom nothing stands in the way. Raises Waits."""
    require_contract(CODE, now=now)
    rows = CardPayment.objects.filter(pk__in=[_number(order) for order in orders], state__in=UNDERWAY, keyless=False)
    payments = {payment.pk: payment for payment in rows if payment.payer_id is not None and payment.nonce}
    rows.filter(pk__in=payments).update(tried_at=now)
    return {
        order.pk: partial(_charge, payment, order, now=now, calm=True)
        for order in orders
        if (payment := payments.get(_number(order))) is not None and payment.attempt == order.payload["attempt"]
    }


def settle(settles: Sequence[Settle]) -> None:
    """All charges at once, and then whatever else became of a payment."""
    note_charges([one for one in settles if isinstance(one, News)])
    for one in settles:
        if not isinstance(one, News):
            one()


@effect(CHARGE, probe=look_up, give_up=give_up, provider=provider, together=Together(prepare, settle))
def charge(order: Effect, /, *, now: datetime) -> Settle | None:
    """Charges the card of one attempt, unless that is through; raises Waits while there is no contract."""
    payment = _awaiting(order)
    if payment is None:
        return None
    if payment.payer_id is None or not payment.nonce:  # erased while it waited: nothing more goes to Braintree
        return partial(_drop, payment.pk, payment.attempt, now=now)
    require_contract(CODE, now=now)
    _note_try(payment, now=now)
    return _charge(payment, order, now=now)


def _charge(payment: CardPayment, order: Effect, *, now: datetime, calm: bool = False) -> Settle:
    try:
        answer = _ask(payment, now=now, calm=calm)
    except Refused as refusal:
        return _without_transaction(payment, refusal, order, now=now)
    return _with_transaction(payment, answer, now=now)


def _ask(payment: CardPayment, *, now: datetime, calm: bool) -> Charge:
    """Under the key of this attempt; without any where the account takes none, which is noted before the next try."""
    braintree, sale = Braintree.of_settings(), Sale(payment.pk, payment.amount, payment.nonce)
    try:
        with asking(CODE, now=now, calm=calm):
            return braintree.charge(sale, key="" if payment.keyless else f"sale:{payment.pk}:{payment.attempt}")
    except KeySpent as trouble:
        _note_try(payment, now=now, keyless=True)
        raise AnswerLost(trouble.sentence, look_after=SETTLES) from None
    except KeyNotAllowed:
        _note_try(payment, now=now, keyless=True)
    with asking(CODE, now=now):
        return braintree.charge(sale, key="")


def _note_try(payment: CardPayment, **more: datetime | bool) -> None:
    """Before the call, so that whoever comes after a lost answer knows when and how it was asked."""
    now = more.pop("now")
    CardPayment.objects.filter(pk=payment.pk).update(tried_at=now, **more)


def _with_transaction(payment: CardPayment, answer: Charge, *, now: datetime) -> Settle:
    compare(payment, answer)
    if is_taken(answer):
        return News(payment.pk, answer, now)
    if is_refused(answer):
        return partial(note_refusal, payment.pk, attempt=payment.attempt, answer=answer.refusal, now=now)
    if not is_duplicate(answer):
        raise AnswerLost("Braintree has not decided yet.", look_after=SETTLES)
    with asking(CODE, now=now):
        found = _found(payment, Braintree.of_settings())
    if found is None:
        raise AnswerLost("Braintree has charged the same before, but does not show it.", look_after=SETTLES)
    return News(payment.pk, found, now)


def _without_transaction(payment: CardPayment, refusal: Refused, order: Effect, *, now: datetime) -> Settle:
    """Nothing was charged, unless it was an earlier try of ours that used the one-time number up."""
    if _NONCE_CONSUMED in refusal.codes and order.attempts > 1:
        with asking(CODE, now=now):
            made = Braintree.of_settings().of_order(payment.pk)
        if (found := _charged(made)) is not None:
            return News(payment.pk, found, now)
        if not any(is_refused(one) for one in made):
            raise AnswerLost("The one-time number is used up, but no charge shows.", look_after=SETTLES)
    answer = f"refused:{refusal.codes[0] if refusal.codes else ''}"
    return partial(note_refusal, payment.pk, attempt=payment.attempt, answer=answer, now=now)


def _found(payment: CardPayment, braintree: Braintree) -> Charge | None:
    """The charge that Braintree made under our order number, if it made one."""
    return _charged(braintree.of_order(payment.pk))


def _charged(made: list[Charge]) -> Charge | None:
    return next((one for one in made if is_taken(one) and not one.refund_of), None)


def _may_ask(payment: CardPayment, *, now: datetime) -> bool:
    return bool(payment.nonce) and payment.payer_id is not None and bool(may_hand_over(CODE, now=now))


def _drop(number: UUID, attempt: int, *, now: datetime) -> None:
    with transaction.atomic():
        payment = CardPayment.objects.select_for_update().get(pk=number)
        if payment.attempt == attempt and payment.state in UNDERWAY:
            note_cancelled(payment, now=now)


def _awaiting(order: Effect) -> CardPayment | None:
    """The payment of this order while its attempt is not through."""
    rows = CardPayment.objects.filter(pk=_number(order), attempt=order.payload["attempt"], state__in=UNDERWAY)
    found: CardPayment | None = rows.first()
    return found


def _number(order: Effect) -> UUID:
    return UUID(order.payload["payment"])
