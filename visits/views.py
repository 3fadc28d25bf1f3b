"""Takes what browsers report of the use of pages; answers nothing, whatever comes (policy clause 5.2; Q5.17)."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from cookies.choice import CookieConsent
from cookies.origin import from_own_page
from visits.browsers import browser_of
from visits.buffer import BUFFER
from visits.context import is_collecting
from visits.reports import LARGEST, ReportRefused, read_report
from visits.terms import Platform
from visits.uses import Use


@csrf_exempt
@require_POST
def page_use(request: HttpRequest) -> HttpResponse:
    """Notes a report of a visitor who agreed; without consent nothing is read of it (204), whoever posts.

    Exempt from the CSRF cookie because a report needs none: where it comes from is checked instead. Statuses: 204 also
    where nothing was kept, 403 from elsewhere, 413 too long, 415 no JSON, 400 for what our script cannot have sent.
    """
    if not from_own_page(request):
        return HttpResponse(status=403)
    consent: CookieConsent = request.consent  # type: ignore[attr-defined]
    if not is_collecting(consent) or consent.receipt is None or _is_robot(request):
        return HttpResponse(status=204)
    if request.content_type != "application/json":
        return HttpResponse(status=415)
    if _length(request) > LARGEST:
        return HttpResponse(status=413)
    try:
        found = read_report(request.body)
    except ReportRefused:
        return HttpResponse(status=400)
    now, user_id = timezone.now(), str(request.user.pk) if request.user.is_authenticated else None
    BUFFER.record_uses([Use(now, user_id, consent.receipt, item) for item in found])
    return HttpResponse(status=204)


# Its own limits and its own strict reading: nothing of a report is looked at before them.
page_use.reads_body_itself = True  # type: ignore[attr-defined]


def _is_robot(request: HttpRequest) -> bool:
    return browser_of(request.META.get("HTTP_USER_AGENT", "")).platform is Platform.ROBOT


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return LARGEST + 1
