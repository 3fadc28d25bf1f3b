"""Amounts of money in euro: exact, positive, with two digits (no float ever becomes money)."""

from decimal import Decimal
from typing import Final

CURRENCY: Final = "EUR"
MOST: Final = Decimal("9999999.99")
_CENT: Final = Decimal("0.01")


class NoAmount(ValueError):
    """This is no amount of money that can be paid."""


def exact(amount: Decimal) -> Decimal:
    """The amount in euro with two digits. Raises NoAmount for a float, nothing, less than nothing, parts of a cent,
    what is no number, and more than MOST."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise NoAmount(type(amount).__name__)
    if not 0 < amount <= MOST or amount != amount.quantize(_CENT):
        raise NoAmount(str(amount))
    return amount.quantize(_CENT)
