"""What the outbox does for cookies: carries a withdrawal to Google, once, and forgets the number (Art. 7(3), 17)."""

from datetime import datetime
from functools import partial
from typing import Final

from cookies.google import CODE, Google, is_ordered
from outbox.contracts import require_contract
from outbox.gates import asking
from outbox.handlers import Settle, Waits, effect
from outbox.models import Effect

DELETE: Final = "cookies.delete_at_google"
NUMBER: Final = "browser"


@effect(DELETE, provider=lambda: CODE)
def delete_at_google(order: Effect, /, *, now: datetime) -> Settle | None:
    """Have Google delete what it counted of one browser; raises Waits without a contract or an account."""
    if NUMBER not in order.payload:
        return None
    if not is_ordered():
        raise Waits("The settings name no account at Google any more.")
    require_contract(CODE, now=now)
    with asking(CODE, now=now):
        Google.of_settings().delete(order.payload[NUMBER], now=now)
    return partial(_forget, order)


def _forget(order: Effect) -> None:
    Effect.objects.filter(pk=order.pk).update(payload={})
