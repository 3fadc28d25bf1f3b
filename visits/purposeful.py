"""Admin pages that nobody reads without naming a purpose of policy clause 7.3 first (Q7.11)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.staff_views import RecordedAdmin
from audit.trail import Actor
from visits.queries import PurposeRefused, read
from visits.terms import ReadingPurpose

HOLDS_FOR: Final = timedelta(minutes=30)
_KEPT: Final = "visits.purpose"
_FIELD: Final = "reading_purpose"

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class PurposeForm(forms.Form):
    """The six purposes; there is no other."""

    reading_purpose = forms.ChoiceField(
        label=_("What do you read the visits for?"), choices=ReadingPurpose.choices, widget=forms.RadioSelect
    )


class PurposefulAdmin(RecordedAdmin, Base):
    """Asks for the purpose once in half an hour; the answer is on record, and every look after it names it."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return self.asked(request) or super().changelist_view(request, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        return self.asked(request) or super().changeform_view(request, *args, **options)

    def history_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        return self.asked(request) or super().history_view(request, *args, **options)

    def reason_for(self, request: HttpRequest, obj: Any) -> str:
        return f"{named(request, now=timezone.now())} (policy 7.3)"

    def asked(self, request: HttpRequest) -> HttpResponse | None:
        """The question in place of the page, the way back to it with an answer, or nothing where it is answered."""
        now = timezone.now()
        if not self.has_view_permission(request) or (_FIELD not in request.POST and named(request, now=now)):
            return None
        form = PurposeForm(request.POST if _FIELD in request.POST else None)
        if form.is_bound:
            try:
                read(purpose=request.POST[_FIELD], actor=Actor.of(request.user), now=now)
            except PurposeRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                request.session[_KEPT] = [request.POST[_FIELD], (now + HOLDS_FOR).isoformat()]
                return redirect(request.get_full_path())
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form}
        title = _("For a stated purpose only")
        status = 400 if form.errors else 200
        return TemplateResponse(request, "visits/admin/purpose.html", {**context, "title": title}, status=status)


def named(request: HttpRequest, *, now: datetime) -> str:
    """The purpose that was named for this session and still holds; empty where none does."""
    purpose, until = request.session.get(_KEPT, ("", ""))
    return str(purpose) if until and now < datetime.fromisoformat(until) else ""
