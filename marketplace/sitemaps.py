"""What programs that make search engines may list: what is offered now, and nobody's name (sitemaps.org)."""

from datetime import datetime
from typing import Any, Final

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from marketplace.models import Listing
from marketplace.searching import open_listings


class Listings(Sitemap):
    """The open listings, the newest first; what is closed or blocked is not on it from that moment on."""

    limit = 10_000
    changefreq = "weekly"

    def items(self) -> QuerySet[Listing]:
        return open_listings(now=timezone.now()).only("pk", "published_at").order_by("-published_at", "-id")

    def location(self, item: Any) -> str:
        return reverse("marketplace:listing", args=[item.pk])

    def lastmod(self, item: Listing) -> datetime | None:
        return item.published_at


SITEMAPS: Final[dict[str, type[Sitemap]]] = {"listings": Listings}
