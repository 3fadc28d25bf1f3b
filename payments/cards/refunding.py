"""Money back to a card: proposed by one of the staff, by two above a limit, carried out from the transaction's number.

Nothing here asks who paid: refunds and support work after the account is gone (policy clause 9.1; Q9.3).
"""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import trail
from audit.trail import Actor
from outbox.services import enqueue
from payments.amounts import exact
from payments.cards.recording import note_cancelled
from payments.models.cards import CHARGED, TAKES_A_CARD, CardPayment, CardRefund, RefundState

REFUND: Final = "payments.refund_card"

FOUR_EYES_ABOVE: Final = Decimal("100.00")
"""In euro and for one payment altogether: many small refunds do not get around the second person."""

_COUNT: Final = (RefundState.PROPOSED, RefundState.ORDERED, RefundState.UNCLEAR, RefundState.DONE)


class CannotRefund(Exception):
    """Base of why no money goes back; `message` is for the staff."""

    message = _("This refund is not possible.")


class NotCharged(CannotRefund):
    """There is no money to send back."""

    message = _("Nothing was charged, or it was taken back already.")


class TooMuch(CannotRefund):
    """More than is left of the payment."""

    message = _("This is more than is left of the payment.")


class NeedsAnother(CannotRefund):
    """The second person must be another one."""

    message = _("A second person must agree: you proposed it yourself.")


class Decided(CannotRefund):
    """Somebody was faster."""

    message = _("This refund was decided already.")


def left_of(payment: CardPayment) -> Decimal:
    """What can still be sent back."""
    return payment.amount - _sum_of(payment)


def left_for(kind: str, payable_id: UUID) -> Decimal:
    """What was paid by card for this thing, less what went back or is on its way."""
    charged = CardPayment.objects.filter(payable_kind=kind, payable_id=payable_id, state__in=CHARGED)
    return sum((left_of(payment) for payment in charged), Decimal(0))


def not_back(kind: str, payable_id: UUID) -> Decimal:
    """What was to go back for this thing and failed, and nothing was tried since: it is not the seller's either."""
    rows = failed().filter(payment__payable_kind=kind, payment__payable_id=payable_id)
    return rows.aggregate(amount=Sum("amount"))["amount"] or Decimal(0)


def failed() -> QuerySet[CardRefund]:
    """Refunds that did not arrive, whose money is here still, and after which no other was proposed."""
    later = CardRefund.objects.filter(payment=OuterRef("payment"), proposed_at__gt=OuterRef("proposed_at"))
    refused = CardRefund.objects.filter(state=RefundState.REFUSED, payment__state__in=CHARGED)
    return refused.filter(~Exists(later.filter(state__in=_COUNT)))


def call_off(kind: str, payable_id: UUID, *, reason: str, now: datetime) -> None:
    """Nothing is to be paid for this thing any more: what was not charged is cancelled, what was charged goes back,
    without anybody's decision. In the caller's transaction; asked twice it goes back once.

    While a card is being charged nothing happens: who hears of that money then calls this again (`Teller.paid`).
    """
    with transaction.atomic():
        rows = CardPayment.objects.select_for_update().filter(payable_kind=kind, payable_id=payable_id)
        for payment in rows.filter(state__in=(*TAKES_A_CARD, *CHARGED)):
            if payment.state in TAKES_A_CARD:
                note_cancelled(payment, now=now)
            elif left := left_of(payment):
                refund = CardRefund.objects.create(payment=payment, amount=left, reason=reason[:200], proposed_at=now)
                _record("refund.proposed", refund, Actor.system("payments"), reason=reason, now=now)
                _order(refund, now=now)


def propose(payment: CardPayment, amount: Decimal, *, by: User, reason: str, now: datetime) -> CardRefund:
    """Send `amount` back; at once where it is small, after a second person agreed where it is not.

    Raises NoAmount, NotCharged, TooMuch.
    """
    amount = exact(amount)
    with transaction.atomic():
        held: CardPayment = CardPayment.objects.select_for_update().get(pk=payment.pk)
        if held.state not in CHARGED:
            raise NotCharged
        if amount > left_of(held):
            raise TooMuch
        by_two = _sum_of(held) + amount > FOUR_EYES_ABOVE
        refund = CardRefund.objects.create(
            payment=held, amount=amount, reason=reason[:200], proposed_by=by.pk, proposed_at=now
        )
        _record("refund.proposed", refund, Actor.of(by), reason=reason, now=now)
        if not by_two:
            _order(refund, now=now)
    return refund


def agree(number: UUID, *, by: User, now: datetime) -> CardRefund:
    """The second person lets it go. Raises NeedsAnother, Decided."""
    with transaction.atomic():
        refund = _proposed(number, by)
        refund.decided_by, refund.decided_at = by.pk, now
        _record("refund.agreed", refund, Actor.of(by), reason=refund.reason, now=now)
        _order(refund, now=now)
    return refund


def decline(number: UUID, *, by: User, now: datetime) -> CardRefund:
    """The second person does not. Raises NeedsAnother, Decided."""
    with transaction.atomic():
        refund = _proposed(number, by)
        refund.state, refund.decided_by, refund.decided_at = RefundState.DECLINED, by.pk, now
        refund.save()
        _record("refund.declined", refund, Actor.of(by), reason=refund.reason, now=now)
    return refund


def _proposed(number: UUID, by: User) -> CardRefund:
    refund = CardRefund.objects.select_for_update().get(pk=number)
    if refund.state != RefundState.PROPOSED:
        raise Decided
    if refund.proposed_by == by.pk:
        raise NeedsAnother
    return refund


def _order(refund: CardRefund, *, now: datetime) -> None:
    refund.state = RefundState.ORDERED
    refund.save()
    enqueue(REFUND, aggregate=f"card:{refund.payment_id}", payload={"refund": str(refund.pk)}, now=now)


def _sum_of(payment: CardPayment) -> Decimal:
    rows = payment.refunds.filter(state__in=_COUNT)
    return rows.aggregate(amount=Sum("amount"))["amount"] or Decimal(0)


def _record(action: str, refund: CardRefund, actor: Actor, *, reason: str, now: datetime) -> None:
    payer = refund.payment.payer_id if refund.payment is not None else None
    trail.record(action, actor=actor, subject=payer, about=refund, reason=reason, details={}, now=now)
