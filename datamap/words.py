"""What the codes of the map and of the site are called, for whoever reads them in a copy (Art. 12(1))."""

from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from datamap.catalogue import catalogue
from datamap.periods import RIGA
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


def moment(value: Any) -> str:
    """A moment that stands as text in JSON, in Riga and in the reader's words; empty for what is none."""
    found = parse_datetime(value) if isinstance(value, str) else None
    return date_format(found.astimezone(RIGA), "DATETIME_FORMAT") if found else ""
