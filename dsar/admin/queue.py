"""The queue of requests: by due date, coloured, filtered, in a fixed number of queries however many there are."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from datamap.periods import RIGA
from datamap.terms import Text
from dsar.admin.filters import (
    DueFilter,
    RightFilter,
    RunningFilter,
    StandingFilter,
    WaitingForMeFilter,
    bucket_of,
    today_in_riga,
)
from dsar.admin.saved import SavedPage
from dsar.buttons import APPROVE
from dsar.desk_words import right_words, stage_words
from dsar.models import SubjectRequest
from dsar.queries import DUE_ORDER, viewed

_SHOWN = (
    "number",
    "right",
    "stage",
    "channel",
    "received_at",
    "identified_at",
    "extended_at",
    "closed_at",
    "assigned_to",
    "due_on",
    "due_cap",
)


@admin.register(SubjectRequest)
class SubjectRequestAdmin(SavedPage):
    """Facts are read-only; a request moves only by the steps, each through its service. Nothing is done in bulk."""

    list_display = ["number", "due", "asked_for", "standing", "handled_by", "received_on"]
    list_filter = [RunningFilter, DueFilter, WaitingForMeFilter, StandingFilter, ("right", RightFilter), "channel"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    actions = None
    sortable_by = ()
    change_list_template = "dsar/admin/queue.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubjectRequest]:
        """Without what is one's own or about oneself; who may not approve sees his own queue and what is nobody's."""
        me = request.user
        cases = super().get_queryset(request).exclude(user=me.pk).exclude(complaint_about=me.pk)
        if not me.has_perm(APPROVE):
            cases = cases.filter(Q(assigned_to=me.pk) | Q(assigned_to__isnull=True))
        return cases

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        return list(DUE_ORDER)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Neither search nor sorting by the address line: words about people stay out of it (security G9)."""
        asked = request.GET.copy()
        for name in ("q", "o"):
            asked.pop(name, None)
        request.GET = QueryDict(asked.urlencode())
        own = {"title": _("Requests"), "may_work": self.may_work(request), **self.saved(request)}
        return super().changelist_view(request, {**(extra_context or {}), **own})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        listed = super().get_changelist_instance(request)
        listed.result_list = listed.result_list.only(*_SHOWN).prefetch_related("pauses")
        for case in listed.result_list:
            case.is_mine = case.assigned_to == request.user.pk
        return listed

    def get_urls(self) -> list[Any]:
        own = [*self.case_urls(), *self.print_urls(), *self.entry_urls(), *self.calendar_urls(), *self.saved_urls()]
        return [path(route, view, name=f"dsar_subjectrequest_{name}") for route, view, name in own] + super().get_urls()

    @admin.display(description=_("due"))
    def due(self, case: SubjectRequest) -> SafeString:
        view = viewed(case, now=timezone.now())
        due = view.deadline.due
        day = due.date() if isinstance(due, datetime) else due
        bucket = "" if case.is_closed else bucket_of(day, today_in_riga())
        return render_to_string("dsar/admin/due.html", {"view": view, "case": case, "bucket": bucket, "short": True})

    @admin.display(description=_("request"))
    def asked_for(self, case: SubjectRequest) -> Text:
        return right_words(case.right)

    @admin.display(description=_("stage"))
    def standing(self, case: SubjectRequest) -> Text:
        return stage_words(case.stage)

    @admin.display(description=_("received"))
    def received_on(self, case: SubjectRequest) -> str:
        return date_format(case.received_at.astimezone(RIGA), "SHORT_DATE_FORMAT")

    @admin.display(description=_("handled by"))
    def handled_by(self, case: SubjectRequest) -> Text:
        if case.assigned_to is None:
            return _("nobody") if case.is_closed else _("nobody yet")
        return _("you") if getattr(case, "is_mine", False) else _("a colleague")
