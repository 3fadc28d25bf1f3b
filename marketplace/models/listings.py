"""What somebody sells (policy clauses 8.5 and 14)."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.terms import Language
from marketplace.places import PLACES
from marketplace.terms import MOST, Category, ListingState

TITLE_LENGTH = 100
DESCRIPTION_LENGTH = 5000


class Listing(models.Model):
    """One thing for sale. Which contact details are shown beside it is not written here: the consents alone say it
    (`accounts.contacts`), so that a withdrawal has nothing left to undo (Q8.16).

    Without a seller it was written by somebody who has left: the text stays, and leads to nobody (Q14.7, Q14.8).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="listings")
    state = models.CharField(_("state"), max_length=10, choices=ListingState, default=ListingState.DRAFT)
    language = models.CharField(_("language of the text"), max_length=2, choices=Language, default=Language.LATVIAN)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    description = models.TextField(_("description"), max_length=DESCRIPTION_LENGTH)
    category = models.CharField(_("category"), max_length=12, choices=Category)
    price = models.DecimalField(
        _("price in euro"),
        max_digits=9,
        decimal_places=2,
        null=True,
        validators=[MinValueValidator(0), MaxValueValidator(MOST)],
    )
    place = models.CharField(_("place"), max_length=30, choices=PLACES, blank=True)
    created_at = models.DateTimeField(_("begun at"))
    published_at = models.DateTimeField(_("published at"), null=True)
    ends_at = models.DateTimeField(_("shown until"), null=True)
    words = SearchVectorField(_("words to be found by"), null=True, editable=False)

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=ListingState.PUBLISHED)
                | (
                    models.Q(published_at__isnull=False, ends_at__isnull=False, price__isnull=False)
                    & ~models.Q(place="")
                ),
                name="listing_published_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(price=None) | models.Q(price__gte=0, price__lte=MOST), name="listing_price_in_range"
            ),
        ]
        indexes = [
            GinIndex(fields=["words"], name="listing_words", condition=models.Q(state="published"), fastupdate=False),
            models.Index(fields=["-published_at", "-id"], name="listing_newest", condition=models.Q(state="published")),
            models.Index(fields=["price", "id"], name="listing_price", condition=models.Q(state="published")),
            models.Index(
                fields=["place", "-published_at", "-id"], name="listing_in_place", condition=models.Q(state="published")
            ),
            models.Index(
                fields=["category", "-published_at", "-id"],
                name="listing_in_category",
                condition=models.Q(state="published"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def is_open(self, *, now: datetime) -> bool:
        """True while it is offered: published, not past its end, and somebody sells it."""
        in_time = self.ends_at is not None and now < self.ends_at
        return self.state == ListingState.PUBLISHED and in_time and self.seller_id is not None
