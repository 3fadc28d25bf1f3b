"""Listings that are shown first in their category because their seller paid Qlekta for it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.models.listings import Listing
from payments.payables import Payable
from vault.fields import SealedQuerySet, SealedTextField

PAYABLE = "placement"
"""What payments call a placement."""


class Placement(models.Model):
    """One placement: chosen, then paid for, then over. The row goes then, or with the account; the invoice stays.

    Whom the invoice is to name, where that is not the account's own name, is sealed under a key of the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="placements")
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="placements")
    service = models.CharField(_("service"), max_length=40)
    amount = models.DecimalField(_("price in euro"), max_digits=9, decimal_places=2)
    invoice_name = SealedTextField(_("name on the invoice"), max_length=200, blank=True, owner="id")
    invoice_registration = SealedTextField(_("registration number"), max_length=20, blank=True, owner="id")
    invoice_address = SealedTextField(_("address on the invoice"), max_length=300, blank=True, owner="id")
    chosen_at = models.DateTimeField(_("chosen at"))
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early at"), null=True, blank=True)
    # Of one that nobody pays for the end of the wait, else of the placement: then the row goes.
    ends_at = models.DateTimeField(_("until"), db_index=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = _("paid placement")
        verbose_name_plural = _("paid placements")
        base_manager_name = "objects"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="placement_costs_something"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("chosen_at")), name="placement_has_an_end"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(paid_at__isnull=False), name="placement_only_a_paid_one_ends_early"
            ),
            models.UniqueConstraint(
                fields=["listing"], condition=Q(paid_at=None), name="placement_one_choice_of_a_listing"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def payable(self) -> Payable:
        """What is to be paid, as payments see it."""
        return Payable(PAYABLE, self.pk, self.amount)

    def runs(self, *, now: datetime) -> bool:
        """Paid for, not over, and not paid back."""
        return self.paid_at is not None and self.ended_at is None and now < self.ends_at
