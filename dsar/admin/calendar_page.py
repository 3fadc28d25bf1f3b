"""The page on which a member of the staff makes and revokes the secret address of the calendar of due dates."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsar.admin.case_page import Route
from dsar.admin.entry_page import EntryPage
from dsar.calendar_feed import has_feed, make_feed, revoke_feed
from mailing.services import absolute_url


class CalendarPage(EntryPage):
    """Adds the calendar to the desk."""

    def calendar_urls(self) -> list[Route]:
        return [("calendar/", self._guarded(self.calendar_view), "calendar")]

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """The address is shown once, when it is made; a new one ends the old."""
        if not self.may_work(request):
            raise PermissionDenied
        me: Any = request.user
        address = ""
        if request.method == "POST" and "revoke" in request.POST:
            revoke_feed(me)
            return redirect("admin:dsar_subjectrequest_calendar")
        if request.method == "POST":
            address = absolute_url(reverse("privacy:due-calendar", args=[make_feed(me, now=timezone.now())]))
        context = {
            **self._context(request),
            "title": _("Calendar of due dates"),
            "address": address,
            "has_feed": has_feed(me),
        }
        return render(request, "dsar/admin/calendar.html", context)
