"""The access copy of a request: a sealed file with a key of its own, an end, and a counted number of downloads."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsar.models.requests import SubjectRequest
from dsar.terms import DOWNLOAD_LIMIT, PackageState


class Package(models.Model):
    """One access copy: a sealed ZIP file with a key of its own, an end, and a counted number of downloads (D1-D4)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    request = models.OneToOneField(SubjectRequest, models.CASCADE, related_name="package")
    state = models.CharField(_("state"), max_length=10, choices=PackageState.choices, default=PackageState.QUEUED)
    key_owner = models.UUIDField(default=uuid4, editable=False)
    file_name = models.CharField(max_length=120, blank=True)
    size = models.BigIntegerField(_("size in bytes"), default=0)
    manifest = models.JSONField(_("manifest"), default=dict, blank=True)
    rows_done = models.BigIntegerField(_("rows written"), default=0)
    rows_total = models.BigIntegerField(_("rows to write"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(_("queued"))
    built_at = models.DateTimeField(_("completed"), null=True, blank=True)
    link_ends_at = models.DateTimeField(_("can be downloaded until"), null=True, blank=True)
    ends_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    downloads = models.PositiveSmallIntegerField(_("downloads"), default=0)

    class Meta:
        verbose_name = _("access copy")
        verbose_name_plural = _("access copies")
        constraints = [
            models.CheckConstraint(condition=Q(downloads__lte=DOWNLOAD_LIMIT), name="dsar_download_limit"),
            models.CheckConstraint(
                condition=~Q(state=PackageState.READY)
                | (Q(built_at__isnull=False, link_ends_at__isnull=False, ends_at__isnull=False) & ~Q(file_name="")),
                name="dsar_ready_has_a_file",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def context(self) -> str:
        """To what the sealed file is bound."""
        return f"dsar_package|file|{self.pk}"

    @property
    def percent(self) -> int:
        """How far the building is; a copy without rows is as good as done."""
        if self.state == PackageState.READY:
            return 100
        return min(99, 100 * self.rows_done // self.rows_total) if self.rows_total else 0

    @property
    def rows_left(self) -> int:
        """How many records are still to be written down."""
        return max(0, self.rows_total - self.rows_done)
