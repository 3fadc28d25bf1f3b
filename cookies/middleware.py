"""Nothing optional is read or set without consent, whoever tries (policy clause 11; ePrivacy Art. 5(3))."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from http.cookies import Morsel
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.cookie import SimpleCookie
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from cookies.choice import CookieConsent, read_choice, today_utc
from cookies.cookies import CONSENT_COOKIE
from cookies.drift import DRIFT
from cookies.registry import Kind, Register, register

Handler = Callable[[HttpRequest], HttpResponse]
_LONG_AGO: Final = "Thu, 01 Jan 1970 00:00:00 GMT"
_FEWEST_LABELS: Final = 2
logger = logging.getLogger(__name__)


class UndeclaredCookie(Exception):
    """Code tried to set a cookie that no `cookies.py` declares, or for longer than declared, or without consent."""


class ConsentMiddleware:
    """Puts `request.consent` in place, hides cookies that may not be read, and guards what a response sets."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        services = register()
        sent = dict(request.COOKIES)
        request.cookies_sent = sent  # type: ignore[attr-defined]
        take_effect(request, _consent(request, services), services)
        if settings.PRODUCTION and (strangers := [name for name in sent if services.find(name) is None]):
            DRIFT.note(strangers, day=today_utc(timezone.now()))
        response = self.get_response(request)
        # A view may have recorded a new choice: that one decides what this very response may set.
        consent: CookieConsent = request.consent  # type: ignore[attr-defined]
        _guard(response.cookies, consent, services)
        _expire_withdrawn(response, sent.keys(), consent, services, domains=_domains(request))
        patch_vary_headers(response, ["Cookie", "Sec-GPC"])
        return response


def _consent(request: HttpRequest, services: Register) -> CookieConsent:
    return read_choice(
        request.COOKIES.get(CONSENT_COOKIE, ""),
        register=services,
        signal=request.headers.get("Sec-GPC") == "1",
        today=today_utc(timezone.now()),
    )


def take_effect(request: HttpRequest, consent: CookieConsent, services: Register) -> None:
    """Make this the choice of the request: what views and templates ask, and which cookies they see at all (L8)."""
    request.consent = consent  # type: ignore[attr-defined]
    sent: dict[str, str] = request.cookies_sent  # type: ignore[attr-defined]
    found = {name: services.find(name) for name in sent}
    allowed = {name for name, hit in found.items() if hit is not None and consent.allows(hit[0])}
    request.COOKIES = {name: value for name, value in sent.items() if name in allowed}


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
    if not consent.allows(service):
        return f"The cookie {name!r} is {service.category.value} and the visitor has not agreed to that."
    if max_age and (cookie.lifetime is None or timedelta(seconds=int(str(max_age))) > cookie.lifetime):
        return f"The cookie {name!r} would live longer than declared."
    return ""


def _expire_withdrawn(
    response: HttpResponse, sent: Iterable[str], consent: CookieConsent, services: Register, *, domains: tuple[str, ...]
) -> None:
    """Deletes in the browser what the visitor no longer allows, in this very response (Q11.8).

    A script of a third party may have set its cookie for the whole domain: each domain needs a deletion of its own.
    """
    for name in sent:
        found = services.find(name)
        if found is None or consent.allows(found[0]):
            continue
        response.delete_cookie(name, samesite="Lax")
        if found[1].kind is Kind.SCRIPT:
            for domain in domains:
                response.cookies[f"{name} of {domain}"] = _deletion(name, domain)


def _deletion(name: str, domain: str) -> "Morsel[str]":
    """A second header for the same name, which Django's own jar has no room for."""
    morsel: Morsel[str] = Morsel()
    morsel.set(name, "", "")
    morsel.update({"domain": domain, "path": "/", "max-age": "0", "expires": _LONG_AGO, "samesite": "Lax"})
    return morsel


def _domains(request: HttpRequest) -> tuple[str, ...]:
    """The host and the domains above it that a page of it may set cookies for; none for a bare name or a number."""
    labels = request.get_host().partition(":")[0].split(".")
    if len(labels) < _FEWEST_LABELS or labels[-1].isdigit():
        return ()
    return tuple(".".join(labels[start:]) for start in range(len(labels) - 1))
