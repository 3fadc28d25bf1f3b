"""Admin pages whose rows are read-only and move by steps, each a form and one service, with refusals in sentences."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache

from audit.staff_names import StaffNamedAdmin
from datamap.terms import Text
from registers.refusals import RegisterRefused

Run = Callable[[Any, dict[str, Any], Any], object]
"""Gets the row, what the form says, and who acts; raises RegisterRefused."""


def _nothing(_row: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Step:
    """One button: what it asks, what it does, when it is offered, and what the form shows at first."""

    label: Text
    form: type[forms.BaseForm]
    run: Run
    is_offered: Callable[[Any], bool]
    initial: Callable[[Any], dict[str, Any]] = field(default=_nothing)


class RegisterAdmin(StaffNamedAdmin, admin.ModelAdmin[Any]):
    """A register: looked at by recorded visits, changed by steps; `permission` is what steps ask for."""

    steps: dict[str, Step] = {}
    permission = ""
    change_form_template = "registers/admin/change_form.html"

    @property
    def name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def get_urls(self) -> list[Any]:
        step = path("<path:object_id>/steps/<slug:name>/", self._guarded(self.step_view), name=f"{self.name}_step")
        return [step, *super().get_urls()]

    def _guarded(self, view: Any) -> Any:
        """Staff who may act, and nothing kept on the way."""

        def checked(request: HttpRequest, *args: Any, **options: Any) -> Any:
            if not self.may_act(request):
                raise PermissionDenied
            return view(request, *args, **options)

        return self.admin_site.admin_view(never_cache(checked))

    def may_act(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm(self.permission)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        context["title"] = capfirst(self.opts.verbose_name)
        if row is not None and self.may_act(request):
            context["steps"] = [
                (reverse(f"admin:{self.name}_step", args=[row.pk, name]), step.label)
                for name, step in self.steps.items()
                if step.is_offered(row)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def step_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """One step: what it asks, and on POST its service; a refusal is read above the form."""
        row = self.get_object(request, object_id)
        if name not in self.steps or row is None:
            raise Http404
        step = self.steps[name]
        form = step.form(request.POST or None, initial=step.initial(row))
        if request.method == "POST" and form.is_valid():
            try:
                step.run(row, form.cleaned_data, request.user)
            except RegisterRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{row}: {step.label}")
                return redirect(f"admin:{self.name}_change", row.pk)
        if request.method != "POST":
            self._record(request, "viewed", row)
        return self.form_page(request, step.label, form, about=str(row))

    def form_page(self, request: HttpRequest, title: Text, form: forms.BaseForm, *, about: str = "") -> HttpResponse:
        """The page of one form; 400 where it cannot be taken as it is."""
        context = {**self.context(request, title), "form": form, "about": about}
        return render(request, "admin/step.html", context, status=400 if form.errors else 200)

    def context(self, request: HttpRequest, title: Text) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
