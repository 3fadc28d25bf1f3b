"""Looks at the queue that a member of the staff keeps under a name: made, listed as links, deleted; nobody else's."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from dsar.admin.calendar_page import CalendarPage
from dsar.admin.case_page import Route
from dsar.admin.filters import UnknownFilter, checked_query
from dsar.models import SavedFilter

MOST: Final = 20
QUEUE: Final = "admin:dsar_subjectrequest_changelist"


class FilterForm(forms.Form):
    """A name for the look at the queue that is open."""

    name = forms.CharField(
        label=_("Name of this filter"), max_length=40, help_text=_("Name what you look for, not a person.")
    )
    query = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        """Only words that the filters of the queue know."""
        try:
            return checked_query(self.cleaned_data["query"])
        except UnknownFilter:
            raise forms.ValidationError(gettext("The queue has no such filter.")) from None


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved filter as the page of the queue lists it."""

    filter: SavedFilter
    address: str
    is_open: bool


class SavedPage(CalendarPage):
    """Adds the saved filters to the desk."""

    def saved_urls(self) -> list[Route]:
        return [
            ("filters/", self._guarded(require_POST(self.save_filter_view)), "save_filter"),
            ("filters/<int:filter_id>/delete/", self._guarded(require_POST(self.delete_filter_view)), "delete_filter"),
        ]

    def saved(self, request: HttpRequest) -> dict[str, Any]:
        """What the page of the queue shows: the filters that were saved, and a form for the one that is open."""
        me: Any = request.user
        query = checked_query(request.GET.urlencode(), strict=False)
        queue = reverse(QUEUE)
        known = [
            Saved(item, f"{queue}?{item.query}", is_open=item.query == query)
            for item in SavedFilter.objects.filter(owner=me)
        ]
        can_be_saved = query and not any(item.is_open for item in known)
        return {"saved": known, "filter_form": FilterForm(initial={"query": query}) if can_be_saved else None}

    def save_filter_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the look that is open; the same name again means the new look."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form, me = FilterForm(request.POST), self._me(request)
        if not form.is_valid():
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
            return redirect(QUEUE)
        name, query = form.cleaned_data["name"], form.cleaned_data["query"]
        others = SavedFilter.objects.filter(owner=me).exclude(name=name)
        if others.count() >= MOST:
            told = ngettext("You may keep %(count)d filter.", "You may keep %(count)d filters.", MOST)
            messages.error(request, told % {"count": MOST})
        else:
            SavedFilter.objects.update_or_create(
                owner=me, name=name, defaults={"query": query, "made_at": timezone.now()}
            )
            messages.success(request, gettext("The filter is saved."))
        return redirect(f"{reverse(QUEUE)}?{query}")

    def delete_filter_view(self, request: HttpRequest, filter_id: int) -> HttpResponse:
        """Delete one of one's own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        get_object_or_404(SavedFilter, pk=filter_id, owner=self._me(request)).delete()
        messages.success(request, gettext("The filter is deleted."))
        return redirect(QUEUE)

    def _me(self, request: HttpRequest) -> Any:
        return request.user
