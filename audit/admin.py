"""The trail for staff who may read it: nobody can change it here, and reading it is recorded too (Art. 32)."""

from uuid import UUID

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from audit.lists import RecentWordFilter
from audit.models import Entry
from audit.staff_views import RecordedAdmin


class ActionFilter(RecentWordFilter):
    """What was done."""

    title = _("action")
    parameter_name = "action"


class TableFilter(RecentWordFilter):
    """To a row of which table."""

    title = _("kind of object")
    parameter_name = "object_type"


@admin.register(Entry)
class EntryAdmin(RecordedAdmin, admin.ModelAdmin):
    ordering = ("-id",)
    exclude = ("salt",)
    list_display = ("at", "action", "actor_kind", "actor_id", "subject", "object_type", "object_id")
    list_filter = (ActionFilter, "actor_kind", TableFilter, "at")
    search_fields = ("=subject", "=object_id", "=actor_id")

    def subject_of(self, obj: Entry) -> UUID | None:
        return obj.subject
