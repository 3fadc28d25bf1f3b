"""For staff: what was sent and when, to whom once a reason is given; never the text of a message (G6)."""

from uuid import UUID

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.lists import PurposeFilter
from audit.revealing import RevealedAdmin
from audit.staff_views import RecordedAdmin
from datamap.catalogue import purpose_words
from mailing.models import OutgoingMessage, Reconciliation, Suppression


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(RevealedAdmin, admin.ModelAdmin):
    """Read-only; the sealed body is no field of this page."""

    list_display = ["created_at", "to_address", "subject", "purpose", "state", "handed_over_at", "bounced_at"]
    list_filter = ["state", PurposeFilter, "language"]
    spoken = {"purpose": purpose_words}
    search_fields = ["=id", "=user_id", "=reference"]
    search_help_text = _("The number of a letter, an account or a request, in full")
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
