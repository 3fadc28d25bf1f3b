"""The pages on which staff make surveys, see totals, draw winners, and read single answers for a reason (Art. 32)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from audit.revealing import RevealedAdmin, is_revealed
from audit.staff_views import RecordedAdmin
from audit.trail import Actor
from datamap.once import once
from datamap.terms import Text
from surveys import running
from surveys.drawing import draw
from surveys.exporting import answers_sheet, totals_sheet
from surveys.in_use import is_answered
from surveys.models import Participation, Question, Survey
from surveys.running import NotPossible
from surveys.staff_forms import ExportForm, SurveyForm
from surveys.tallies import report
from surveys.terms import LEAST_ANSWERS, Kind, State
from surveys.wordings import spoken

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
    Inline = admin.StackedInline[Any, Any]
else:
    Base, Inline = admin.ModelAdmin, admin.StackedInline

RUN: Final = "surveys.run_survey"
READ: Final = "surveys.read_answers"
_PAGE: Final = "admin:surveys_survey_change"


@dataclass(frozen=True, slots=True)
class Step:
    """One button of a survey: its name, what it asks before it acts, when it is offered, and what it does."""

    label: Text
    question: Text
    is_offered: Callable[[Survey, datetime], bool]
    run: Callable[[UUID, Actor, datetime], object]


def _can_count(survey: Survey, now: datetime) -> bool:
    return survey.is_over(now=now) and survey.counted_at is None


def _can_draw(survey: Survey, now: datetime) -> bool:
    return survey.kind == Kind.DRAW and survey.is_over(now=now) and not hasattr(survey, "draw")


STEPS: Final[dict[str, Step]] = {
    "publish": Step(
        _("Publish"),
        _("Its page opens at its time. Texts and questions can be changed until somebody has answered."),
        lambda survey, _now: survey.state == State.DRAFT,
        lambda number, actor, now: running.publish(number, actor=actor, now=now),
    ),
    "close": Step(
        _("Close now"),
        _("Nobody can answer any more, and the answers are deleted that much earlier. It cannot be opened again."),
        lambda survey, now: survey.is_open(now=now),
        lambda number, actor, now: running.close(number, actor=actor, now=now),
    ),
    "count": Step(
        _("Count the answers"),
        _("The totals are made once and stay when the answers go. Groups of fewer than five are not shown apart."),
        _can_count,
        lambda number, actor, now: running.count(number, actor=actor, now=now),
    ),
    "draw": Step(
        _("Draw the winners"),
        _("The lot decides once and for all, and each winner gets a letter. It is on record how it was drawn."),
        _can_draw,
        lambda number, actor, now: draw(number, actor=actor, now=now),
    ),
    "copy": Step(
        _("Make a copy"),
        _("A new draft with the same texts and questions."),
        lambda _survey, _now: True,
        lambda number, actor, now: running.copy(number, actor=actor, now=now),
    ),
}


class QuestionInline(Inline):
    """The questions of a survey, under it."""

    model = Question
    extra = 1
    fields = (
        ("number", "kind", "is_mandatory"),
        *((f"text_{language}", f"options_{language}") for language in ("lv", "en", "ru")),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(request, obj)


@admin.register(Survey)
class SurveyAdmin(RecordedAdmin, Base):
    """The list of surveys, the page of one with its questions, its steps, and what came of it."""

    form = SurveyForm
    inlines = (QuestionInline,)
    list_display = ("title_lv", "kind", "state", "opens_at", "closes_at")
    list_filter = ("kind", "state")
    change_form_template = "surveys/admin/survey.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(SurveyForm.Meta.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return []  # who may not change it sees every field as text anyway

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or _may(request, RUN, READ)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or _may(request, RUN, READ)

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return _may(request, RUN)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(request, obj)

    def get_urls(self) -> list[Any]:
        return [
            path("<uuid:number>/steps/<slug:name>/", self._guarded(self.step_view, RUN), name="surveys_survey_step"),
            path("<uuid:number>/totals.csv", self._guarded(self.totals_view, RUN, READ), name="surveys_survey_totals"),
            path("<uuid:number>/answers/", self._guarded(self.answers_view, READ), name="surveys_survey_answers"),
            *super().get_urls(),
        ]

    def _guarded(self, view: Callable[..., HttpResponse], *permissions: str) -> Any:
        def checked(request: HttpRequest, **options: Any) -> HttpResponse:
            if not _may(request, *permissions):
                raise PermissionDenied
            return view(request, **options)

        return self.admin_site.admin_view(never_cache(checked))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        survey = options.get("obj")
        if survey is not None:
            context |= {"report": report(survey), "people": survey.totals.get("people"), "least": LEAST_ANSWERS}
            context["may_read"] = _may(request, READ)
            offered = [(name, step) for name, step in STEPS.items() if step.is_offered(survey, timezone.now())]
            context["steps"] = [
                (reverse("admin:surveys_survey_step", args=[survey.pk, name]), step)
                for name, step in offered
                if _may(request, RUN)
            ]
        return super().render_change_form(request, context, *args, **options)

    def step_view(self, request: HttpRequest, number: UUID, name: str) -> HttpResponse:
        """Ask first, and do it when the answer comes."""
        survey, step = get_object_or_404(Survey, pk=number), STEPS.get(name)
        if step is None:
            raise Http404
        if request.method != "POST":
            return self._page(request, "surveys/admin/step.html", title=step.label, step=step, survey=survey)
        try:
            made = step.run(number, Actor.of(request.user), timezone.now())
        except NotPossible as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(_("Done.")))
            if isinstance(made, Survey):
                number = made.pk
        return redirect(reverse(_PAGE, args=[number]))

    def totals_view(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """The totals as a sheet."""
        survey = get_object_or_404(Survey, pk=number, counted_at__isnull=False)
        self._record(request, "viewed", survey)
        return _sheet(totals_sheet(survey), f"{survey.slug}-totals.csv")

    def answers_view(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """The single answers as a sheet, once, for a reason that is on record."""
        survey = get_object_or_404(Survey, pk=number)
        form = ExportForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            reason, actor = form.cleaned_data["reason"], Actor.of(request.user)
            sheet = answers_sheet(survey, actor=actor, reason=reason, now=timezone.now())
            return _sheet(sheet, f"{survey.slug}-answers.csv")
        title = _("Single answers")
        return self._page(request, "surveys/admin/answers.html", title=title, form=form, survey=survey)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        form = context.get("form")
        everything = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, template, everything, status=400 if form is not None and form.errors else 200)


@admin.register(Participation)
class ParticipationAdmin(RevealedAdmin, Base):
    """Who answered what: masked, and in clear once for each stated reason."""

    revealed_to = READ
    fields = ("survey", "user", "email", "said", "answered_at", "won_at", "ends_at")
    readonly_fields = ("said",)
    list_display = ("id", "survey", "answered_at", "won_at", "ends_at")
    list_filter = ("survey",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or _may(request, READ)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or _may(request, READ)

    def subject_of(self, obj: models.Model) -> UUID | None:
        return obj.user_id if isinstance(obj, Participation) else None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The answers in words stand in place of what is stored, and only where they are shown at all."""
        shown = super().get_fields(request, obj)
        return [name for name in shown if name != "said" or is_revealed(request)]

    @admin.display(description=_("answers"))
    def said(self, row: Participation) -> str:
        return spoken(row.answers)


def _sheet(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _may(request: HttpRequest, *permissions: str) -> bool:
    return request.user.is_active and any(request.user.has_perm(permission) for permission in permissions)


def _may_change(request: HttpRequest, survey: Survey | None) -> bool:
    """Until somebody has answered: whoever answered has seen these words, and nobody changes them afterwards."""
    if survey is None or not _may(request, RUN):
        return _may(request, RUN)
    return not once(("answered", survey.pk), lambda: is_answered(survey))
