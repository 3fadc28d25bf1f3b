"""The record of processing activities as staff read it: today's, each version, and what changed between two days."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from audit.trail import Actor, record
from datamap.periods import RIGA
from registers.admin.stepping import RegisterAdmin
from registers.models import RegisterVersion
from registers.reading import FORMATS, activities_of, head_of, written
from registers.refusals import RegisterRefused
from registers.versions import as_read, difference, version_on


class DaysForm(forms.Form):
    """Two days to compare."""

    before = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    after = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))


@admin.register(RegisterVersion)
class RegisterVersionAdmin(RegisterAdmin):
    """Versions, the newest first."""

    list_display = ["at", "activities", "digest"]
    date_hierarchy = "at"
    change_list_template = "registers/admin/versions.html"
    change_form_template = "registers/admin/version.html"
    fields = ["at", "activities", "digest"]

    def get_urls(self) -> list[Any]:
        compare = self.admin_site.admin_view(never_cache(self.compare_view))
        export = self.admin_site.admin_view(never_cache(self.export_view))
        return [
            path("compare/", compare, name=f"{self.name}_compare"),
            path("<int:number>/export/<str:form>/", export, name=f"{self.name}_export"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        version = kwargs.get("obj")
        if version is not None:
            document = as_read(version)
            context |= {"head": head_of(document), "activities": activities_of(document), "formats": FORMATS}
        return super().render_change_form(request, context, *args, **kwargs)

    def export_view(self, request: HttpRequest, number: int, form: str) -> HttpResponse:
        """One version as a file, as `export_register` writes it: what is handed to the authority (Art. 30(4))."""
        version = self.get_object(request, str(number))
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        if version is None or form not in FORMATS:
            raise Http404
        day = version.at.astimezone(RIGA).date().isoformat()
        self._record(request, "viewed", version)
        content = written(as_read(version), form, day=day)
        named = {"Content-Disposition": f'attachment; filename="register-{day}.{form}"'}
        return HttpResponse(content, content_type=f"{FORMATS[form]}; charset=utf-8", headers=named)

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """What changed between two days."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = DaysForm(request.GET or None)
        context = {**self.context(request, _("What changed between two days")), "form": form}
        if form.is_valid():
            try:
                versions = [version_on(form.cleaned_data[name]) for name in ("before", "after")]
            except RegisterRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                context |= {"changes": difference(*versions), "versions": versions}
        record(
            "listed",
            actor=Actor.of(request.user),
            kind=self.opts.label,
            reason=self.reason_for(request, None),
            now=timezone.now(),
        )
        return render(request, "registers/admin/compare.html", context, status=400 if form.errors else 200)
