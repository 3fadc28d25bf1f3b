"""What buyers say about a seller after a finished order (policy clause 14)."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.models.orders import Order
from marketplace.models.removable import Removable

NAME_LENGTH = 40
FEEDBACK_LENGTH = 1000
STARS = 5


class Standing(models.Model):
    """What buyers said about one seller, as a whole: it goes with the seller, and all that was said goes with it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="standing")

    class Meta:
        verbose_name = _("standing of a seller")
        verbose_name_plural = _("standings of sellers")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class Feedback(Removable):
    """One buyer's word, under a name chosen for it. Without an author it was written by somebody who has left: it
    stays as long as the seller does, and leads to nobody (Q14.7, Q14.8). Removed, it counts for nothing (Q14.6)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    standing = models.ForeignKey(Standing, models.CASCADE, related_name="feedback")
    order = models.OneToOneField(Order, models.SET_NULL, null=True, related_name="feedback")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(_("name shown"), max_length=NAME_LENGTH, blank=True)
    stars = models.PositiveSmallIntegerField(_("stars"), validators=[MinValueValidator(1), MaxValueValidator(STARS)])
    text = models.TextField(_("text"), max_length=FEEDBACK_LENGTH, blank=True)
    published_at = models.DateTimeField(_("published at"))

    class Meta(Removable.Meta):
        verbose_name = _("feedback on a seller")
        verbose_name_plural = _("feedback on sellers")
        ordering = ["-published_at", "id"]
        default_permissions = ()
        constraints = [
            *Removable.Meta.constraints,
            models.CheckConstraint(condition=models.Q(stars__gte=1, stars__lte=STARS), name="feedback_stars_in_range"),
        ]
        indexes = [models.Index(fields=["standing", "-published_at"], name="feedback_on_seller")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def bright(self) -> range:
        """One for each star."""
        return range(self.stars)
