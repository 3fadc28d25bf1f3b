"""The pages on which staff ask for, approve and read openings of the archive; no record is ever listed (Q10.7)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from audit.staff_views import RecordedAdmin
from datamap.declarations import Holding
from datamap.registry import model_of, registry
from datamap.terms import Text
from retention.models import ArchiveOpening, OpeningGround
from retention.openings import (
    OpeningRefused,
    Why,
    approve_opening,
    is_pending,
    is_readable,
    read_opening,
    reason_of,
    request_opening,
)

PERMISSION = "retention.open_archive"

_LIST = "admin:retention_archiveopening_changelist"
_PAGE = "admin:retention_archiveopening_change"


class OpeningForm(forms.Form):
    """What an opening needs; the address goes by POST, never into an address line or a log."""

    reference = forms.CharField(
        label=_("Exact e-mail address of the deleted account, or number of the record"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    ground = forms.ChoiceField(label=_("Ground"), choices=OpeningGround.choices)
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Is kept sealed. The person is told ground, case number and time."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def why(self) -> Why:
        """The case, the ground and the reason. Raises OpeningRefused."""
        answers = self.cleaned_data
        return Why(answers["case_number"], OpeningGround(answers["ground"]), answers["reason"])


class ArchiveOpeningAdmin(RecordedAdmin, admin.ModelAdmin[ArchiveOpening]):
    """Openings with their steps. Neither the list nor a search knows whom a record is about."""

    list_display = ["case_number", "ground", "requested_at", "approved_at", "reads", "last_read_at"]
    list_filter = ["ground"]
    change_list_template = "retention/admin/openings.html"
    change_form_template = "retention/admin/opening.html"
    fields = ["case_number", "ground", "reason", "requested_at", "approved_at", "reads", "first_read_at", "ends_at"]
    readonly_fields = ["reason"]

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.is_active and request.user.has_perm(PERMISSION)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def reason_for(self, request: HttpRequest, obj: models.Model | None) -> str:
        return obj.case_number if isinstance(obj, ArchiveOpening) else "work on openings of the archive"

    @admin.display(description=_("why"))
    def reason(self, opening: ArchiveOpening) -> str:
        return reason_of(opening)

    def get_urls(self) -> list[Any]:
        name = "retention_archiveopening"
        return [
            path("request/", self._guarded(self.request_view), name=f"{name}_request"),
            path("<uuid:opening_id>/approve/", self._guarded(require_POST(self._approve)), name=f"{name}_approve"),
            path("<uuid:opening_id>/read/", self._guarded(require_POST(self._read)), name=f"{name}_read"),
            *super().get_urls(),
        ]

    def _guarded(self, view: Any) -> Any:
        """Staff with the permission, whose password is fresh (security G7), and nothing kept on the way."""

        def checked(request: HttpRequest, *args: Any, **options: Any) -> Any:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return reauthentication_required(view)(request, *args, **options)

        return self.admin_site.admin_view(never_cache(checked))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        opening = options.get("obj")
        if opening is not None:
            now, mine = timezone.now(), opening.requested_by == request.user.pk
            context["may_approve"] = not mine and is_pending(opening, now=now)
            context["may_read"] = mine and is_readable(opening, now=now)
        return super().render_change_form(request, context, *args, **options)

    def request_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the records of one address or the record with one number."""
        form = OpeningForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                openings = request_opening(
                    form.cleaned_data["reference"], why=form.why(), by=_staff(request), now=timezone.now()
                )
            except OpeningRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Somebody else can approve the opening now."))
                return redirect(_PAGE, openings[0].pk) if len(openings) == 1 else redirect(_LIST)
        context = {**self._context(request, _("Ask for an opening of the archive")), "form": form}
        return render(request, "retention/admin/opening_request.html", context, status=400 if form.errors else 200)

    def _approve(self, request: HttpRequest, opening_id: UUID) -> HttpResponse:
        opening = get_object_or_404(ArchiveOpening, pk=opening_id)
        try:
            approve_opening(opening, by=_staff(request), now=timezone.now())
        except OpeningRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Approved: the person who asked can read the record for 24 hours."))
        return redirect(_PAGE, opening.pk)

    def _read(self, request: HttpRequest, opening_id: UUID) -> HttpResponse:
        """The record, once for each press of the button: reading counts, so it is no GET."""
        opening = get_object_or_404(ArchiveOpening, pk=opening_id)
        try:
            opened = read_opening(opening, by=_staff(request), now=timezone.now())
        except OpeningRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(_PAGE, opening.pk)
        context = {"opening": opening, "opened": opened, "tables": _in_words(opened.content["tables"])}
        return render(
            request, "retention/admin/opened.html", {**self._context(request, _("Archive record")), **context}
        )

    def _context(self, request: HttpRequest, title: Text) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


def _in_words(tables: Mapping[str, list[dict[str, Any]]]) -> list[tuple[Text, list[list[tuple[Text, Any]]]]]:
    """Tables and fields under the names that people read; an app that is gone leaves its plain ones."""
    known = {holding.model: holding for holding in registry().holdings}
    return [
        (known[label].label if label in known else label, [_row_in_words(known.get(label), row) for row in rows])
        for label, rows in tables.items()
    ]


def _row_in_words(holding: Holding | None, row: Mapping[str, Any]) -> list[tuple[Text, Any]]:
    fields = model_of(holding)._meta.concrete_fields if holding else ()
    names: dict[str, Text] = {field.name: field.verbose_name for field in fields}
    return [(names.get(name, name), value) for name, value in row.items()]


def _staff(request: HttpRequest) -> Any:
    """The account behind a request that the site of the administration let in."""
    return request.user
