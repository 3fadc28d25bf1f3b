"""Balancing tests as staff read them and look at them again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit.lists import PurposeFilter
from datamap.catalogue import catalogue, purpose_words
from registers.admin.stepping import RegisterAdmin
from registers.balancing import balanced_purposes, review, reviews_due
from registers.models import BalancingVersion
from registers.refusals import RegisterRefused
from registers.versions import MASTER


class ReviewForm(forms.Form):
    """What the look at a test showed."""

    conclusion = forms.CharField(
        label=_("Why the test still holds"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    review_on = forms.DateField(label=_("To be looked at again by"), widget=forms.DateInput(attrs={"type": "date"}))


@admin.register(BalancingVersion)
class BalancingVersionAdmin(RegisterAdmin):
    """Versions and reviews, and above them the tests in force."""

    permission = "registers.review_balancing"
    list_display = ["at", "purpose", "decided_on", "review_on", "conclusion"]
    list_filter = [PurposeFilter]
    spoken = {"purpose": purpose_words}
    change_list_template = "registers/admin/balancing.html"
    fields = ["at", "purpose", "words", "decided_on", "review_on", "conclusion"]
    readonly_fields = ["words"]

    @admin.display(description=_("test"))
    def words(self, version: BalancingVersion) -> SafeString:
        language = (translation.get_language() or MASTER).partition("-")[0]
        test = version.document.get(language) or version.document[MASTER]
        return render_to_string("registers/admin/test.html", {"test": test})

    def get_urls(self) -> list[Any]:
        page = path("review/<slug:code>/", self._guarded(self.review_view), name=f"{self.name}_review")
        return [page, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            due = reviews_due()
            response.context_data["tests"] = [
                {"purpose": catalogue().purposes[code], "test": test, "review_on": due[code]}
                for code, test in balanced_purposes().items()
            ]
            response.context_data["may_act"] = self.may_act(request)
        return response

    def review_view(self, request: HttpRequest, code: str) -> HttpResponse:
        """Look at one test again."""
        if code not in balanced_purposes():
            messages.error(request, _("This purpose has no balancing test."))
            return redirect(f"admin:{self.name}_changelist")
        form = ReviewForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            person: Any = request.user
            try:
                review(code, by=person, now=timezone.now(), **form.cleaned_data)
            except RegisterRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Entered."))
                return redirect(f"admin:{self.name}_changelist")
        label = catalogue().purposes[code].label
        return self.form_page(request, _("Looked at again: the test still holds"), form, about=str(label))
