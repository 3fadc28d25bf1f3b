"""What a seller who leaves wrote stands in more places than the listing: orders and conversations about it (Q14.9)."""

from typing import Any

from django.db.models import QuerySet

from marketplace.contacts_in_text import black_out
from marketplace.models import Conversation, Order


def black_out_listings(listings: QuerySet[Any]) -> None:
    """Take contact details out of listings, and out of their titles wherever these were noted. For `cleans_with`."""
    for model in (Order, Conversation):
        black_out(model._default_manager.filter(listing__in=listings.order_by().values("pk")))
    black_out(listings)
