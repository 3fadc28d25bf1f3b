"""What was corrected, from what to what (Art. 16)."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar.models.requests import SubjectRequest
from vault.fields import SealedTextField


class Correction(models.Model):
    """One value of one row, before and after, sealed under the key of the request."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="corrections")
    table = models.CharField(_("table"), max_length=100)
    field = models.CharField(_("field"), max_length=100)
    before = SealedTextField(_("before"), max_length=2000, blank=True, owner="case_id")
    after = SealedTextField(_("after"), max_length=2000, blank=True, owner="case_id")
    at = models.DateTimeField(_("corrected"))
    by = models.UUIDField(_("corrected by"), editable=False)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.table}.{self.field}"
