"""Orders the hand-over of letters that lie sealed in their rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from mailing.models import OutgoingMessage
from outbox.services import Order, enqueue_many

DELIVER: Final = "mailing.deliver"


def order_delivery(messages: Sequence[OutgoingMessage], *, now: datetime, look_up_first: bool = False) -> None:
    """In the transaction that writes the rows; `look_up_first` as in `outbox.services.enqueue_many`."""
    orders = [Order(f"message:{item.pk}", {"message": str(item.pk)}, item.user_id) for item in messages]
    enqueue_many(DELIVER, orders, now=now, look_up_first=look_up_first)
