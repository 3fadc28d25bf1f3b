"""The tax within a price: to the cent, and the parts always make the whole (VAT Law s. 41)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from payments.amounts import exact

_CENT: Final = Decimal("0.01")


class Parts(NamedTuple):
    """An amount without the tax, and the tax."""

    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def split(gross: Decimal, percent: Decimal) -> Parts:
    """What of a price is the tax of so many per cent; half a cent goes up. Raises NoAmount."""
    whole = exact(gross)
    net = (whole * 100 / (100 + percent)).quantize(_CENT, ROUND_HALF_UP)
    return Parts(net, whole - net)


def next_part(taken: Parts, gross: Decimal, percent: Decimal) -> Parts:
    """The parts of `gross` that goes back after `taken` went: counted from the sum, so that in the end all of it is
    back to the cent, in however many parts."""
    until_now = split(taken.gross + exact(gross), percent)
    return Parts(until_now.net - taken.net, until_now.vat - taken.vat)
