"""Hands the calendar of due dates to the programs of the staff, which cannot log in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dsar.calendar_feed import calendar_of, owner_of


@never_cache
@require_safe
def due_calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """Numbers and days; every other text in the address leads nowhere."""
    owner = owner_of(secret)
    if owner is None:
        raise Http404
    return HttpResponse(calendar_of(owner, now=timezone.now()), content_type="text/calendar; charset=utf-8")
