"""What the programme is fed with and what it gives back: purchases, refunds, statements (policy clause 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from loyalty.models import PointsEntry

PURPOSE: Final = "LOYALTY"
EUROS_PER_POINT: Final = Decimal(1)
LARGEST_AMOUNT: Final = Decimal(1_000_000)


class Kind(TextChoices):
    """What an entry does to the balance."""

    EARNED = "earned", _("earned with an order")
    TAKEN_BACK = "taken_back", _("taken back with a refund")


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that was paid: its number, what was paid in euros, and when."""

    order: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that went back: the number of the order and of the refund, how much in euros, and when."""

    order: str
    number: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody has earned: the points that still count, and every entry, the newest first."""

    balance: int
    entries: Sequence["PointsEntry"]


class LoyaltyRefused(ValueError):
    """Nothing was entered; the message says why, without data about anybody."""


def points_for(amount: Decimal) -> int:
    """One point for each full euro."""
    return int((amount / EUROS_PER_POINT).to_integral_value(rounding=ROUND_DOWN))


def checked(amount: Decimal) -> Decimal:
    """The amount in euros and cents. Raises LoyaltyRefused for none, for less, and for parts of a cent."""
    if not amount.is_finite() or not 0 < amount <= LARGEST_AMOUNT or amount != amount.quantize(Decimal("0.01")):
        raise LoyaltyRefused("An amount is more than nothing, in euros and cents.")
    return amount
