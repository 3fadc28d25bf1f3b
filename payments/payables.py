"""What can be paid for, and who is told what became of the money; other apps name theirs in their own `payables.py`.

Payments stand below the marketplace and know neither orders nor listings: a payable is a kind, an id and an amount.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Payable:
    """What somebody pays for: its kind ("order"), its id there, and the amount in euro."""

    kind: str
    id: UUID
    amount: Decimal


class Teller(Protocol):
    """Hears what became of the money; each method runs in the transaction that records it, and may hear it twice."""

    def page(self, payable: UUID) -> str:
        """The address, within the site, where the person sees what she pays for."""

    def paid(self, payable: UUID, *, now: datetime) -> None:
        """The money is there, or certain to come."""

    def not_paid(self, payable: UUID, *, now: datetime) -> None:
        """The try failed for good: declined, refused or cancelled. The person may try again."""

    def paid_back(self, payable: UUID, *, amount: Decimal, now: datetime) -> None:
        """So much of it is on its way back to who paid."""

    def accepted(self, payable: UUID, *, now: datetime) -> None:
        """Who paid has accepted what arrived, or its holder has paid the money out: it does not come back."""

    def not_paid_back(self, payable: UUID, *, now: datetime) -> None:
        """What was to go back did not arrive there: it was refused, at once or later. Staff see to it."""


class UnknownPayable(LookupError):
    """Nobody here takes money for this kind of thing."""


_tellers: dict[str, Teller] = {}


def register(kind: str, teller: Teller) -> None:
    """Name who is told about payments for `kind`; ValueError where somebody else is already."""
    if kind in _tellers:
        raise ValueError(f"Payments for {kind!r} are told to somebody already.")
    _tellers[kind] = teller


def teller_of(kind: str) -> Teller:
    """Who is told about payments for `kind`; UnknownPayable where nobody is."""
    try:
        return _tellers[kind]
    except KeyError:
        raise UnknownPayable(kind) from None
