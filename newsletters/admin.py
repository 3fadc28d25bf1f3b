"""The pages on which staff write, test and run campaigns: numbers of people, never people (policy clause 13)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from audit.staff_views import RecordedAdmin
from audit.trail import Actor, record
from datamap.terms import Text
from newsletters import campaigns
from newsletters.audience import audience
from newsletters.campaign_form import CampaignForm
from newsletters.campaigns import NotPossible, is_step_possible
from newsletters.figures import table
from newsletters.import_page import handle_upload, shown_list
from newsletters.models import Campaign, CampaignState
from newsletters.progress import Progress
from newsletters.wording import preview

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

RUN: Final = "newsletters.run_campaign"
_PAGE: Final = "admin:newsletters_campaign_change"
_SAMPLE_WAY_OUT: Final = "/newsletter/stop/…/"
"""Stands in a preview where each letter has a link of its own: nobody can be let out by looking at it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One button of a campaign: its name, what it asks before it acts, what it does, and what it says afterwards."""

    label: Text
    question: Text
    run: Callable[[Campaign, Any, datetime], None]
    said: Text
    is_harsh: bool = False


def _send_test(campaign: Campaign, user: Any, now: datetime) -> None:
    for language, _name in settings.LANGUAGES:
        campaigns.send_test(campaign, to=user.email, language=language, user_id=user.pk, now=now)
    record("campaign.tested", actor=Actor.of(user), about=campaign, now=now)


STEPS: Final[dict[str, Step]] = {
    "test": Step(
        _("Send a test to myself"),
        _("One letter in each language goes to your own address, marked as a test."),
        _send_test,
        _("The test is on its way to you."),
    ),
    "start": Step(
        _("Start"),
        _("From now on letters go out. The texts cannot be changed any more."),
        lambda campaign, user, now: campaigns.start(campaign.pk, actor=Actor.of(user), now=now),
        _("The campaign has started."),
    ),
    "pause": Step(
        _("Pause"),
        _("No further letter is written. Those that wait in the outbox already still go: at most a thousand."),
        lambda campaign, user, now: campaigns.pause(campaign.pk, actor=Actor.of(user), now=now),
        _("The campaign is paused."),
    ),
    "resume": Step(
        _("Go on"),
        _("The campaign goes on where it was paused. Nobody gets a second letter."),
        lambda campaign, user, now: campaigns.resume(campaign.pk, actor=Actor.of(user), now=now),
        _("The campaign goes on."),
    ),
    "cancel": Step(
        _("Cancel for good"),
        _("What has not gone yet is not sent, what waits in the outbox neither. This cannot be undone."),
        lambda campaign, user, now: campaigns.cancel(campaign.pk, actor=Actor.of(user), now=now),
        _("The campaign is cancelled."),
        is_harsh=True,
    ),
}


@admin.register(Campaign)
class CampaignAdmin(RecordedAdmin, Base):
    """The list of campaigns, the page of one with its numbers, and its steps, each asked for and then posted."""

    list_display = ("name", "state", "created_at", "started_at", "ended_at")
    list_filter = ("state",)
    fields = ("name", "created_at", "started_at", "ended_at")
    change_list_template = "newsletters/admin/campaigns.html"
    change_form_template = "newsletters/admin/campaign.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or _may_run(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or _may_run(request)

    def get_urls(self) -> list[Any]:
        return [
            path("new/", self._guarded(self.edit_view), name="newsletters_campaign_new"),
            path("figures.csv", self._guarded(self.figures_view), name="newsletters_campaign_figures"),
            path("import/", self._guarded(self.import_view), name="newsletters_campaign_import"),
            path("import/<uuid:number>/", self._guarded(self.list_view), name="newsletters_campaign_list"),
            path("<uuid:number>/edit/", self._guarded(self.edit_view), name="newsletters_campaign_edit"),
            path("<uuid:number>/steps/<slug:name>/", self._guarded(self.step_view), name="newsletters_campaign_step"),
            *super().get_urls(),
        ]

    def _guarded(self, view: Callable[..., HttpResponse]) -> Any:
        def checked(request: HttpRequest, **options: Any) -> HttpResponse:
            if not _may_run(request):
                raise PermissionDenied
            return view(request, **options)

        return self.admin_site.admin_view(never_cache(checked))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        campaign = options.get("obj")
        if campaign is not None:
            progress = Progress.of(campaign)
            context |= {"title": campaign.name, "progress": progress, "previews": _previews(campaign)}
            context["is_moving"] = campaign.state == CampaignState.RUNNING or progress.queued > 0
            context["may_edit"] = _may_run(request) and campaign.state == CampaignState.DRAFT
            if _may_run(request):
                context["steps"] = [
                    (reverse("admin:newsletters_campaign_step", args=[campaign.pk, name]), step)
                    for name, step in STEPS.items()
                    if is_step_possible(campaign, name)
                ]
        return super().render_change_form(request, context, *args, **options)

    def edit_view(self, request: HttpRequest, number: UUID | None = None) -> HttpResponse:
        """Write the texts; possible until the start."""
        campaign = None if number is None else get_object_or_404(Campaign, pk=number)
        form = CampaignForm(request.POST or None, instance=campaign)
        if request.method == "POST" and form.is_valid() and (written := self._written(request, form)):
            return redirect(reverse(_PAGE, args=[written.pk]))
        title = _("New campaign") if campaign is None else campaign.name
        return self._page(request, "newsletters/admin/write.html", title=title, form=form)

    def _written(self, request: HttpRequest, form: CampaignForm) -> Campaign | None:
        try:
            return campaigns.write(form.save(commit=False), actor=Actor.of(request.user), now=timezone.now())
        except NotPossible as refusal:
            form.add_error(None, str(refusal.message))
            return None

    def figures_view(self, request: HttpRequest) -> HttpResponse:
        """Totals for whoever audits our advertising; that they were taken out is on record."""
        record("campaign.figures", actor=Actor.of(request.user), kind="newsletters.Campaign", now=timezone.now())
        response = HttpResponse(table(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="advertising-figures.csv"'
        return response

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Hand in a list of an earlier system."""
        taken, shown = handle_upload(request)
        if taken is not None:
            return redirect(reverse("admin:newsletters_campaign_list", args=[taken.pk]))
        title = _("Take over a list of an earlier system")
        return self._page(request, "newsletters/admin/import.html", title=title, **shown)

    def list_view(self, request: HttpRequest, number: UUID) -> HttpResponse:
        """How far a list is, and what came of it."""
        return self._page(request, "newsletters/admin/list.html", **shown_list(request, number))

    def step_view(self, request: HttpRequest, number: UUID, name: str) -> HttpResponse:
        """Ask first, and do it when the answer comes."""
        campaign = get_object_or_404(Campaign, pk=number)
        step = STEPS.get(name)
        if step is None or not is_step_possible(campaign, name):
            messages.error(request, NotPossible.message)
            return redirect(reverse(_PAGE, args=[number]))
        if request.method == "POST":
            try:
                step.run(campaign, request.user, timezone.now())
                messages.success(request, str(step.said))
            except NotPossible as refusal:
                messages.error(request, refusal.message)
            return redirect(reverse(_PAGE, args=[number]))
        told = {"step": step, "campaign": campaign, "audience": _audience() if name == "start" else ""}
        return self._page(request, "newsletters/admin/step.html", title=step.label, **told)

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        form = context.get("form")
        everything = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, template, everything, status=400 if form is not None and form.errors else 200)


def _audience() -> str:
    found = audience(now=timezone.now())
    if not found.is_all:
        words = gettext(
            "More than %(count)s people. Counting stops there: the page of the campaign tells how many they are once"
            " its list is made."
        )
        return words % {"count": found.count}
    count = found.count
    words = ngettext(
        "If it started now, the letter would go to %(count)s person.",
        "If it started now, the letter would go to %(count)s people.",
        count,
    )
    return words % {"count": count}


def _previews(campaign: Campaign) -> list[tuple[str, Any]]:
    return [
        (str(name), preview(campaign, language=language, way_out=_SAMPLE_WAY_OUT))
        for language, name in settings.LANGUAGES
    ]


def _may_run(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.has_perm(RUN)
