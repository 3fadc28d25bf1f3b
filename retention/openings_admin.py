"""The pages on which staff ask for, decide about and read openings of sealed records; none is ever listed (Q10.7)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
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
from datamap.words import moment
from retention.desk import StepForm
from retention.models import LegalHold, Opening, OpeningGround, OpeningKind
from retention.openable import permitted_kinds
from retention.openings import (
    OpeningRefused,
    Why,
    approve_opening,
    decline_of,
    decline_opening,
    is_pending,
    is_readable,
    read_opening,
    reason_of,
    request_opening,
)

_LIST = "admin:retention_opening_changelist"
_PAGE = "admin:retention_opening_change"


class OpeningForm(forms.Form):
    """What an opening needs; the address goes by POST, never into an address line or a log."""

    kind = forms.ChoiceField(label=_("What is to be opened"))
    reference = forms.CharField(
        label=_("Exact e-mail address of the deleted account, or number of the record"),
        help_text=_("For rows under a legal hold the number of the hold will do as well."),
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

    def __init__(self, *args: Any, kinds: list[OpeningKind], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"] = forms.ChoiceField(
            label=self.fields["kind"].label, choices=[(kind, kind.label) for kind in kinds]
        )

    def why(self) -> Why:
        """The case, the ground and the reason. Raises OpeningRefused."""
        answers = self.cleaned_data
        return Why(answers["case_number"], OpeningGround(answers["ground"]), answers["reason"])


class OpeningAdmin(RecordedAdmin, admin.ModelAdmin[Opening]):
    """Openings with their steps. Neither the list nor a search knows whom a record is about."""

    list_display = [
        "case_number",
        "kind",
        "ground",
        "requested_at",
        "approved_at",
        "declined_at",
        "reads",
        "last_read_at",
    ]
    list_filter = ["kind", "ground"]
    change_list_template = "retention/admin/openings.html"
    change_form_template = "retention/admin/opening.html"
    fields = [
        "case_number",
        "kind",
        "ground",
        "reason",
        "requested_at",
        "approved_at",
        "declined_at",
        "decline",
        "reads",
        "first_read_at",
        "ends_at",
    ]
    readonly_fields = ["reason", "decline"]

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        kinds = permitted_kinds(request.user)
        return bool(kinds) if obj is None else getattr(obj, "kind", None) in kinds

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Opening]:
        return super().get_queryset(request).filter(kind__in=permitted_kinds(request.user))

    def reason_for(self, request: HttpRequest, obj: models.Model | None) -> str:
        return obj.case_number if isinstance(obj, Opening) else "work on openings of sealed records"

    @admin.display(description=_("why"))
    def reason(self, opening: Opening) -> str:
        return reason_of(opening)

    @admin.display(description=_("why declined"))
    def decline(self, opening: Opening) -> str:
        return decline_of(opening) or "–"

    def get_urls(self) -> list[Any]:
        name = "retention_opening"
        return [
            path("request/", self._guarded(self.request_view), name=f"{name}_request"),
            path("request/hold/<uuid:hold_id>/", self._guarded(self.request_view), name=f"{name}_request_held"),
            path("<uuid:opening_id>/approve/", self._guarded(require_POST(self._approve)), name=f"{name}_approve"),
            path("<uuid:opening_id>/decline/", self._guarded(self._decline), name=f"{name}_decline"),
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

    def request_view(self, request: HttpRequest, hold_id: UUID | None = None) -> HttpResponse:
        """Ask for the records of one address, for the one with this number, or for what one hold keeps."""
        form = OpeningForm(request.POST or None, kinds=permitted_kinds(request.user), initial=_known(hold_id))
        if request.method == "POST" and form.is_valid():
            try:
                openings = request_opening(
                    form.cleaned_data["reference"],
                    kind=OpeningKind(form.cleaned_data["kind"]),
                    why=form.why(),
                    by=_staff(request),
                    now=timezone.now(),
                )
            except OpeningRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Somebody else can approve the opening now."))
                return redirect(_PAGE, openings[0].pk) if len(openings) == 1 else redirect(_LIST)
        context = {**self._context(request, _("Ask for an opening")), "form": form}
        return render(request, "admin/step.html", context, status=400 if form.errors else 200)

    def _approve(self, request: HttpRequest, opening_id: UUID) -> HttpResponse:
        opening = get_object_or_404(self.get_queryset(request), pk=opening_id)
        try:
            approve_opening(opening, by=_staff(request), now=timezone.now())
        except OpeningRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Approved: the person who asked can read the record for 24 hours."))
        return redirect(_PAGE, opening.pk)

    def _decline(self, request: HttpRequest, opening_id: UUID) -> HttpResponse:
        """The second person's no, with its reason."""
        opening = get_object_or_404(self.get_queryset(request), pk=opening_id)
        form = StepForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                decline_opening(opening, by=_staff(request), reason=form.cleaned_data["reason"], now=timezone.now())
            except OpeningRefused as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("Declined: the record stays closed for this case."))
            return redirect(_PAGE, opening.pk)
        context = {**self._context(request, _("Decline the opening")), "form": form, "about": opening.case_number}
        return render(request, "admin/step.html", context, status=400 if form.errors else 200)

    def _read(self, request: HttpRequest, opening_id: UUID) -> HttpResponse:
        """The record, once for each press of the button: reading counts, so it is no GET."""
        opening = get_object_or_404(self.get_queryset(request), pk=opening_id)
        try:
            opened = read_opening(opening, by=_staff(request), now=timezone.now())
        except OpeningRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(_PAGE, opening.pk)
        context = {"opening": opening, "opened": opened, "tables": _in_words(opened.tables)}
        return render(request, "retention/admin/opened.html", {**self._context(request, _("Sealed record")), **context})

    def _context(self, request: HttpRequest, title: Text) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


def _known(hold_id: UUID | None) -> dict[str, Any]:
    """What the page of a hold already says about the request."""
    hold = None if hold_id is None else get_object_or_404(LegalHold, pk=hold_id)
    return {} if hold is None else {"kind": OpeningKind.HELD, "reference": hold.pk, "case_number": hold.case_number}


def _in_words(tables: Mapping[str, list[dict[str, Any]]]) -> list[tuple[Text, list[list[tuple[Text, Any]]]]]:
    """Tables and fields under the names that people read; an app that is gone leaves its plain ones."""
    known = {holding.model: holding for holding in registry().holdings}
    return [
        (known[label].label if label in known else label, [_row_in_words(known.get(label), row) for row in rows])
        for label, rows in tables.items()
    ]


def _row_in_words(holding: Holding | None, row: Mapping[str, Any]) -> list[tuple[Text, Any]]:
    fields = model_of(holding)._meta.concrete_fields if holding else ()
    known = {name: item for item in fields for name in (item.name, item.attname)}
    return [
        (known[name].verbose_name if name in known else name, _value_in_words(value, known.get(name)))
        for name, value in row.items()
    ]


def _value_in_words(value: Any, field: Any) -> Any:
    """What was sealed is plain JSON: moments and choices are read in the reader's words again."""
    if value in (None, ""):
        return "–"
    if isinstance(field, models.DateTimeField) and (words := moment(value)):
        return words
    return dict(getattr(field, "flatchoices", ())).get(value, value)


def _staff(request: HttpRequest) -> Any:
    """The account behind a request that the site of the administration let in."""
    return request.user
