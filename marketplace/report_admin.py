"""Staff decide about reports, and other staff about objections; a conversation is read for its report only (Q14.6)."""

import re
from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.revealing import RevealedAdmin, is_revealed
from audit.trail import Actor, record
from marketplace.models import Message, Removal, Report, ReportedText
from marketplace.moderating import DecisionRefused, answer_objection, decide
from marketplace.report_forms import AnswerForm, DecisionForm
from marketplace.report_terms import DECIDE, RemovalState, ReportState
from vault.fields import share_keys

_NUMBER: Final = re.compile("[0-9A-F]{8}")
MOST_READ: Final = 200
"""The last messages before the report; more of a conversation is not shown."""


class _DecidedAdmin(RevealedAdmin, admin.ModelAdmin):
    """A page with a form below it: what was sent stands on a page of its own where it cannot be done."""

    revealed_to = DECIDE
    part = ""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_decide(request) or super().has_view_permission(request, obj)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(never_cache(require_POST(self.decide_view)))
        name = f"{self.opts.app_label}_{self.opts.model_name}_decide"
        return [path("<uuid:pk>/decide/", view, name=name), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take the decision; without a reason nothing happens, and what was written is not lost."""
        if not _may_decide(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        form = self.form_of(request)
        if form.is_valid():
            try:
                self.carry_out(row, form, by=request.user)
            except DecisionRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("It is decided, and both sides are told."))
                return redirect(reverse(f"admin:marketplace_{self.opts.model_name}_change", args=[pk]))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": str(row), "part": self.part}
        more = {"decision_form": form, "original": row, "changelist": self.changelist, **self.seen(request, row)}
        return render(request, "marketplace/admin/moderate.html", {**context, **more}, status=400)

    @property
    def changelist(self) -> str:
        return f"admin:marketplace_{self.opts.model_name}_changelist"

    def seen(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What stands on the page beside the fields of the row."""
        return {}

    def form_of(self, request: HttpRequest) -> Form:
        raise NotImplementedError

    def carry_out(self, row: Any, form: Any, *, by: Any) -> None:
        raise NotImplementedError


@admin.register(Report)
class ReportAdmin(_DecidedAdmin):
    """The queue, the oldest open report first; who reports and why is in clear once a reason is given."""

    list_display = ("number", "kind", "state", "arrived_at", "waits", "decided_at")
    list_filter = ("state", "kind")
    ordering = (F("decided_at").asc(nulls_first=True), "arrived_at")
    search_fields = ("id",)
    search_help_text = _("A number, for example R-1A2B3C4D")
    exclude = ("email_token", "once", "conversation")
    change_form_template = "marketplace/admin/report.html"
    part = "marketplace/admin/reported.html"

    def subject_of(self, obj: Model) -> UUID | None:
        return obj.user_id if isinstance(obj, Report) else None

    @admin.display(description=_("number"), ordering="id")
    def number(self, obj: Report) -> str:
        return obj.number

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Report], search_term: str
    ) -> tuple[QuerySet[Report], bool]:
        """By its number alone: what leads to a person does not belong into an address line (G9)."""
        term = search_term.strip().upper().removeprefix("R-")
        if not term:
            return queryset, False
        return (queryset.filter(id__istartswith=term) if _NUMBER.fullmatch(term) else queryset.none()), False

    @admin.display(description=_("days waiting"))
    def waits(self, obj: Report) -> int | None:
        return (timezone.now() - obj.arrived_at).days if obj.is_open else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        report = options.get("obj")
        if report is not None:
            context |= self.seen(request, report)
            if is_revealed(request) and report.is_open and _may_decide(request):
                context |= {"decision_form": DecisionForm(), "is_clear": True}
                context["thread"] = self._read(request, report)
        return super().render_change_form(request, context, *args, **options)

    def seen(self, request: HttpRequest, row: Report) -> dict[str, Any]:
        snapshot = ReportedText.objects.filter(report=row).first()
        share_keys(filter(None, [row, snapshot]))
        return {"snapshot": snapshot, "outcomes": _outcomes(row)}

    def _read(self, request: HttpRequest, report: Report) -> list[Message]:
        """What was written before the report; the look stands in the trail of both before anybody reads it."""
        if report.conversation is None:
            return []
        reason = ": ".join([self.reason_for(request, report), request.revealed_for])  # type: ignore[attr-defined]
        for whose in report.conversation.participants.values_list("user", flat=True):
            actor, now = Actor.of(request.user), timezone.now()
            record("conversation.read", actor=actor, subject=whose, about=report, reason=reason, now=now)
        written = Message.objects.filter(conversation=report.conversation, at__lte=report.arrived_at)
        return list(written.order_by("-at", "-id")[:MOST_READ])[::-1]

    def form_of(self, request: HttpRequest) -> Form:
        return DecisionForm(request.POST)

    def carry_out(self, row: Any, form: Any, *, by: Any) -> None:
        decide(row.pk, form.made(), by=by, now=timezone.now())


@admin.register(Removal)
class RemovalAdmin(_DecidedAdmin):
    """Listings that were taken down, those first against which somebody objects."""

    list_display = ("id", "ground", "state", "removed_at", "objected_at", "decided_at")
    ordering = (F("ends_at").asc(nulls_first=True), "objected_at", "id")
    list_filter = ("state", "ground")
    change_form_template = "marketplace/admin/removal.html"
    part = "marketplace/admin/objected.html"

    def subject_of(self, obj: Model) -> UUID | None:
        return obj.seller_id if isinstance(obj, Removal) else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        removal = options.get("obj")
        if removal is not None:
            is_open = removal.state == RemovalState.OBJECTED and is_revealed(request) and _may_decide(request)
            is_own = request.user.pk in (removal.removed_by, removal.seller_id)
            context["is_for_another"] = is_open and is_own
            if is_open and not is_own:
                context |= {"decision_form": AnswerForm(), "is_clear": True}
        return super().render_change_form(request, context, *args, **options)

    def form_of(self, request: HttpRequest) -> Form:
        return AnswerForm(request.POST)

    def carry_out(self, row: Any, form: Any, *, by: Any) -> None:
        typed, restores = form.cleaned_data, form.cleaned_data["decision"] == "restore"
        answer_objection(row.pk, restores=restores, reason=typed["reason"], by=by, now=timezone.now())


def _outcomes(report: Report) -> list[tuple[str, Any]]:
    """The buttons that make sense for what was reported."""
    buttons = [(ReportState.KEPT.value, _("Change nothing"))]
    if report.conversation_id is not None:
        return [*buttons, (ReportState.ASKED.value, _("Warn the other person"))]
    if report.listing_id is None:
        return buttons
    return [
        *buttons,
        (ReportState.ASKED.value, _("Ask the seller to change it")),
        (ReportState.REDACTED.value, _("Black the passage out")),
        (ReportState.REMOVED.value, _("Take the listing down")),
    ]


def _may_decide(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.has_perm(DECIDE)
