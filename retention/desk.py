"""The desk of holds, restrictions and children's accounts: steps that ask why, each through its service (Q5.19)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from audit.staff_names import StaffNamedAdmin
from datamap.periods import RIGA
from datamap.registry import registry
from datamap.terms import Text
from retention import holds, lifting
from retention.hold_form import HoldForm, ReviewForm, StepForm, staff_name, worded_query
from retention.holds import HoldRefused, NewHold
from retention.models import OpeningKind
from retention.openable import permitted_kinds
from retention.restriction import RestrictionRefused
from retention.standing import STAFF_GROUNDS, LegalHold, Restriction
from vault.staff_views import MaskedAdmin


class PostForm(StepForm):
    """Why the restriction ends, and by which letter she heard it."""

    delivered_on = forms.DateField(
        label=_("Delivered on"),
        help_text=_("The day on the proof of delivery. Write its number into the reason."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ["delivered_on", "reason"]


Run = Callable[[UUID, dict[str, Any], Any], object]


@dataclass(frozen=True, slots=True)
class Step:
    """One button of the desk; `run` gets the row's id, the form's data and who acts."""

    label: Text
    form: type[StepForm]
    run: Run
    is_offered: Callable[[Any], bool]


def _decision(service: Callable[..., object]) -> Run:
    return lambda pk, data, by: service(pk, by=by, now=timezone.now(), **data)


HOLD_STEPS = {
    "confirm": Step(
        _("Confirm as the second person"),
        StepForm,
        _decision(holds.confirm),
        lambda hold: hold.released_at is None and not hold.is_confirmed,
    ),
    "review": Step(
        _("Looked at again: keep"), ReviewForm, _decision(holds.review), lambda hold: hold.released_at is None
    ),
    "propose-release": Step(
        _("Propose the release"),
        StepForm,
        _decision(holds.propose_release),
        lambda hold: hold.released_at is None and hold.release_proposed_by is None,
    ),
    "release": Step(
        _("Release as the second person"),
        StepForm,
        _decision(holds.release),
        lambda hold: hold.released_at is None and hold.release_proposed_by is not None,
    ),
    "decline-release": Step(
        _("Decline the release"),
        StepForm,
        _decision(holds.decline_release),
        lambda hold: hold.released_at is None and hold.release_proposed_by is not None,
    ),
}

RESTRICTION_STEPS = {
    "tell": Step(
        _("Tell the person that it will be lifted"),
        StepForm,
        _decision(lifting.tell),
        lambda item: item.ends_at is None,
    ),
    "tell-by-post": Step(
        _("A recorded letter told the person"),
        PostForm,
        _decision(lifting.tell_by_post),
        lambda item: item.ends_at is None,
    ),
    "lift": Step(
        _("Lift the restriction"),
        StepForm,
        _decision(lifting.lift),
        lambda item: item.ends_at is None and item.told_at is not None,
    ),
}


class SteppedAdmin(StaffNamedAdmin, admin.ModelAdmin[Any]):
    """A row is read-only and moves by its steps; the services judge again what is offered here."""

    steps: dict[str, Step] = {}
    change_form_template = "retention/admin/change_form.html"

    def get_urls(self) -> list[Any]:
        step = path(
            "<uuid:pk>/steps/<slug:name>/", self.admin_site.admin_view(self.step_view), name=f"{self._name}_step"
        )
        return [step, *super().get_urls()]

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None:
            context["steps"] = self.links_of(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def links_of(self, request: HttpRequest, row: Any) -> list[tuple[str, Text]]:
        """Addresses and names of what can be done with a row now."""
        if not self.may_step(request):
            return []
        return [
            (reverse(f"admin:{self._name}_step", args=[row.pk, name]), step.label)
            for name, step in self.steps.items()
            if step.is_offered(row)
        ]

    def step_view(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """One step, for who proved again who she is (security G7)."""
        if not self.may_step(request):
            raise PermissionDenied
        if name not in self.steps:
            raise Http404
        return reauthentication_required(self._step)(request, pk, name)

    def _step(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """What the step asks, and on POST its service."""
        row, step = get_object_or_404(self.model, pk=pk), self.steps[name]
        form = step.form(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                step.run(row.pk, form.cleaned_data, request.user)
            except HoldRefused as refusal:
                form.add_error(refusal.field, str(refusal))
            except RestrictionRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{row}: {step.label}")
                return redirect(f"admin:{self._name}_change", row.pk)
        self._record(request, "viewed", row)
        return self.page(request, step.label, form, about=str(row))

    def page(self, request: HttpRequest, title: Text, form: forms.Form, *, about: str = "") -> HttpResponse:
        """The page of one form."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "about": about}
        return render(request, "admin/step.html", {**context, "title": title}, status=400 if form.errors else 200)

    def may_step(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


class ReviewFilter(admin.SimpleListFilter):
    """Holds in force, and those nobody has looked at again in time."""

    title = _("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("missed", _("looked at too late")), ("due", _("to be looked at again")), ("active", _("in force"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LegalHold]) -> QuerySet[LegalHold]:
        match self.value():
            case "due":
                due = holds.reviews_due(today=timezone.now().astimezone(RIGA).date())
                return queryset.filter(pk__in=due.values("pk"))
            case "missed":
                return queryset.filter(pk__in=holds.reviews_missed(now=timezone.now()).values("pk"))
            case "active":
                return queryset.filter(released_at=None)
            case _other:
                return queryset


@admin.register(LegalHold)
class LegalHoldAdmin(SteppedAdmin):
    """Legal holds: placed here with a reason, released by two."""

    steps = HOLD_STEPS
    list_display = ["case_number", "which_table", "ground", "review_on", "is_looked_after", "placed_at", "released_at"]
    readonly_fields = ["kept_copies"]
    list_filter = [ReviewFilter, "ground"]
    search_fields = ["case_number"]
    change_list_template = "retention/admin/holds.html"

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.put_in_place("query", "which_rows")
        self.put_in_place("table", "which_table")

    def get_urls(self) -> list[Any]:
        place = path("place/", self.admin_site.admin_view(self.place_view), name="retention_legalhold_place")
        return [place, *super().get_urls()]

    @admin.display(description=_("looked at in time"), boolean=True)
    def is_looked_after(self, hold: LegalHold) -> bool | None:
        """Red where the day of the next look has passed; nothing to say about a released hold."""
        return None if hold.released_at else not holds.reviews_missed(now=timezone.now()).filter(pk=hold.pk).exists()

    @admin.display(description=_("table"), ordering="table")
    def which_table(self, hold: LegalHold) -> str:
        return staff_name(registry().holding(hold.table))

    @admin.display(description=_("which rows"))
    def which_rows(self, hold: LegalHold) -> str:
        return format_html_join("", "<p>{}</p>", ((line,) for line in worded_query(hold)))

    @admin.display(description=_("rows of erased accounts, sealed"))
    def kept_copies(self, hold: LegalHold) -> int:
        return sum(copy.count for copy in hold.copies.all())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The alarm stands above the list until somebody has looked."""
        missed = holds.reviews_missed(now=timezone.now()).count()
        return super().changelist_view(request, {**(extra_context or {}), "missed": missed})

    def links_of(self, request: HttpRequest, row: Any) -> list[tuple[str, Text]]:
        """The steps, and where rows of somebody gone lie sealed the way to open them."""
        links = super().links_of(request, row)
        if row.copies.exists() and OpeningKind.HELD in permitted_kinds(request.user):
            links.append((reverse("admin:retention_opening_request_held", args=[row.pk]), _("Ask for an opening")))
        return links

    def place_view(self, request: HttpRequest) -> HttpResponse:
        """A new hold, placed by who proved again who she is (security G7)."""
        if not self.may_step(request):
            raise PermissionDenied
        return reauthentication_required(self._place)(request)

    def _place(self, request: HttpRequest) -> HttpResponse:
        form = HoldForm(request.POST or None, initial=_suggested(request))
        if request.method == "POST" and form.is_valid():
            person: Any = request.user
            new = NewHold(**form.cleaned_data, owner=person.pk)
            try:
                hold = holds.place(new, by=person, now=timezone.now())
            except HoldRefused as refusal:
                form.refuse(refusal)
            else:
                return redirect("admin:retention_legalhold_change", hold.pk)
        return self.page(request, _("Place a legal hold"), form)


def _suggested(request: HttpRequest) -> dict[str, str]:
    """Which rows another page of the staff proposes to hold; the service judges them as any others."""
    return {name: request.GET[name] for name in ("table", "numbers") if name in request.GET}


class ToldFilter(admin.SimpleListFilter):
    """Restrictions in force, and those about whose end a letter came back."""

    title = _("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("came_back", _("the letter came back")), ("active", _("in force"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Restriction]) -> QuerySet[Restriction]:
        match self.value():
            case "came_back":
                return queryset.filter(ends_at=None, history__contains=lifting.CAME_BACK, told_at=None)
            case "active":
                return queryset.filter(ends_at=None)
            case _other:
                return queryset


class GroundFilter(admin.SimpleListFilter):
    """The grounds in the words for staff."""

    title = _("ground")
    parameter_name = "ground"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STAFF_GROUNDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Restriction]) -> QuerySet[Restriction]:
        return queryset.filter(ground=self.value()) if self.value() else queryset


@admin.register(Restriction)
class RestrictionAdmin(MaskedAdmin, SteppedAdmin):
    """Restrictions of processing; placed from the case desk, lifted here after the person was told."""

    steps = RESTRICTION_STEPS
    list_display = ["case_number", "on_ground", "placed_at", "told_at", "was_told", "lifted_at"]
    list_filter = [ToldFilter, GroundFilter]
    search_fields = ["case_number"]
    exclude = ["email_token", "letter"]

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.put_in_place("ground", "on_ground")

    @admin.display(description=_("ground"), ordering="ground")
    def on_ground(self, row: Restriction) -> Text:
        return row.ground_for_staff

    @admin.display(description=_("the letter reached her"), boolean=True)
    def was_told(self, row: Restriction) -> bool | None:
        """Red where the letter came back: she must be told in another way before anything is lifted."""
        return False if lifting.came_back(row) else None if row.told_at is None else True

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, Restriction) else None
