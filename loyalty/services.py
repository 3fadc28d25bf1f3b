"""Giving points for orders and taking them back with refunds: new ones on consent alone (policy clause 4, X10)."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Sum

from consent.queries import current_status, status
from consent.turns import take_turn
from datamap.catalogue import period
from datamap.gate import Decision
from datamap.standstill import without_restricted
from datamap.trace import Subject
from datamap.uses import NotPermitted, on_consent
from loyalty.models import PointsEntry
from loyalty.terms import PURPOSE, Kind, LoyaltyRefused, Purchase, Refund, Statement, checked, points_for
from vault.tokens import subject_token


def credit(person: Subject, purchase: Purchase, *, now: datetime) -> PointsEntry:
    """Enter the points of an order that was paid; the same order a second time gives the entry of the first.

    Raises NotPermitted without a consent that holds now and held when the order was paid, LoyaltyRefused for an order
    that is entered already with another amount or for somebody else, or for an account that is gone.
    """
    checked(purchase.amount)
    return _alone(person.user_id, lambda: _credit(person, purchase, now=now))


def take_back(refund: Refund, *, now: datetime) -> PointsEntry:
    """Take back the points of what was refunded, also after a withdrawal: it settles the contract, on no consent.

    The same refund a second time gives the entry of the first. Raises LoyaltyRefused where no points were given, where
    more goes back than was paid, or while the data of the person are restricted (Art. 18).
    """
    checked(refund.amount)
    if not refund.number:
        raise LoyaltyRefused("A refund has a number.")
    with transaction.atomic():
        earned = PointsEntry.objects.select_for_update().filter(order_number=refund.order, kind=Kind.EARNED).first()
        if earned is None:
            raise LoyaltyRefused("No points were given for this order.")
        if refund.at >= earned.ends_at:
            raise LoyaltyRefused("The points of this order count no longer.")
        if not without_restricted(PointsEntry.objects.filter(pk=earned.pk)).exists():
            raise LoyaltyRefused("The data of this person are restricted: the refund must wait.")
        return _taken_back(earned, refund)


def statement(user_id: UUID, *, now: datetime) -> Statement:
    """What an account has earned and what of it still counts."""
    entries = PointsEntry.objects.filter(subject_token=subject_token(user_id), ends_at__gt=now)
    balance = entries.aggregate(total=Sum("points"))["total"] or 0
    return Statement(balance, list(entries))


def _alone(user_id: UUID | None, write: Callable[[], PointsEntry]) -> PointsEntry:
    """Write while nobody decides about this person's consents, and while her account is not erased."""
    with transaction.atomic():
        accounts = get_user_model()._default_manager.select_for_update(no_key=True)
        if user_id is None or not accounts.filter(pk=user_id).exists():
            raise LoyaltyRefused("There is no such account (any more).")
        take_turn(subject_token(user_id))
        return write()


@on_consent("LOYALTY")
def _credit(person: Subject, purchase: Purchase, *, now: datetime) -> PointsEntry:
    """Enters the points of an order that was paid while the person took part."""
    whose = _whose(person)
    found = PointsEntry.objects.filter(order_number=purchase.order, kind=Kind.EARNED).first()
    if found is None:
        _require_consent_at(person, purchase.at)
        found = _entered(
            PointsEntry(
                subject_token=whose,
                kind=Kind.EARNED,
                order_number=purchase.order,
                amount=purchase.amount,
                points=points_for(purchase.amount),
                at=purchase.at,
                ends_at=_end_of(purchase.at),
                proof=_proof(person, now=now),
            )
        )
    if (found.subject_token, found.amount) != (whose, purchase.amount):
        raise LoyaltyRefused("This order was entered already, and otherwise.")
    return found


def _whose(person: Subject) -> str:
    if person.user_id is None:
        raise LoyaltyRefused("Points belong to an account.")
    return subject_token(person.user_id)


def _require_consent_at(person: Subject, at: datetime) -> None:
    """What somebody bought before she took part is nothing that the programme may look at."""
    if person.user_id is None or not status(person.user_id, PURPOSE, at=at).permits:
        raise NotPermitted(Decision(False, "the order is not of the time of the consent"))


def _proof(person: Subject, *, now: datetime) -> str:
    event = current_status(person.user_id, PURPOSE, now=now).event if person.user_id else None
    return f"{event._meta.label}:{event.pk}" if event else ""


def _taken_back(earned: PointsEntry, refund: Refund) -> PointsEntry:
    """So many that what is left are the points of what was paid in the end, however it went back."""
    before = PointsEntry.objects.filter(order_number=earned.order_number, kind=Kind.TAKEN_BACK)
    if (same := before.filter(refund_number=refund.number).first()) is not None:
        if same.amount != refund.amount:
            raise LoyaltyRefused("This refund was entered already, and otherwise.")
        return same
    sums = before.aggregate(amount=Sum("amount"), points=Sum("points"))
    kept = earned.amount - (sums["amount"] or Decimal(0)) - refund.amount
    if kept < 0:
        raise LoyaltyRefused("More goes back than was paid.")
    return _entered(
        PointsEntry(
            subject_token=earned.subject_token,
            kind=Kind.TAKEN_BACK,
            order_number=earned.order_number,
            refund_number=refund.number,
            amount=refund.amount,
            points=points_for(kept) - earned.points - (sums["points"] or 0),
            at=refund.at,
            # Together with what they are taken from: otherwise the one would count without the other.
            ends_at=earned.ends_at,
        )
    )


def _entered(entry: PointsEntry) -> PointsEntry:
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        # Two at once with one order, of two people: the other was first.
        raise LoyaltyRefused("This order was entered already, and otherwise.") from None
    return entry


def _end_of(at: datetime) -> datetime:
    end = period("LOYALTY_POINTS").ends_at(at)
    if end is None:
        raise TypeError("Points need a period with an end.")
    return end
