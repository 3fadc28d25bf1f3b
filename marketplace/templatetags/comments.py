"""The comments under a listing, with what the reader can do about each (policy clause 14)."""

from typing import Any

from django import template
from django.utils import timezone

from marketplace.commenting import comments_under
from marketplace.models import Listing

register = template.Library()


@register.inclusion_tag("marketplace/comments.html", takes_context=True)
def comments_of(context: dict[str, Any], listing: Listing) -> dict[str, Any]:
    """What everybody reads, and the buttons of whoever wrote it; no number of an account reaches the page."""
    user = context.get("user")
    reader = user.pk if user is not None and user.is_authenticated else None
    found = [(one, reader is not None and one.user_id == reader) for one in comments_under(listing)]
    return {
        "comments": found,
        "listing": listing,
        "is_open": listing.is_open(now=timezone.now()),
        "csrf_token": context.get("csrf_token", ""),
    }
