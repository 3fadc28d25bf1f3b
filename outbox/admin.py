"""The dead letters for staff: see why an effect was given up, put it back with a reason."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.lists import WordFilter
from audit.staff_views import RecordedAdmin
from audit.trail import Actor
from outbox.gates import NotShut, open_by_staff
from outbox.handlers import known_kinds
from outbox.models import Effect, ProviderGate
from outbox.services import NotFailed, requeue


class ReasonForm(forms.Form):
    """Why a member of staff puts effects back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Stays in the audit trail. No names or addresses, please."),
    )


class KindFilter(WordFilter):
    """The kinds that somebody carries out."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind, kind) for kind in known_kinds()]


@admin.register(Effect)
class EffectAdmin(RecordedAdmin, admin.ModelAdmin):
    """Read-only, but for putting a failed effect back."""

    list_display = ["kind", "aggregate", "state", "attempts", "due_at", "finished_at", "last_error"]
    list_filter = ["state", KindFilter]
    search_fields = ["aggregate", "id"]
    actions = ["put_back"]

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.subject if isinstance(obj, Effect) else None

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outbox.requeue_effect")

    @admin.action(description=gettext_lazy("Put failed effects back"), permissions=["requeue"])
    def put_back(self, request: HttpRequest, queryset: QuerySet[Effect]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return self._ask_for_reason(request, queryset, form)
        put_back = sum(self._requeue(request, effect, form.cleaned_data["reason"]) for effect in queryset)
        self.message_user(
            request,
            ngettext("%(count)d effect was put back.", "%(count)d effects were put back.", put_back)
            % {"count": put_back},
        )
        return None

    def _requeue(self, request: HttpRequest, effect: Effect, reason: str) -> bool:
        try:
            requeue(effect.pk, actor=Actor.of(request.user), reason=reason, now=timezone.now())
        except NotFailed:
            self.message_user(request, _("%(effect)s was not given up.") % {"effect": effect}, level=messages.WARNING)
            return False
        return True

    def _ask_for_reason(self, request: HttpRequest, queryset: QuerySet[Effect], form: ReasonForm) -> TemplateResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Put failed effects back"),
            "opts": self.opts,
            "effects": queryset,
            "form": form,
        }
        return TemplateResponse(request, "outbox/put_back.html", context)


@admin.register(ProviderGate)
class ProviderGateAdmin(RecordedAdmin, admin.ModelAdmin):
    """Read-only, but for opening a gate that is shut, at once and with a reason."""

    list_display = ["provider", "standing", "failures", "shut_at", "shut_until", "last_error"]
    actions = ["open_again"]

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, gate: ProviderGate) -> str:
        if gate.needs_staff:
            return _("shut until staff open it")
        return _("shut, tried again by itself") if gate.is_shut else _("open")

    def has_open_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outbox.open_gate")

    @admin.action(description=gettext_lazy("Open again"), permissions=["open"])
    def open_again(self, request: HttpRequest, queryset: QuerySet[ProviderGate]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            for gate in queryset:
                self._open(request, gate, form.cleaned_data["reason"])
            return None
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Open again"),
            "opts": self.opts,
            "gates": queryset,
            "form": form,
        }
        return TemplateResponse(request, "outbox/open_gate.html", context)

    def _open(self, request: HttpRequest, gate: ProviderGate, reason: str) -> None:
        try:
            open_by_staff(gate.pk, actor=Actor.of(request.user), reason=reason, now=timezone.now())
        except NotShut:
            words, level = _("The gate to %(service)s was open already."), messages.WARNING
        else:
            words, level = _("The gate to %(service)s is open."), messages.SUCCESS
        self.message_user(request, words % {"service": gate}, level=level)
