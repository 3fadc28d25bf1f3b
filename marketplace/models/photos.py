"""Photos of listings, and which of their files must go (clauses Q2.1, Q14.9).

A file lies in the storage as long as its row stands: whatever deletes the row, a trigger notes in the same transaction
that the files must follow, and nothing takes the note away before they are gone.
"""

import uuid
from typing import Final

from django.db import models
from django.db.models import Deferrable, Q
from django.utils.translation import gettext_lazy as _

from marketplace.models.listings import Listing

MOST_PHOTOS: Final = 10
WORDS_LENGTH: Final = 150


class ListingPhoto(models.Model):
    """One photo. Its number is random and names its two files; it says nothing of the seller."""

    id = models.UUIDField(_("number of the photo"), primary_key=True, default=uuid.uuid4, editable=False)
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="photos")
    position = models.PositiveSmallIntegerField(_("place in the row"))
    words = models.CharField(_("what the photo shows"), max_length=WORDS_LENGTH, blank=True)
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        default_permissions = ()
        ordering = ["position"]
        constraints = [
            # Checked at the end of a transaction, so that two photos can change places.
            models.UniqueConstraint(
                fields=["listing", "position"], name="photo_one_in_each_place", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST_PHOTOS), name="photo_among_the_most"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class GoneFile(models.Model):
    """The photo of this number is no more: its files must go. Written by a trigger, in no other way."""

    photo = models.UUIDField(primary_key=True, editable=False)
    gone_at = models.DateTimeField(editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.photo)
