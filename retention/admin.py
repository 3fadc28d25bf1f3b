"""What staff read about sweeps and erasures; the archive is not registered: nothing searches or opens it (Q10.7)."""

from uuid import UUID

from django.contrib import admin
from django.db import models

from audit.staff_views import RecordedAdmin
from retention.models import ErasureRun, SweepRun


@admin.register(SweepRun)
class SweepRunAdmin(RecordedAdmin, admin.ModelAdmin[SweepRun]):
    """The run reports."""

    list_display = ["at", "rule", "table", "due", "deleted", "failed", "failure", "oldest_at", "duration_ms"]
    list_filter = ["rule"]
    date_hierarchy = "at"


@admin.register(ErasureRun)
class ErasureRunAdmin(RecordedAdmin, admin.ModelAdmin[ErasureRun]):
    """The journal of erasures."""

    list_display = ["case_number", "state", "executed_at", "verified_at", "objected_to_archive", "ends_at"]
    list_filter = ["state"]
    search_fields = ["case_number"]
    fields = [field.name for field in ErasureRun._meta.concrete_fields if field.name != "sealed_subject"]

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.subject_id if isinstance(obj, ErasureRun) else None
