"""The trail for staff who may read it: nobody can change it here, and reading it is recorded too (Art. 32)."""

from uuid import UUID

from django.contrib import admin

from audit.models import Entry
from audit.staff_views import RecordedAdmin


@admin.register(Entry)
class EntryAdmin(RecordedAdmin, admin.ModelAdmin):
    ordering = ("-id",)
    exclude = ("salt",)
    list_display = ("at", "action", "actor_kind", "actor_id", "subject", "object_type", "object_id")
    list_filter = ("action", "actor_kind", "object_type")
    search_fields = ("=subject", "=object_id", "=actor_id")
    date_hierarchy = "at"
    show_full_result_count = False

    def subject_of(self, obj: Entry) -> UUID | None:
        return obj.subject
