"""The visit log for staff: read-only, and each look at it is on record (policy clause 7.3; Art. 32)."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.lists import CappedPaginator
from audit.revealing import RevealedAdmin
from audit.staff_views import RecordedAdmin
from audit.trail import Actor
from datamap.drawing import draw
from visits.figures import figures, page_figures
from visits.incidents import IncidentForm, find_incident
from visits.models import LEAST_VISITORS, DailyStatistic, Visit
from visits.purposeful import PurposefulAdmin
from visits.queries import current, read
from visits.terms import ReadingPurpose


class ShortPaginator(CappedPaginator):
    """The log is the largest table of all."""

    most = 10_000


@admin.register(Visit)
class VisitAdmin(PurposefulAdmin, RevealedAdmin, admin.ModelAdmin):
    """The log; beside it the way to the visits of one incident, which a complaint may need for longer."""

    change_list_template = "visits/admin/visits.html"
    plain = frozenset({"browser", "browser_version", "os", "platform"})
    list_display = ("id", "at", "kind", "method", "path", "status", "response_ms", "browser", "os", "platform")
    list_filter = ("kind",)
    search_fields = ("visitor_key",)
    search_help_text = _("An account's id or a visitor key, in full")
    ordering = ("-id",)
    list_per_page = 50
    paginator = ShortPaginator

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

    def subject_of(self, obj: Model) -> UUID | None:
        return obj.user_id if isinstance(obj, Visit) else None

    def get_urls(self) -> list[Any]:
        incident = path("incident/", self.admin_site.admin_view(self.incident_view), name="visits_visit_incident")
        return [incident, *super().get_urls()]

    def incident_view(self, request: HttpRequest) -> HttpResponse:
        """Finds the rows of one incident; reading them is for security, whoever looks for what else."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form, found = IncidentForm(request.POST or None), None
        if form.is_valid():
            found = find_incident(form.cleaned_data, actor=Actor.of(request.user), now=timezone.now())
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "found": found}
        return TemplateResponse(
            request,
            "visits/admin/incident.html",
            {**context, "title": _("Visits of an incident")},
            status=400 if form.errors else 200,
        )


@admin.register(DailyStatistic)
class DailyStatisticAdmin(RecordedAdmin, admin.ModelAdmin):
    """Counts that outlive the log; read-only, and a day once counted stays as it is."""

    list_display = ("day", "dimension", "bucket", "visits", "visitors")
    list_filter = ("dimension",)
    date_hierarchy = "day"
    empty_value_display = f"0–{LEAST_VISITORS - 1}"
    change_list_template = "visits/admin/statistics_list.html"

    def get_urls(self) -> list[Any]:
        pictures = path("plots/", self.admin_site.admin_view(self.plots_view), name="visits_dailystatistic_plots")
        return [pictures, *super().get_urls()]

    def plots_view(self, request: HttpRequest) -> HttpResponse:
        """The same as pictures, each with its table."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        read(purpose=ReadingPurpose.STATISTICS, actor=Actor.of(request.user), now=now)
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        context["plots"] = [draw(figure) for figure in figures(now=now)]
        context["pages"] = page_figures(now=now)
        return TemplateResponse(request, "visits/admin/plots.html", {**context, "title": _("Visits at a glance")})
