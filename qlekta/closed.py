"""The closed site: after a restore nobody is served until the journal was heard (security O1, F25)."""

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from qlekta.middleware import Handler
from replay.guard import GUARD

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
"""The process answers that it lives, and says why it is not ready."""

RETRY_AFTER: Final = "300"
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class ClosedMiddleware:
    """Answers 503 with a page while the database lacks what its journal knows; costs no query."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        closed = None if request.path in OPEN_PATHS else GUARD.look()
        if closed is None:
            return self.get_response(request)
        return closed_page(request, left=len(closed.lines), total=closed.total)


def closed_page(request: HttpRequest, *, left: int, total: int) -> HttpResponse:
    """The page of the closed site, in the visitor's language; nothing on it comes from the database."""
    with translation.override(translation.get_language_from_request(request)):
        progress = {
            "left": left,
            "total": total,
            "done": total - left,
            "percent": 100 * (total - left) // max(total, 1),
        }
        page = render_to_string("qlekta/closed.html", progress)
        response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
        response.headers["Content-Language"] = translation.get_language() or ""
    response.headers["Retry-After"] = RETRY_AFTER
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = POLICY
    return response
