"""What templates need for the banner, its confirmation and the language switch."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from cookies.addresses import with_parameter
from cookies.banner import BANNERS
from cookies.choice import CookieConsent, State
from cookies.language import PARAMETER

CONFIRMED: Final = "cookies"
"""The parameter by which a page knows that a choice was just made: there may be no cookie to carry a message."""


def consent(request: HttpRequest) -> dict[str, Any]:
    """`cookies` (the visitor's choice), `cookie_banner` and `cookie_confirmation` (empty where not shown),
    `page_address`, `languages`."""
    found: CookieConsent | None = getattr(request, "consent", None)
    here = with_parameter(_here(request), CONFIRMED, "")
    return {
        "cookie_banner": SimpleLazyObject(lambda: _banner(found, here)),
        "cookie_confirmation": found if found and not found.asks and request.GET.get(CONFIRMED) == "saved" else None,
        "cookies": found,
        "page_address": here,
        "page_address_without_language": with_parameter(here, PARAMETER, ""),
        "languages": settings.LANGUAGES,
    }


def _banner(found: CookieConsent | None, here: str) -> str:
    if found is None or not found.asks:
        return ""
    language = get_language() or settings.LANGUAGE_CODE
    renewal = found.state is State.STALE
    return BANNERS.html(found.asks, renewal=renewal, language=language, way_back=here, now=timezone.now())


def _here(request: HttpRequest) -> str:
    """A page that came as the answer to a form is not one to go back to with its query."""
    return request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
