"""The case desk: requests by due date, facts, steps with reasons, and a record of who looked (Q3.1)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.staff_views import RecordedAdmin
from dsar.cases import note_of
from dsar.casework import Step
from dsar.desk import STEPS, DeskStep, StepForm, steps_for
from dsar.models import CaseEvent, Package, SubjectRequest
from dsar.queries import by_due_date, events_of, viewed
from dsar.refusals import CaseError
from dsar.terms import RUNNING


class RunningFilter(admin.SimpleListFilter):
    """The desk shows what is to be done unless it is asked for everything."""

    title = _("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("closed", _("closed")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Django's first choice, the one without a word in the address, is what is to be done."""
        yield {**next(choices := super().choices(changelist)), "display": _("to be done")}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[SubjectRequest]) -> QuerySet[SubjectRequest]:
        running = [stage.value for stage in RUNNING]
        match self.value():
            case "closed":
                return queryset.exclude(stage__in=running)
            case "all":
                return queryset
            case _other:
                return queryset.filter(stage__in=running)


@admin.register(SubjectRequest)
class SubjectRequestAdmin(RecordedAdmin, admin.ModelAdmin[SubjectRequest]):
    """Facts are read-only; a request moves only by the steps, each through its service."""

    list_display = ["number", "right", "stage", "due", "channel", "received_at"]
    list_filter = [RunningFilter, "right", "stage", "channel"]
    search_fields = ["number"]
    search_help_text = _("Case number")
    change_form_template = "dsar/admin/change_form.html"
    fieldsets = [
        (None, {"fields": ["number", "right", "stage", "outcome", "due", "how_it_is_counted"]}),
        (_("The person"), {"fields": ["user", "email", "language", "text"]}),
        (
            _("Dates"),
            {"fields": ["channel", "received_at", "identified_at", "extended_at", "extension_reason", "answered_at"]},
        ),
        (_("Answer"), {"fields": ["answer", "refusal_reason", "refusal_proposed_by", "refusal_approved_by"]}),
        (_("What happened"), {"fields": ["timeline", "copy_state", "closed_at", "ends_at"]}),
    ]
    readonly_fields = ["due", "how_it_is_counted", "timeline", "copy_state"]

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, SubjectRequest) else None

    def reason_for(self, request: HttpRequest, obj: models.Model | None) -> str:
        return f"work on request {obj}" if obj is not None else "work on requests"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubjectRequest]:
        return by_due_date(super().get_queryset(request)).select_related("package").prefetch_related("pauses")

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return []

    @admin.display(description=_("due"))
    def due(self, case: SubjectRequest) -> SafeString:
        return render_to_string("dsar/admin/due.html", {"view": viewed(case, now=timezone.now()), "case": case})

    @admin.display(description=_("how it is counted"))
    def how_it_is_counted(self, case: SubjectRequest) -> str:
        return " ".join(viewed(case, now=timezone.now()).deadline.steps)

    @admin.display(description=_("timeline"))
    def timeline(self, case: SubjectRequest) -> SafeString:
        noted = [(event, note_of(event, case)) for event in events_of(case)]
        staff = _addresses({note.by for _event, note in noted if note.by})
        events = [(event, note, staff.get(note.by, note.by)) for event, note in noted]
        return render_to_string("dsar/admin/timeline.html", {"events": events})

    @admin.display(description=_("access copy"))
    def copy_state(self, case: SubjectRequest) -> str:
        package: Package | None = getattr(case, "package", None)
        if package is None:
            return "–"
        until = date_format(package.link_ends_at, "DATE_FORMAT") if package.link_ends_at else "–"
        return f"{package.get_state_display()}, {package.percent} %, {package.downloads} ↓, → {until}"

    def get_urls(self) -> list[Any]:
        step = path(
            "<uuid:case_id>/steps/<slug:name>/",
            self.admin_site.admin_view(self.step_view),
            name="dsar_subjectrequest_step",
        )
        return [step, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        case = kwargs.get("obj")
        if case is not None and self._may_step(request):
            context["steps"] = steps_for(case)
        return super().render_change_form(request, context, *args, **kwargs)

    def step_view(self, request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
        """One step: what it asks, and on POST its service."""
        if not self._may_step(request):
            raise PermissionDenied
        if name not in STEPS:
            raise Http404
        case, step = get_object_or_404(SubjectRequest, pk=case_id), STEPS[name]
        form = step.form(request.POST or None)
        form.fit(case)
        if request.method == "POST" and form.is_valid():
            return self._take(request, case, step, form)
        self._record(request, "viewed", case)
        context = {**self.admin_site.each_context(request), "case": case, "step": step, "form": form, "opts": self.opts}
        return render(request, "dsar/admin/step.html", {**context, "title": step.label})

    def _take(self, request: HttpRequest, case: SubjectRequest, step: DeskStep, form: StepForm) -> HttpResponse:
        person: Any = request.user
        try:
            step.run(
                case.pk, form.cleaned_data, Step(by=person, reason=form.cleaned_data["reason"], now=timezone.now())
            )
        except CaseError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{case.number}: {step.label}")
        return redirect("admin:dsar_subjectrequest_change", case.pk)

    def _may_step(self, request: HttpRequest) -> bool:
        return request.user.has_perm("dsar.change_subjectrequest")


def _addresses(ids: set[str]) -> dict[str, str]:
    """The addresses of members of the staff by their numbers; who has left stays a number."""
    people = get_user_model()._default_manager.filter(pk__in=ids)
    return {str(pk): address for pk, address in people.values_list("pk", get_user_model().get_email_field_name())}


@admin.register(CaseEvent)
class CaseEventAdmin(RecordedAdmin, admin.ModelAdmin[CaseEvent]):
    """The ledger of what happened, as it stands."""

    list_display = ["at", "case_number", "action", "stage_before", "stage_after", "actor_kind"]
    list_filter = ["action", "actor_kind"]
    search_fields = ["case_number"]
    exclude = ["sealed_note", "salt"]
