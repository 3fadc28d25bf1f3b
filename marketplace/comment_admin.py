"""Staff decide about disputed comments and feedback, and only then learn from where one was written (Q14.2, Q14.6)."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.revealing import RevealedAdmin, is_revealed
from marketplace.comment_forms import DecisionForm
from marketplace.comment_terms import DECIDE, TRACE, NoticeState
from marketplace.disputing import DecisionRefused, decide
from marketplace.models import CommentNotice, CommentTrace


@admin.register(CommentNotice)
class CommentNoticeAdmin(RevealedAdmin, admin.ModelAdmin):
    """Notices, the oldest open one first; who wrote them and why is in clear once a reason is given."""

    list_display = ("number", "ground", "state", "arrived_at", "decided_at")
    list_filter = ("state", "ground")
    ordering = (F("decided_at").asc(nulls_first=True), "arrived_at")
    exclude = ("email_token", "once")
    change_form_template = "marketplace/admin/notice.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may(request, DECIDE) or super().has_view_permission(request, obj)

    def subject_of(self, obj: Model) -> UUID | None:
        return obj.user_id if isinstance(obj, CommentNotice) else None

    @admin.display(description=_("number"), ordering="id")
    def number(self, obj: CommentNotice) -> str:
        return obj.number

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(never_cache(require_POST(self.decide_view)))
        return [path("<uuid:pk>/decide/", view, name="marketplace_commentnotice_decide"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        notice = options.get("obj")
        if notice is not None:
            context |= {"disputed": notice.disputed, "trace": _trace_of(request, notice)}
            if is_revealed(request) and notice.is_open and _may(request, DECIDE):
                context["decision_form"] = DecisionForm()
        return super().render_change_form(request, context, *args, **options)

    def decide_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Remove what is disputed or leave it; without a reason nothing happens, and what was written is not lost."""
        if not _may(request, DECIDE):
            raise PermissionDenied
        notice = get_object_or_404(self.get_queryset(request), pk=pk)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            context = {**self.admin_site.each_context(request), "opts": self.opts, "title": notice.number}
            more = {"decision_form": form, "original": notice, "disputed": notice.disputed}
            return render(request, "marketplace/admin/decide.html", {**context, **more}, status=400)
        typed = form.cleaned_data
        try:
            decide(
                pk,
                removes=typed["decision"] == "remove",
                reason=typed["reason"],
                by=request.user,
                now=timezone.now(),
            )
        except DecisionRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("It is decided, and both sides are told."))
        return redirect(reverse("admin:marketplace_commentnotice_change", args=[pk]))


@admin.register(CommentTrace)
class CommentTraceAdmin(RevealedAdmin, admin.ModelAdmin):
    """From where a comment was written: for a claim that its rights are infringed, and for nothing else (Q14.2)."""

    list_display = ("id", "at", "email", "ip")
    ordering = ("-at",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may(request, TRACE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(comment__notices__state=NoticeState.OPEN).distinct()

    def subject_of(self, obj: Model) -> UUID | None:
        return obj.comment.user_id if isinstance(obj, CommentTrace) else None

    def reason_for(self, request: HttpRequest, obj: Any) -> str:
        return "a claim that a comment infringes rights"


def _trace_of(request: HttpRequest, notice: CommentNotice) -> CommentTrace | None:
    """The way to the trace, for whoever may see it, while the notice is open."""
    if not notice.is_open or not _may(request, TRACE):
        return None
    return CommentTrace.objects.filter(comment=notice.comment_id).first()


def _may(request: HttpRequest, permission: str) -> bool:
    return request.user.is_active and request.user.has_perm(permission)
