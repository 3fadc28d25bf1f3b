"""Nothing optional is read or set without consent, whoever tries (policy clause 11; ePrivacy Art. 5(3))."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.cookie import SimpleCookie
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from cookies.choice import CookieConsent, read_choice, today_utc
from cookies.cookies import CONSENT_COOKIE
from cookies.registry import Register, register

Handler = Callable[[HttpRequest], HttpResponse]
logger = logging.getLogger(__name__)


class UndeclaredCookie(Exception):
    """Code tried to set a cookie that no `cookies.py` declares, or for longer than declared, or without consent."""


class ConsentMiddleware:
    """Puts `request.consent` in place, hides cookies that may not be read, and guards what a response sets."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        services = register()
        request.consent = _consent(request, services)  # type: ignore[attr-defined]
        sent = set(request.COOKIES)
        request.COOKIES = _readable(request, services)
        response = self.get_response(request)
        # A view may have recorded a new choice: that one decides what this very response may set.
        consent: CookieConsent = request.consent  # type: ignore[attr-defined]
        _guard(response.cookies, consent, services)
        _expire_withdrawn(response, sent, consent, services)
        patch_vary_headers(response, ["Cookie", "Sec-GPC"])
        return response


def _consent(request: HttpRequest, services: Register) -> CookieConsent:
    return read_choice(
        request.COOKIES.get(CONSENT_COOKIE, ""),
        register=services,
        signal=request.headers.get("Sec-GPC") == "1",
        today=today_utc(timezone.now()),
    )


def _readable(request: HttpRequest, services: Register) -> dict[str, str]:
    """The declared cookies that the visitor allows; the server does not look at any other (L8)."""
    consent: CookieConsent = request.consent  # type: ignore[attr-defined]
    found = {name: services.find(name) for name in request.COOKIES}
    allowed = {name for name, hit in found.items() if hit is not None and consent.allows(hit[0].category)}
    return {name: value for name, value in request.COOKIES.items() if name in allowed}


def _guard(cookies: "SimpleCookie", consent: CookieConsent, services: Register) -> None:
    """The cookie firewall: raises in development and tests, drops in production."""
    for name in list(cookies):
        if cookies[name]["max-age"] == 0:
            continue
        problem = _problem(name, cookies[name]["max-age"], consent, services)
        if problem and not settings.PRODUCTION:
            raise UndeclaredCookie(problem)
        if problem:
            logger.error("cookie dropped: %s", name)
            del cookies[name]


def _problem(name: str, max_age: object, consent: CookieConsent, services: Register) -> str:
    found = services.find(name)
    if found is None:
        return f"The cookie {name!r} is declared in no cookies.py."
    service, cookie = found
    if not consent.allows(service.category):
        return f"The cookie {name!r} is {service.category.value} and the visitor has not agreed to that."
    if max_age and (cookie.lifetime is None or timedelta(seconds=int(str(max_age))) > cookie.lifetime):
        return f"The cookie {name!r} would live longer than declared."
    return ""


def _expire_withdrawn(response: HttpResponse, sent: set[str], consent: CookieConsent, services: Register) -> None:
    """Deletes in the browser what the visitor no longer allows, in this very response (Q11.8)."""
    for name in sent:
        found = services.find(name)
        if found is not None and not consent.allows(found[0].category):
            response.delete_cookie(name, samesite="Lax")
