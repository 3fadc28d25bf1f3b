"""What staff read about sweeps and erasures; archive records are not registered: nothing lists them (Q10.7)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.lists import WordFilter
from audit.staff_views import RecordedAdmin
from audit.trail import Actor
from datamap.declarations import Holding, Store
from retention import reports
from retention.attention import NothingToSearch, search_again
from retention.child_page import ChildPage
from retention.journal import reason_of
from retention.models import ErasureRun, Opening, RunState, SweepRun
from retention.openings_admin import OpeningAdmin
from retention.rules import swept_holdings, swept_stores

admin.site.register(Opening, OpeningAdmin)


class RuleFilter(WordFilter):
    """The rules under which something is swept."""

    title = _("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rules: list[Holding | Store] = [*swept_holdings(), *swept_stores()]
        return [(rule, rule) for rule in sorted({item.period for item in rules})]


@admin.register(SweepRun)
class SweepRunAdmin(RecordedAdmin, admin.ModelAdmin[SweepRun]):
    """The run reports."""

    list_display = ["at", "rule", "table", "due", "deleted", "held", "failed", "failure", "oldest_at", "verified"]
    list_filter = [RuleFilter, "at"]
    readonly_fields = ["verified"]

    @admin.display(description=_("signature verified"), boolean=True)
    def verified(self, obj: SweepRun) -> bool:
        """Whether this site signed exactly this report."""
        return reports.is_verified(obj)


class AttentionFilter(admin.SimpleListFilter):
    """The erasures that a person must deal with."""

    title = _("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("to be done"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErasureRun]) -> QuerySet[ErasureRun]:
        return queryset.exclude(state=RunState.DONE) if self.value() == "open" else queryset


class ReasonForm(forms.Form):
    """Why a member of staff has the remains searched for again."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Stays in the audit trail. No names or addresses, please.")
    )


@admin.register(ErasureRun)
class ErasureRunAdmin(ChildPage):
    """The journal of erasures."""

    list_display = ["case_number", "state", "executed_at", "verified_at", "objected_to_archive", "ends_at"]
    list_filter = [AttentionFilter, "state"]
    search_fields = ["case_number"]
    actions = ["search_again"]
    fields = [
        *(field.name for field in ErasureRun._meta.concrete_fields if not field.name.startswith("sealed_")),
        "reason",
    ]
    readonly_fields = ["reason"]

    @admin.display(description=_("why"))
    def reason(self, obj: ErasureRun) -> str:
        """Staff's words; the look at them is in the trail."""
        return reason_of(obj) or "–"

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.subject_id if isinstance(obj, ErasureRun) else None

    def has_finish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("retention.change_erasurerun")

    @admin.action(description=_("Search again for what remains"), permissions=["finish"])
    def search_again(self, request: HttpRequest, queryset: QuerySet[ErasureRun]) -> HttpResponse | None:
        """Ask why, then look whether what was found has gone, and write the receipt of that."""
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            context = {**self.admin_site.each_context(request), "title": _("Search again for what remains")}
            return TemplateResponse(
                request,
                "retention/admin/search_again.html",
                {**context, "opts": self.opts, "runs": queryset, "form": form},
            )
        for run in queryset:
            self._search_again(request, run, form.cleaned_data["reason"])
        return None

    def _search_again(self, request: HttpRequest, run: ErasureRun, reason: str) -> None:
        try:
            is_done = search_again(run, by=Actor.of(request.user), reason=reason, now=timezone.now())
        except NothingToSearch:
            self.message_user(request, _("%(run)s is done already.") % {"run": run}, level=messages.WARNING)
        else:
            sentence = _("%(run)s is done now.") if is_done else _("%(run)s still needs attention.")
            level = messages.SUCCESS if is_done else messages.WARNING
            self.message_user(request, sentence % {"run": run}, level=level)
