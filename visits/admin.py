"""The visit log for staff: read-only, and each look at it is on record (policy clause 7.3; Art. 32)."""

from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit.revealing import RevealedAdmin
from audit.staff_views import RecordedAdmin
from visits.models import LEAST_VISITORS, DailyStatistic, Visit
from visits.queries import current
from visits.terms import ReadingPurpose

_MOST_COUNTED: Final = 10_000


class CappedPaginator(Paginator):
    """Counts no further than anybody turns pages: counting the whole log would read the whole log."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:_MOST_COUNTED].count())


@admin.register(Visit)
class VisitAdmin(RevealedAdmin, admin.ModelAdmin):
    plain = frozenset({"browser", "browser_version", "os", "platform"})
    list_display = ("id", "at", "kind", "method", "path", "status", "response_ms", "browser", "os", "platform")
    list_filter = ("kind",)
    search_fields = ("visitor_key",)
    search_help_text = _("An account's id or a visitor key, in full")
    ordering = ("-id",)
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Visit]:
        return current(now=timezone.now()).order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Visit], search_term: str
    ) -> tuple[QuerySet[Visit], bool]:
        """Exact keys only, both of them indexed."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            found = Q(user_id=UUID(term))
        except ValueError:
            found = Q(visitor_key=term)
        return queryset.filter(found), False

    def reason_for(self, request: HttpRequest, obj: Model | None) -> str:
        return f"{ReadingPurpose.ADMINISTRATION.value} (policy 7.3)"

    def subject_of(self, obj: Model) -> UUID | None:
        return obj.user_id if isinstance(obj, Visit) else None


@admin.register(DailyStatistic)
class DailyStatisticAdmin(RecordedAdmin, admin.ModelAdmin):
    """Counts that outlive the log; read-only, and a day once counted stays as it is."""

    list_display = ("day", "dimension", "bucket", "visits", "visitors")
    list_filter = ("dimension",)
    date_hierarchy = "day"
    empty_value_display = f"0–{LEAST_VISITORS - 1}"
