"""My privacy: what is open, what is held, and how it was used (Q1.2; Art. 12-15)."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from datamap.catalogue import catalogue
from datamap.terms import Use
from datamap.trace import Reading, subject_of_user
from dsar.holdings import holdings_about
from dsar.queries import is_downloadable, requests_of, viewed
from dsar.timeline import LAST_PAGE, ON_PORTAL
from dsar.timeline import timeline as timeline_of

_REQUESTS: Final = 50


@never_cache
@require_safe
def portal(request: HttpRequest) -> HttpResponse:
    """All controls on one page; who is not logged in sees what there is and how to get in."""
    site = catalogue()
    context: dict[str, Any] = {"authority": site.authority, "controller": site.controller}
    if request.user.is_authenticated:
        now = timezone.now()
        reading = Reading(subject_of_user(request.user))
        cases = [viewed(case, now=now) for case in requests_of(request.user.pk)[:_REQUESTS]]
        context["open"] = [view for view in cases if not view.case.is_closed]
        context["ready"] = [view for view in cases if view.package and is_downloadable(view.package, now=now)]
        context["asked"] = len(cases)
        context["holdings"] = holdings_about(reading)
        context["timeline"] = timeline_of(reading, size=ON_PORTAL)
    return render(request, "dsar/portal.html", context)


@never_cache
@require_safe
@login_required
def timeline(request: HttpRequest) -> HttpResponse:
    """The whole time line, page by page, of one kind where the address names it."""
    person: Any = request.user
    kind = request.GET.get("kind", "")
    use = Use(kind) if kind in Use.values else None
    page = request.GET.get("page", "")
    number = min(int(page), LAST_PAGE) if page.isascii() and page.isdecimal() else 1
    found = timeline_of(Reading(subject_of_user(person)), use=use, page=max(number, 1))
    return render(request, "dsar/timeline.html", {"timeline": found, "use": use, "uses": Use, "last_page": LAST_PAGE})
