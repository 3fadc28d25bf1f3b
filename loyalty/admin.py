"""Points for staff: read-only, without saying whose, and with the end of an order's number alone (Art. 25(2))."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from audit.staff_views import RecordedAdmin
from loyalty.models import PointsEntry

_SHOWN = 4

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


@admin.register(PointsEntry)
class PointsEntryAdmin(RecordedAdmin, Base):
    list_display = ("id", "at", "kind", "masked_order", "points", "ends_at")
    list_filter = ("kind",)
    date_hierarchy = "at"
    exclude = ("subject_token", "order_number", "refund_number", "proof")
    readonly_fields = ("masked_order",)

    @admin.display(description=_("order"))
    def masked_order(self, entry: PointsEntry) -> str:
        """Enough to compare with what somebody reads out, too little to look an order up."""
        number = entry.order_number
        return f"…{number[-_SHOWN:]}" if len(number) > 2 * _SHOWN else "…"
