"""What was sold stands with the payment, not with the people: it goes while their part still leads there (Q9.9)."""

from typing import Any

from django.db.models import QuerySet

from payments.models.escrow import EscrowDeal


def blank_deals(sides: QuerySet[Any]) -> None:
    """Take the title and the page to pay on out of the payments of these sides. For `cleans_with`."""
    deals = EscrowDeal.objects.filter(sides__in=sides.order_by().values("pk"))
    EscrowDeal.objects.filter(pk__in=deals.values("pk")).update(title="", payment_page="")
