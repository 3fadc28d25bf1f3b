"""What every page knows about the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from datamap.catalogue import catalogue
from visits.queries import visitor_key_of


def site(request: HttpRequest) -> dict[str, Any]:
    """The controller and the languages for the foot of every page, and on demand the visitor's own number."""
    facts = catalogue()
    return {
        "controller": facts.controller,
        "authority": facts.authority,
        "languages": settings.LANGUAGES,
        "visitor_number": SimpleLazyObject(lambda: visitor_key_of(request)),
    }
