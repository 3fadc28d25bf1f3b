"""For staff: what was sent to whom and when; never the text of a message."""

from uuid import UUID

from django.contrib import admin
from django.db import models

from audit.staff_views import RecordedAdmin
from mailing.models import OutgoingMessage, Reconciliation, Suppression


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(RecordedAdmin, admin.ModelAdmin):
    """Read-only; the sealed body is no field of this page."""

    list_display = ["created_at", "to_address", "subject", "purpose", "state", "handed_over_at", "bounced_at"]
    list_filter = ["state", "purpose", "language"]
    search_fields = ["to_address", "id"]
    fields = [
        "id",
        "to_address",
        "user_id",
        "subject",
        "template",
        "purpose",
        "language",
        "state",
        "created_at",
        "tried_at",
        "handed_over_at",
        "handed_to",
        "bounced_at",
        "reference",
        "provider_id",
        "refused_reason",
        "error",
    ]

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, OutgoingMessage) else None


@admin.register(Suppression)
class SuppressionAdmin(RecordedAdmin, admin.ModelAdmin):
    """Tokens only: staff can see that the list lives, not whom it names."""

    list_display = ["at", "reason"]
    list_filter = ["reason"]
    fields = ["at", "reason"]


@admin.register(Reconciliation)
class ReconciliationAdmin(RecordedAdmin, admin.ModelAdmin):
    """Read-only: what differs between our record and that of the mail service."""

    list_display = ["at", "listed", "added", "logged", "missing", "unasked", "error"]
