"""What staff see of texts and consents: everything, changing nothing."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.staff_views import RecordedAdmin
from consent.documents_admin import ConsentDocumentAdmin
from consent.models import ConsentEvent, RefusalCount, SubscriptionEvidence, TextVersion
from consent.policy_admin import PolicyMailingAdmin, PolicyNoticeAdmin
from vault.staff_views import MaskedAdmin

__all__ = ["ConsentDocumentAdmin", "PolicyMailingAdmin", "PolicyNoticeAdmin"]

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


@admin.register(TextVersion)
class TextVersionAdmin(RecordedAdmin, Base):
    list_display = ("code", "version", "language", "valid_from", "material", "published_at")
    list_filter = ("kind", "code", "language")


@admin.register(ConsentEvent)
class ConsentEventAdmin(RecordedAdmin, Base):
    list_display = ("id", "at", "purpose", "state", "text_version", "language", "method")
    list_filter = ("purpose", "state", "method")
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentEvent]:
        """Without the rows of which only hashes are left."""
        return super().get_queryset(request).exclude(subject_token="")


@admin.register(SubscriptionEvidence)
class SubscriptionEvidenceAdmin(MaskedAdmin, RecordedAdmin, Base):
    """The IP address is there to trace misuse of an address, and shown to those alone who do that (Q13.4)."""

    opened_by = "consent.trace_misuse"
    list_display = ("event_id", "at", "ends_at")


@admin.register(RefusalCount)
class RefusalCountAdmin(RecordedAdmin, Base):
    list_display = ("day", "notice", "language", "method", "count")
    date_hierarchy = "day"
