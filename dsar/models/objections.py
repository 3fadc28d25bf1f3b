"""What a person objected to, and whether compelling grounds were found against it (Art. 21)."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vault.fields import SealedTextField


class Objection(models.Model):
    """One purpose on legitimate interests that stopped for one person, as long as the account lives; without one, for
    who reads the mail at an address, by its keyed token.

    It stands from the moment it arrives; only compelling grounds, proposed by one member of the staff and found good
    by another, let the processing go on (Art. 21(1)). They are sealed under `sealed_under`: the account, or the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    email_token = models.CharField(
        _("token of the address"), max_length=64, blank=True, default="", db_index=True, editable=False
    )
    sealed_under = models.UUIDField(editable=False)
    purpose = models.CharField(_("purpose"), max_length=40)
    case_number = models.CharField(_("case number"), max_length=24)
    at = models.DateTimeField(_("stands since"))
    grounds = SealedTextField(_("compelling grounds"), max_length=2000, blank=True, owner="sealed_under")
    proposed_by = models.UUIDField(_("proposed by"), null=True, blank=True, editable=False)
    overruled_by = models.UUIDField(_("found good by"), null=True, blank=True, editable=False)
    overruled_at = models.DateTimeField(_("overruled"), null=True, blank=True)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=Q(overruled_at__isnull=True), name="dsar_one_objection_a_purpose"
            ),
            models.UniqueConstraint(
                fields=["email_token", "purpose"],
                condition=Q(overruled_at__isnull=True, user__isnull=True),
                name="dsar_one_objection_an_address",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(email_token=""), name="dsar_objection_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(overruled_at__isnull=True, overruled_by__isnull=True)
                | (
                    Q(overruled_at__isnull=False, proposed_by__isnull=False, overruled_by__isnull=False)
                    & ~Q(proposed_by=F("overruled_by"))
                    & ~Q(grounds="")
                ),
                name="dsar_overruled_by_two_on_grounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
