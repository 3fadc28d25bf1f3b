"""Money at Braintree that no payment knows: it goes back, or belongs to a payment; by two people above the limit.

What goes back becomes a payment of its own first, for nothing and by nobody: so it is refunded as every other is.
"""

import re
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import trail
from audit.trail import Actor
from payments.amounts import CURRENCY
from payments.cards.gateway import Charge
from payments.cards.recording import is_taken, take
from payments.cards.refund_effects import note_refund
from payments.cards.refunding import FOUR_EYES_ABOVE, CannotRefund, NeedsAnother, left_of, propose
from payments.models.cards import (
    NEVER_CHARGED,
    CardPayment,
    CardReconciliation,
    CardRefund,
    PaymentState,
    RefundState,
)
from payments.models.orphans import UNDECIDED, CardOrphan, OrphanState
from payments.payables import register

KIND: Final = "orphan"
_ORDER: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_FREE: Final = (*NEVER_CHARGED, PaymentState.UNCLEAR)


class CannotDecide(CannotRefund):
    """Somebody was faster, or it is none that this can be decided of."""

    message = _("This was decided already, or cannot be decided so.")


class DoesNotFit(CannotRefund):
    """The payment named is not one to which it can belong."""

    message = _("This payment is for another amount, is paid already, or is being charged.")


class OrphanMoney:
    """Hears of money that is for nothing; nobody waits for the news but those who look at its page."""

    def page(self, payable: UUID) -> str:
        return reverse("admin:payments_cardorphan_change", args=[payable])

    def paid(self, payable: UUID, *, now: datetime) -> None: ...

    def not_paid(self, payable: UUID, *, now: datetime) -> None: ...

    def paid_back(self, payable: UUID, *, amount: Decimal, now: datetime) -> None: ...

    def accepted(self, payable: UUID, *, now: datetime) -> None: ...

    def not_paid_back(self, payable: UUID, *, now: datetime) -> None: ...


def note(charge: Charge, run: CardReconciliation, *, now: datetime) -> bool:
    """Keep what the night has found; False where an earlier one had."""
    kept = {"status": charge.status[:40]}
    more = {
        "refund_of": charge.refund_of,
        "amount": charge.amount,
        "currency": charge.currency[:3],
        "order": charge.order if _ORDER.fullmatch(charge.order) else "",
        "made_at": charge.created_at,
        "found_at": now,
        "found_in": run,
    }
    _orphan, is_new = CardOrphan.objects.update_or_create(
        transaction_id=charge.id, defaults=kept, create_defaults=kept | more
    )
    return is_new


def follow(charge: Charge) -> None:
    """Nothing is left to decide where Braintree itself undid it since."""
    if not is_taken(charge):
        undecided = CardOrphan.objects.filter(transaction_id=charge.id, state__in=UNDECIDED)
        undecided.update(state=OrphanState.GONE, status=charge.status[:40])


def send_back(number: UUID, *, by: User, reason: str, now: datetime) -> CardRefund:
    """It goes back to the card it came from; a second person agrees on the page of the refund, above the limit.

    Raises CannotDecide, NoAmount.
    """
    with transaction.atomic():
        orphan = _open(number)
        if orphan.refund_of or orphan.currency != CURRENCY:
            raise CannotDecide
        moment = orphan.made_at or orphan.found_at
        payment = CardPayment.objects.create(
            payable_kind=KIND,
            payable_id=orphan.pk,
            amount=orphan.amount,
            state=PaymentState.PAID,
            transaction_id=orphan.transaction_id,
            status=orphan.status,
            began_at=moment,
            paid_at=moment,
            changed_at=now,
        )
        orphan.state, orphan.payment, orphan.proposed_by = OrphanState.BACK, payment, by.pk
        _decide(orphan, by, reason=reason, now=now)
        return propose(payment, orphan.amount, by=by, reason=reason, now=now)


def book(number: UUID, payment: UUID, *, by: User, reason: str, now: datetime) -> CardOrphan:
    """It belongs to this payment, for this reason; above the limit only when a second person agrees.

    Raises CannotDecide, DoesNotFit.
    """
    with transaction.atomic():
        orphan = _open(number)
        orphan.payment = _fitting(orphan, payment)
        orphan.proposed_by, orphan.reason = by.pk, reason[:200]
        if orphan.amount > FOUR_EYES_ABOVE:
            orphan.state = OrphanState.PROPOSED
            orphan.save()
            _record("orphan.proposed", orphan, by, now=now)
        else:
            _book(orphan, by, now=now)
    return orphan


