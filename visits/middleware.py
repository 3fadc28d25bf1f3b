"""Notes each request for the visit log, without a query, a cookie or a wait (policy clause 5.2)."""

from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from audit.addresses import is_staff_page, secrets_of
from audit.client import client_ip
from visits.allowance import ALLOWANCE
from visits.browsers import LONGEST_USER_AGENT
from visits.buffer import BUFFER
from visits.hits import Hit

Handler = Callable[[HttpRequest], HttpResponseBase]

REPORTS = "/visits/page-use/"
PHOTOS = "/media/"
_NOT_RECORDED = frozenset({"/healthz", "/healthz/", "/readyz", "/readyz/", "/favicon.ico", REPORTS})
_LONGEST = 2048


class VisitMiddleware:
    """Stands outside all others but the static files, so that it measures what the visitor waits for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        # Files that belong to a page: who reads a list of listings visits one page, not thirty.
        self.files = (f"/{settings.STATIC_URL.lstrip('/')}", PHOTOS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = perf_counter()
        path = request.path_info
        if path == REPORTS and not ALLOWANCE.admits(client_ip(request), at=begun):
            # Before anything else looks at it: a flood costs neither a query nor a page.
            return HttpResponse(status=429, headers={"Retry-After": "60"})
        response = self.get_response(request)
        if path not in _NOT_RECORDED and not path.startswith(self.files):
            BUFFER.record(_hit(request, status=response.status_code, seconds=perf_counter() - begun))
        return response


def _hit(request: HttpRequest, *, status: int, seconds: float) -> Hit:
    # Cut here, read later: a user agent of 64 kB must not fill the queue.
    meta, match = request.META, request.resolver_match
    return Hit(
        at=timezone.now(),
        method=request.method or "",
        path=request.path_info[:_LONGEST],
        query=meta.get("QUERY_STRING", "")[:_LONGEST],
        referrer=meta.get("HTTP_REFERER", "")[:_LONGEST],
        host=meta.get("HTTP_HOST", ""),
        ip=client_ip(request),
        user_agent=meta.get("HTTP_USER_AGENT", "")[:LONGEST_USER_AGENT],
        user_id=_user_id(request),
        status=status,
        seconds=seconds,
        secrets=secrets_of(match),
        is_staff_page=is_staff_page(match),
    )


def _user_id(request: HttpRequest) -> str | None:
    # Only a session the page has read anyway: asking the database for one would make the visitor wait.
    session = getattr(request, "session", None)
    return session.get(SESSION_KEY) if session is not None and session.accessed else None
