"""Other companies in our pages: loaded where the visitor agreed, else a box that says what would be loaded.

A page asks for them itself. Pages about one's own data do not: their addresses hold keys, and nobody else is told that
somebody is there.
"""

from typing import Any
from urllib.parse import quote

from django import template
from django.conf import settings
from django.utils.translation import get_language

from cookies.choice import CookieConsent, State
from cookies.registry import register as services_in_use
from cookies.third_parties import FACEBOOK, GOOGLE_ANALYTICS_KEY, YOUTUBE

register = template.Library()


@register.inclusion_tag("cookies/measuring.html", takes_context=True)
def measuring(context: dict[str, Any]) -> dict[str, Any]:
    """The script of Google Analytics, with consent only."""
    on = _consent(context).accepts(GOOGLE_ANALYTICS_KEY)
    return {"id": settings.GOOGLE_ANALYTICS_ID if on else "", "host": settings.GOOGLE_ANALYTICS_SCRIPT}


@register.inclusion_tag("cookies/embed.html", takes_context=True)
def video(context: dict[str, Any]) -> dict[str, Any]:
    """The video that the settings name, or the box in its place; nothing where they name none."""
    number = quote(settings.YOUTUBE_VIDEO)
    return _embed(
        context,
        YOUTUBE,
        frame=f"https://www.youtube-nocookie.com/embed/{number}",
        instead=f"https://www.youtube.com/watch?v={number}",
    )


@register.inclusion_tag("cookies/embed.html", takes_context=True)
def facebook_button(context: dict[str, Any]) -> dict[str, Any]:
    """The button of our page at Facebook, likewise."""
    ours = f"https://www.facebook.com/{quote(settings.FACEBOOK_PAGE)}"
    return _embed(
        context, FACEBOOK, frame=f"https://www.facebook.com/plugins/like.php?href={quote(ours, safe='')}", instead=ours
    )


def _embed(context: dict[str, Any], key: str, *, frame: str, instead: str) -> dict[str, Any]:
    service = services_in_use().service(key)
    return {
        "service": service,
        "shown": service is not None and _consent(context).accepts(key),
        "frame": frame,
        "instead": instead,
        "page_address": context.get("page_address", "/"),
        "language": get_language() or settings.LANGUAGE_CODE,
    }


def _consent(context: dict[str, Any]) -> CookieConsent:
    return context.get("cookies") or CookieConsent(State.UNDECIDED)
