"""What the codes of the map and of the site are called, for whoever reads them in a copy (Art. 12(1))."""

from django.conf import settings

from datamap.catalogue import catalogue
from datamap.registry import registry
from datamap.terms import Text


def purposes() -> dict[str, Text]:
    """The purposes of the catalogue."""
    return {code: purpose.label for code, purpose in catalogue().purposes.items()}


def recipients() -> dict[str, Text]:
    """The recipients of the catalogue, by name."""
    return {code: recipient.name for code, recipient in catalogue().recipients.items()}


def tables() -> dict[str, Text]:
    """The declared tables."""
    return {holding.model: holding.label for holding in registry().holdings}


def languages() -> dict[str, Text]:
    """The languages of the site, each in its own words."""
    return dict(settings.LANGUAGES)
