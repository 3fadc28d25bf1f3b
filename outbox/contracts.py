"""Lets an effect wait while the contract with the processor who would get the data is not in force (Q8.6; Art. 28)."""

from datetime import datetime

from datamap.transfers import may_hand_over
from outbox.handlers import Waits


def require_contract(recipient: str, *, now: datetime) -> None:
    """Ask right before the hand-over. `recipient` is a code of the catalogue, empty for nobody outside. Raises Waits,
    and UnknownRecipient for a code that the catalogue does not have."""
    if recipient and not (decision := may_hand_over(recipient, now=now)):
        raise Waits(f"{recipient}: {decision.reason}")
