"""What staff see of texts and consents: everything, changing nothing."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.revealing import RevealedAdmin
from audit.staff_views import RecordedAdmin
from consent.documents_admin import ConsentDocumentAdmin
from consent.models import ConsentEvent, RefusalCount, SubscriptionEvidence, TextVersion
from consent.policy_admin import PolicyMailingAdmin, PolicyNoticeAdmin

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
    """The event in words; what only proves that nobody rewrote it (salt, commitment, seal, hashes) is checked by
    `verify_chains` and shown to nobody."""

    fields = ("at", "purpose", "scope", "state", "text_version", "spoken", "method", "place")
    readonly_fields = ("spoken",)
    list_display = ("at", "purpose", "state", "text_version", "language", "method")
    list_filter = ("purpose", "state", "method")
    date_hierarchy = "at"

    @admin.display(description=_("language shown"))
    def spoken(self, event: ConsentEvent) -> str:
        return str(dict(settings.LANGUAGES).get(event.language, event.language))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentEvent]:
        """Without the rows of which only hashes are left."""
        return super().get_queryset(request).exclude(subject_token="")


@admin.register(SubscriptionEvidence)
class SubscriptionEvidenceAdmin(RevealedAdmin, Base):
    """The IP address serves to trace misuse of an address, and is shown to those alone who do that (Q13.4)."""

    revealed_to = "consent.trace_misuse"
    fields = ("event", "at", "ip", "ends_at")
    list_display = ("consent_event", "at", "ends_at")

    @admin.display(description=_("consent event"))
    def consent_event(self, evidence: SubscriptionEvidence) -> int:
        return evidence.event_id


@admin.register(RefusalCount)
class RefusalCountAdmin(RecordedAdmin, Base):
    list_display = ("day", "notice", "language", "method", "count")
    date_hierarchy = "day"
