"""The ledger of what happened in requests, as it stands."""

from django.contrib import admin

from audit.staff_views import RecordedAdmin
from dsar.models import CaseEvent


@admin.register(CaseEvent)
class CaseEventAdmin(RecordedAdmin, admin.ModelAdmin[CaseEvent]):
    """The ledger of what happened; who of the staff acted, and why, stays sealed here."""

    list_display = ["at", "case_number", "action", "stage_before", "stage_after", "actor_kind"]
    list_filter = ["action", "actor_kind"]
    search_fields = ["case_number"]
    exclude = ["sealed_note", "salt"]
