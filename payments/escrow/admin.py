"""For staff: payments through Escrow.com by their numbers and states; who the two are stands on no list."""

from typing import Any
from uuid import UUID

from django.contrib import admin

from audit.staff_views import RecordedAdmin
from payments.desk import OfAccountants
from payments.models.escrow import EscrowAccount, EscrowDeal, EscrowReconciliation, EscrowStranger


@admin.register(EscrowDeal)
class EscrowDealAdmin(OfAccountants, admin.ModelAdmin):
    """Read-only; support works from the numbers alone, also when both have left (Q9.3)."""

    list_display = ["proposed_at", "provider_id", "amount", "state", "underway", "oddity", "secured_at", "read_at"]
    list_filter = ["state", "refused", "oddity"]
    search_fields = ["=id", "=provider_id", "=reference", "=payable_id"]
    fields = [
        "id",
        "payable_kind",
        "payable_id",
        "amount",
        "reference",
        "provider_id",
        "state",
        "underway",
        "refused",
        "oddity",
        "proposed_at",
        "ordered_at",
        "secured_at",
        "changed_at",
        "read_at",
    ]


@admin.register(EscrowAccount)
class EscrowAccountAdmin(RecordedAdmin, admin.ModelAdmin):
    """Read-only: which accounts were asked for, and how far they are."""

    list_display = ["asked_at", "state", "provider_reference", "changed_at"]
    list_filter = ["state"]
    fields = ["id", "state", "provider_reference", "asked_at", "changed_at", "read_at"]

    def subject_of(self, obj: Any) -> UUID | None:
        return obj.user_id if isinstance(obj, EscrowAccount) else None


@admin.register(EscrowReconciliation)
class EscrowReconciliationAdmin(RecordedAdmin, admin.ModelAdmin):
    """Read-only: what had moved on there, and what is stuck."""

    list_display = ["at", "open", "moved", "found", "stuck", "odd", "missing", "strangers", "accounts", "error"]


@admin.register(EscrowStranger)
class EscrowStrangerAdmin(OfAccountants, admin.ModelAdmin):
    """Read-only: numbers to be looked up at Escrow.com."""

    list_display = ["number", "found_at"]
