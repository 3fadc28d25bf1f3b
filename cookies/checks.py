"""System checks: no cookie without everything the visitor has to be told about it (Q11.7, L12, L15)."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from cookies.google import API, TOKENS, is_ordered
from cookies.registry import OPTIONAL, Category, Cookie, Kind, Service, declared
from datamap.terms import Safeguard

_EEA: Final = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"}
    | {"IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)
_FORMS: Final = {
    "GOOGLE_ANALYTICS_ID": re.compile(r"(G-[A-Z0-9]{4,20})?"),
    "YOUTUBE_VIDEO": re.compile(r"([A-Za-z0-9_-]{11})?"),
    "FACEBOOK_PAGE": re.compile(r"([A-Za-z0-9.]{1,60})?"),
}


@register()
def check_declarations(**_: Any) -> list[CheckMessage]:
    """Every declaration of every `cookies.py`."""
    return list(errors_of(declared()))


@register(Tags.security)
def check_deletion_at_google(**_: Any) -> list[CheckMessage]:
    """cookies.E006: what a withdrawal is carried to Google with is whole, and leads to Google alone."""
    if not (settings.GOOGLE_ANALYTICS_PROPERTY or settings.GOOGLE_SERVICE_ACCOUNT):
        return []
    found = []
    if not is_ordered():
        found.append("Name GOOGLE_ANALYTICS_ID, GOOGLE_ANALYTICS_PROPERTY and GOOGLE_SERVICE_ACCOUNT, or no property.")
    if not settings.GOOGLE_ANALYTICS_PROPERTY.isdecimal():
        found.append("GOOGLE_ANALYTICS_PROPERTY is not the number of a property.")
    try:
        account = json.loads(settings.GOOGLE_SERVICE_ACCOUNT)
        leads_elsewhere = (settings.GOOGLE_API_URL, account["token_uri"]) != (API, TOKENS)
        is_whole = bool(account["client_email"] and account["private_key"])
    except (ValueError, TypeError, KeyError):
        leads_elsewhere, is_whole = False, False
    if not is_whole:
        found.append("GOOGLE_SERVICE_ACCOUNT is not the JSON key of a service account.")
    if leads_elsewhere and not settings.PROCESSORS_EMULATED:
        found.append("GOOGLE_SERVICE_ACCOUNT leads to another host than Google's.")
    return [Error(sentence, id="cookies.E006") for sentence in found]


@register()
def check_third_parties(**_: Any) -> list[CheckMessage]:
    """cookies.E005: what the settings name of other companies has its form, for it becomes part of our pages."""
    wrong = [name for name, form in _FORMS.items() if not form.fullmatch(getattr(settings, name))]
    return [Error(f"{name} is not in the form that its maker gives it.", id="cookies.E005") for name in wrong]


def errors_of(services: tuple[Service, ...]) -> Iterator[CheckMessage]:
    """cookies.E001 field missing · E002 necessary without a bound · E003 declared twice · E004 transfer unexplained."""
    names: set[str] = set()
    for service in services:
        yield from _fields_missing(service)
        yield from _transfer_unexplained(service)
        for cookie in service.cookies:
            yield from _cookie_errors(service, cookie)
            if cookie.name in names:
                yield Error(f"The cookie {cookie.name} is declared twice.", id="cookies.E003", obj=service.key)
            names.add(cookie.name)


def _fields_missing(service: Service) -> Iterator[CheckMessage]:
    needed: dict[str, object] = {
        "key": service.key,
        "title": service.title,
        "provider": service.provider,
        "country": service.country,
        "cookies": service.cookies or service.csp or service.reads,
    }
    if service.category in OPTIONAL:
        needed["reduced"] = service.reduced
    for name, value in needed.items():
        if not value:
            yield Error(f"The service {service.key!r} says nothing about `{name}`.", id="cookies.E001", obj=service.key)


def _cookie_errors(service: Service, cookie: Cookie) -> Iterator[CheckMessage]:
    if not cookie.name or not cookie.why:
        yield Error(f"A cookie of {service.key!r} has no name or no reason.", id="cookies.E001", obj=service.key)
    if service.category is Category.NECESSARY and cookie.lifetime is None and cookie.kind is Kind.LOCAL:
        yield Error(f"{cookie.name} is necessary but would stay for ever.", id="cookies.E002", obj=service.key)


def _transfer_unexplained(service: Service) -> Iterator[CheckMessage]:
    abroad = any(cookie.third_party for cookie in service.cookies) or bool(service.csp)
    if abroad and not service.policy_url:
        yield Error(f"The third party {service.key!r} names no policy.", id="cookies.E004", obj=service.key)
    if service.country not in _EEA and abroad and service.safeguard is Safeguard.NONE_NEEDED:
        yield Error(f"{service.key!r} sends data abroad without a safeguard.", id="cookies.E004", obj=service.key)
