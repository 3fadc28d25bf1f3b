"""The page on which staff erase a child's account: what goes, what stays, why, a tick (policy clause 6, Q6.2)."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.staff_views import RecordedAdmin
from audit.trail import Actor
from retention.desk import StepForm
from retention.erasure import ErasureRefused
from retention.minors import erase_child, plan_for_child, suspect
from retention.models import ErasureRun, RunState
from vault.keys import WrongMasterKey

DESK_CASE: Final = "CH-?"
"""The number of a sign that came without a request."""


class ChildForm(StepForm):
    """The plan that was read, why, and a tick: nothing of this comes back."""

    plan = forms.CharField(widget=forms.HiddenInput)
    sure = forms.BooleanField(label=_("I have read what goes and what stays"))


class ChildPage(RecordedAdmin, admin.ModelAdmin[Any]):
    """Mixin for the journal of erasures: the action stands beside what it writes."""

    def get_urls(self) -> list[Any]:
        child = path("child/<uuid:user_id>/", self.admin_site.admin_view(self.child_view), name="retention_erase_child")
        doubt = path(
            "child/<uuid:user_id>/restrict/",
            self.admin_site.admin_view(self.suspect_view),
            name="retention_suspect_child",
        )
        return [child, doubt, *super().get_urls()]

    def suspect_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """A sign is enough for this: it can be lifted again (security I12)."""
        if not request.user.has_perm("retention.erase_child"):
            raise PermissionDenied
        user, form = get_object_or_404(get_user_model(), pk=user_id), StepForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._suspect(request, user, form.cleaned_data["reason"])
        self._record(request, "viewed", user)
        words = {
            "title": _("Restrict: this may be a child"),
            "about": _("From now on the data of this account are stored and nothing else, until it is lifted."),
        }
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, **words}
        return render(request, "admin/step.html", context)

    def _suspect(self, request: HttpRequest, user: Any, reason: str) -> HttpResponse:
        by: Any = request.user
        try:
            restriction = suspect(user, case_number=DESK_CASE, reason=reason, by=by, now=timezone.now())
        except ErasureRefused as refused:
            messages.error(request, str(refused))
            return redirect("admin:retention_suspect_child", user.pk)
        messages.success(request, _("Everything about this account is restricted from now on."))
        return redirect("admin:retention_restriction_change", restriction.pk)

    def child_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """What cannot be undone is done by who proved again who she is (security G7)."""
        if not request.user.has_perm("retention.erase_child"):
            raise PermissionDenied
        return reauthentication_required(self._child)(request, user_id)

    def _child(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """What the action would do, and on POST the action."""
        user, now = get_object_or_404(get_user_model(), pk=user_id), timezone.now()
        plan = plan_for_child(user, now=now)
        form = ChildForm(request.POST or None, initial={"plan": plan.digest})
        if request.method == "POST" and form.is_valid():
            return self._erase(request, user, form, now=now)
        self._record(request, "viewed", user)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "plan": plan}
        title = _("Erase the account of a child")
        return render(request, "retention/admin/erase_child.html", {**context, "title": title})

    def _erase(self, request: HttpRequest, user: Any, form: ChildForm, *, now: datetime) -> HttpResponse:
        try:
            receipt = erase_child(
                user,
                plan_digest=form.cleaned_data["plan"],
                reason=form.cleaned_data["reason"],
                actor=Actor.of(request.user),
                now=now,
            )
        except (ErasureRefused, WrongMasterKey) as refused:
            messages.error(request, str(refused))
            return redirect("admin:retention_erase_child", user.pk)
        run = ErasureRun.objects.get(case_number=receipt.case_number)
        is_done = run.state == RunState.DONE
        messages.add_message(
            request,
            messages.SUCCESS if is_done else messages.WARNING,
            f"{run.case_number}: {run.get_state_display()}",
        )
        return redirect("admin:retention_erasurerun_changelist")
