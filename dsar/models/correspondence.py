"""What the person and we wrote to each other about a request, and what staff noted for themselves."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar.models.requests import SubjectRequest
from dsar.terms import Direction
from vault.fields import SealedTextField

LONGEST_MESSAGE = 20_000


class CaseMessage(models.Model):
    """One message, sealed under the key of its request; the person's page shows all but the notes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="messages")
    direction = models.CharField(_("direction"), max_length=12, choices=Direction.choices)
    text = SealedTextField(_("text"), max_length=LONGEST_MESSAGE, owner="case_id")
    at = models.DateTimeField(_("written"))
    by = models.UUIDField(_("written by"), null=True, blank=True, editable=False)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("message of a case")
        verbose_name_plural = _("messages of cases")
        ordering = ["at", "id"]
        indexes = [models.Index("case", "at", name="dsar_correspondence")]

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"
