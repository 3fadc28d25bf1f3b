"""After a restore: what waits may have been done since the backup, and is looked up first (Q10.9)."""

from datetime import datetime

from outbox.services import look_up_waiting
from payments.cards.disputing import ANSWER
from payments.cards.effects import CHARGE
from payments.cards.refunding import REFUND
from payments.escrow.services import ACT, CREATE
from payments.escrow.settling import CANCEL
from replay.kinds import afterwards


@afterwards
def look_up_what_waits_at_escrow(*, now: datetime) -> None:
    """Payments ordered and steps pressed; where they stand the next comparison reads."""
    for kind in (CREATE, ACT, CANCEL):
        look_up_waiting(kind)


@afterwards
def look_up_what_waits_at_braintree(*, now: datetime) -> None:
    """Charges and refunds; those whose order the backup does not have, the next comparison finds."""
    for kind in (CHARGE, REFUND, ANSWER):
        look_up_waiting(kind)
