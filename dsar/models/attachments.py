"""Files of a request, each sealed under a key of its own, and the asking for an identity document (Art. 12(6), 32)."""

from typing import Final
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar.models.requests import SubjectRequest
from dsar.terms import AttachmentPurpose, CameBy, FileKind, WhyDestroyed
from vault.fields import SealedTextField

LONGEST_NAME: Final = 150


class DocumentAsk(models.Model):
    """That an identity document was asked for, by whom, and why nothing lighter was enough (clauses.md D8, D9).

    Without an open one no document is taken (security I9); the database opens none for who was logged in (D7).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="document_asks")
    why = SealedTextField(_("why nothing lighter was enough"), max_length=1000, owner="case_id")
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.UUIDField(_("asked by"), editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("asking for an identity document")
        verbose_name_plural = _("askings for identity documents")
        default_permissions = ()
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(settled_at__isnull=True), name="dsar_one_open_ask"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Attachment(models.Model):
    """One file. Its key is its own `id`: whoever destroys that key has destroyed name and content in every backup too.

    The row outlives its content, so that the request shows that something was destroyed, when and why, and not what.
    """

    id = models.UUIDField(_("number of the file"), primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(SubjectRequest, models.CASCADE, related_name="attachments")
    ask = models.ForeignKey(DocumentAsk, models.CASCADE, null=True, blank=True, related_name="documents")
    purpose = models.CharField(_("what it is for"), max_length=10, choices=AttachmentPurpose.choices)
    came_by = models.CharField(_("how it came"), max_length=10, choices=CameBy.choices)
    name = SealedTextField(_("name of the file"), max_length=LONGEST_NAME, blank=True, owner="id")
    kind = models.CharField(_("kind by its content"), max_length=5, choices=FileKind.choices)
    size = models.BigIntegerField(_("size in bytes"))
    file_name = models.CharField(max_length=120, blank=True, editable=False)
    received_at = models.DateTimeField(_("received"))
    added_by = models.UUIDField(_("added by"), null=True, blank=True, editable=False)
    destroyed_at = models.DateTimeField(_("destroyed"), null=True, blank=True)
    destroyed_because = models.CharField(_("why destroyed"), max_length=10, choices=WhyDestroyed.choices, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of a request")
        verbose_name_plural = _("files of requests")
        default_permissions = ()
        ordering = ["received_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True, destroyed_because="") & ~Q(file_name="")
                | Q(destroyed_at__isnull=False, file_name="") & ~Q(destroyed_because=""),
                name="dsar_file_or_destroyed",
            ),
            models.CheckConstraint(
                condition=~Q(purpose=AttachmentPurpose.IDENTITY) | Q(ask__isnull=False) | Q(destroyed_at__isnull=False),
                name="dsar_no_document_unasked",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def context(self) -> str:
        """To what the sealed file is bound."""
        return f"dsar_attachment|file|{self.pk}"

    @property
    def is_there(self) -> bool:
        return self.destroyed_at is None