def agree(number: UUID, *, by: User, now: datetime) -> CardOrphan:
    """The second person thinks so too. Raises CannotDecide, NeedsAnother, DoesNotFit."""
    with transaction.atomic():
        orphan = _proposed(number, by)
        orphan.decided_by = by.pk
        if orphan.payment_id is None:
            raise DoesNotFit
        orphan.payment = _fitting(orphan, orphan.payment_id)
        _book(orphan, by, now=now)
    return orphan


def decline(number: UUID, *, by: User, now: datetime) -> CardOrphan:
    """The second person does not: it is to be decided anew. Raises CannotDecide, NeedsAnother."""
    with transaction.atomic():
        orphan = _proposed(number, by)
        _record("orphan.declined", orphan, by, now=now)
        orphan.state, orphan.payment, orphan.proposed_by, orphan.reason = OrphanState.OPEN, None, None, ""
        orphan.save()
    return orphan


def _open(number: UUID) -> CardOrphan:
    orphan = CardOrphan.objects.select_for_update().get(pk=number)
    if orphan.state != OrphanState.OPEN:
        raise CannotDecide
    return orphan


def _proposed(number: UUID, by: User) -> CardOrphan:
    orphan = CardOrphan.objects.select_for_update(of=("self",)).select_related("payment").get(pk=number)
    if orphan.state != OrphanState.PROPOSED:
        raise CannotDecide
    if orphan.proposed_by == by.pk:
        raise NeedsAnother
    return orphan


def _fitting(orphan: CardOrphan, number: UUID) -> CardPayment:
    """The payment, locked, where it can be what this money is for, or was taken from."""
    payment: CardPayment | None = CardPayment.objects.select_for_update().filter(pk=number).first()
    if payment is None or orphan.currency != CURRENCY:
        raise DoesNotFit
    if orphan.refund_of:
        fits = payment.transaction_id == orphan.refund_of and orphan.amount <= left_of(payment)
    else:
        fits = payment.state in _FREE and payment.amount == orphan.amount
    if not fits:
        raise DoesNotFit
    return payment


def _book(orphan: CardOrphan, by: User, *, now: datetime) -> None:
    """Record the money where it belongs; whoever hears of that payment hears of it."""
    payment, charge = orphan.payment, _as_charge(orphan)
    if payment is None:
        raise DoesNotFit
    orphan.state = OrphanState.BOOKED
    _decide(orphan, by, reason=orphan.reason, now=now)
    try:
        with transaction.atomic():
            if orphan.refund_of:
                note_refund(_refund(orphan, payment, now=now).pk, charge, now=now)
            else:
                take(payment, charge, now=now)
    except IntegrityError:  # the same thing is paid for by another payment
        raise DoesNotFit from None


def _refund(orphan: CardOrphan, payment: CardPayment, *, now: datetime) -> CardRefund:
    made = {"reason": orphan.reason, "proposed_by": orphan.proposed_by, "decided_by": orphan.decided_by}
    return CardRefund.objects.create(
        payment=payment, amount=orphan.amount, state=RefundState.ORDERED, proposed_at=now, decided_at=now, **made
    )


def _decide(orphan: CardOrphan, by: User, *, reason: str, now: datetime) -> None:
    orphan.reason, orphan.decided_at = reason[:200], now
    orphan.save()
    _record(f"orphan.{orphan.state}", orphan, by, now=now)


def _record(action: str, orphan: CardOrphan, by: User, *, now: datetime) -> None:
    payer = orphan.payment.payer_id if orphan.payment is not None else None
    trail.record(action, actor=Actor.of(by), subject=payer, about=orphan, reason=orphan.reason, details={}, now=now)


def _as_charge(orphan: CardOrphan) -> Charge:
    return Charge(
        id=orphan.transaction_id,
        order=orphan.order,
        amount=orphan.amount,
        currency=orphan.currency,
        status=orphan.status,
        refund_of=orphan.refund_of,
        dispute="",
        refusal="",
        created_at=orphan.made_at,
    )


register(KIND, OrphanMoney())
