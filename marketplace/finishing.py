"""Orders paid by card that the two do not bring to an end: who says nothing, and who has left (clauses 8.2.2, 9)."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from marketplace.models import Order
from marketplace.money import SILENCE, give_back
from marketplace.ordering import complete, tell
from marketplace.terms import OrderState, Payment

logger = logging.getLogger(__name__)


def finish_orders(*, now: datetime) -> int:
    """End what nobody ends: sent and silent is done, and the money the seller's; left before it was sent is off, and
    the money goes back. Returns how many."""
    paid = Order.objects.filter(payment=Payment.CARD, paid_at__isnull=False, paid_back_at=None)
    silent = paid.filter(state=OrderState.SENT, changed_at__lte=now - SILENCE)
    left = paid.filter(state=OrderState.ACCEPTED).annotate(sides=Count("parties")).filter(sides__lt=2)
    return sum(_each(silent, OrderState.DONE, now=now)) + sum(_each(left, OrderState.CANCELLED, now=now))


def _each(found: QuerySet[Order], ends: OrderState, *, now: datetime) -> list[bool]:
    return [_end(order, ends, now=now) for order in found.order_by("changed_at")]


@transaction.atomic
def _end(order: Order, ends: OrderState, *, now: datetime) -> bool:
    """False where one of the two was faster."""
    rows = Order.objects.filter(pk=order.pk, state=order.state, paid_at=order.paid_at, paid_back_at=None)
    if not rows.update(state=ends, changed_at=now):
        return False
    if ends is OrderState.DONE:
        readers = complete(order, now=now)
        news = _("Nobody has said anything since it was sent, so the order counts as done.")
    else:
        give_back(order, now=now)
        readers = [side.user for side in order.parties.select_related("user")]
        news = _("The other person has left Qlekta before it was sent: the order is cancelled.")
    for reader in readers:
        tell(reader, order, news, now=now)
    logger.info("marketplace.order_ended", extra={"order": str(order.pk), "state": str(ends)})
    return True
