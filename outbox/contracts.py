"""Lets an effect wait while the contract with the processor who would get the data is not in force (Q8.6; Art. 28)."""

from datetime import datetime

from datamap.transfers import UnknownRecipient, may_hand_over
from outbox.handlers import Waits


def require_contract(recipient: str, *, now: datetime) -> None:
    """Ask right before the hand-over. `recipient` is a code of the catalogue, empty for nobody outside. Raises Waits,
    also for a recipient that the catalogue does not have: nobody has agreed anything with it."""
    if not recipient:
        return
    try:
        decision = may_hand_over(recipient, now=now)
    except UnknownRecipient:
        raise Waits(f"{recipient} is no recipient of the catalogue.") from None
    if not decision:
        raise Waits(f"{recipient}: {decision.reason}")
