"""What every page knows about the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from datamap.catalogue import catalogue


def site(_request: HttpRequest) -> dict[str, Any]:
    """The controller and the languages for the foot of every page."""
    facts = catalogue()
    return {
        "controller": facts.controller,
        "authority": facts.authority,
        "languages": settings.LANGUAGES,
    }
