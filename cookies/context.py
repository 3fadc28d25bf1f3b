"""What templates need for the banner, its confirmation and the language switch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from consent.rendering import Wording, wording
from consent.texts import NotPublishedError
from cookies.addresses import with_parameter
from cookies.choice import CookieConsent
from cookies.language import PARAMETER
from cookies.registry import Category, Service, register

CONFIRMED: Final = "cookies"
"""The parameter by which a page knows that a choice was just made: there may be no cookie to carry a message."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One optional category with the words a person agrees to and the services it switches on."""

    category: Category
    wording: Wording
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Banner:
    """The first layer: what is asked, and where to go back to."""

    switches: tuple[Switch, ...]
    next: str
    renewal: bool


def consent(request: HttpRequest) -> dict[str, Any]:
    """`cookie_banner` and `cookie_confirmation` (None where not shown), `page_address`, `languages`."""
    found: CookieConsent | None = getattr(request, "consent", None)
    here = with_parameter(_here(request), CONFIRMED, "")
    return {
        "cookie_banner": SimpleLazyObject(lambda: _banner(found, here)),
        "cookie_confirmation": found if found and not found.asks and request.GET.get(CONFIRMED) == "saved" else None,
        "cookie_choice": found,
        "page_address": here,
        "page_address_without_language": with_parameter(here, PARAMETER, ""),
        "languages": settings.LANGUAGES,
    }


def wordings(categories: Iterable[Category]) -> tuple[Switch, ...]:
    """The published words for each category, in the language of the page; none where nothing was published."""
    services = register()
    language = get_language() or settings.LANGUAGE_CODE
    try:
        return tuple(Switch(item, wording(item.purpose, language=language), services.of(item)) for item in categories)
    except NotPublishedError:
        return ()


def _banner(found: CookieConsent | None, here: str) -> Banner | None:
    if found is None or not found.asks:
        return None
    switches = wordings(found.asks)
    return Banner(switches, here, renewal=found.chosen_on is not None) if switches else None


def _here(request: HttpRequest) -> str:
    """A page that came as the answer to a form is not one to go back to with its query."""
    return request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
