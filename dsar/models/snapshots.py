"""What a purge would take before an answer can be due, set aside for a request, sealed (clauses.md D12)."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar.models.requests import SubjectRequest


class Snapshot(models.Model):
    """Rows as they stood at the receipt of a request: a sealed file with a key of its own.

    The row is the order: until `taken_at` is set, no purge takes what it is to hold (`dsar.taking.keeping`).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.OneToOneField(SubjectRequest, models.CASCADE, related_name="snapshot")
    key_owner = models.UUIDField(default=uuid4, editable=False)
    file_name = models.CharField(max_length=120, blank=True)
    manifest = models.JSONField(_("manifest"), default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)
    ordered_at = models.DateTimeField(_("ordered"))
    reaches_until = models.DateTimeField(_("holds what goes until"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    class Meta:
        verbose_name = _("data set aside")
        verbose_name_plural = _("data set aside")
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, file_name="")
                | (Q(taken_at__isnull=False, reaches_until__isnull=False) & ~Q(file_name="")),
                name="dsar_taken_has_a_file",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def context(self) -> str:
        """To what the sealed file is bound."""
        return f"dsar_snapshot|file|{self.pk}"
