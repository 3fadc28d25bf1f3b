"""What is written down about points: one entry for each order and each refund, never changed (policy clause 4)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.terms import Kind

NUMBER_LENGTH = 40


class PointsEntry(models.Model):
    """Points earned with an order, or taken back with a refund of it.

    Without a foreign key: what somebody has earned is a right from a contract and outlives the account for its term,
    under a keyed pseudonym. A trigger lets no row be changed.
    """

    subject_token = models.CharField(_("whose"), max_length=64, db_index=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    order_number = models.CharField(_("order"), max_length=NUMBER_LENGTH)
    refund_number = models.CharField(_("refund"), max_length=NUMBER_LENGTH, blank=True, default="")
    amount = models.DecimalField(_("amount, EUR"), max_digits=10, decimal_places=2)
    points = models.IntegerField(_("points"))
    at = models.DateTimeField(_("at"))
    ends_at = models.DateTimeField(_("counts until"), db_index=True)
    # The consent event that it was earned on, as `consent.ConsentEvent:17`.
    proof = models.CharField(_("consent"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("points")
        verbose_name_plural = _("points")
        ordering = ["-at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["order_number", "refund_number"], name="loyalty_entry_once"),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.EARNED, refund_number="", points__gte=0)
                | (models.Q(kind=Kind.TAKEN_BACK, points__lte=0) & ~models.Q(refund_number="")),
                name="loyalty_entry_is_of_its_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0) & models.Q(ends_at__gt=models.F("at")), name="loyalty_entry_has_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
