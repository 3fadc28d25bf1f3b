"""The banner, written once a minute for all visitors who are asked the same: it costs a page next to nothing.

No page asks the database for it, and what differs between visitors is only where they go back to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from consent.rendering import Wording, wording
from consent.texts import NotPublishedError
from cookies.registry import OPTIONAL, Category, Service
from datamap.catalogue import catalogue

KEPT: Final = timedelta(minutes=1)
"""As long as a banner may show words after others were published; who agrees then is on record with the new ones."""

_MOST: Final = 500
_WAY_BACK: Final = "the-way-back"


@dataclass(frozen=True, slots=True)
class Switch:
    """One optional category with the words a person agrees to and the services that are asked about."""

    category: Category
    wording: Wording
    services: tuple[Service, ...]


def switches(services: Iterable[Service], *, language: str, now: datetime) -> tuple[Switch, ...]:
    """The services by category, with the published words; none before any were."""
    asked = tuple(services)
    try:
        return tuple(
            Switch(category, wording(category.purpose, language=language, now=now), found)
            for category in OPTIONAL
            if (found := tuple(service for service in asked if service.category is category))
        )
    except NotPublishedError:
        return ()


class Banners:
    """The banners as they were written at most a minute ago."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, bool, tuple[str, ...]], tuple[datetime, str]] = {}

    def html(
        self, asks: tuple[Service, ...], *, renewal: bool, language: str, way_back: str, now: datetime
    ) -> SafeString:
        """The banner that asks about these services, empty before anything was published."""
        key = (language, renewal, tuple(service.mark for service in asks))
        at, written = self._written.get(key, (None, ""))
        if at is None or not at <= now < at + KEPT or at.date() != now.date():
            written = _write(asks, renewal=renewal, language=language, now=now)
            if len(self._written) >= _MOST:
                self.forget()
            self._written[key] = (now, written)
        return mark_safe(written.replace(_WAY_BACK, escape(way_back), 1))  # noqa: S308 - our template, and an escaped path

    def forget(self) -> None:
        self._written.clear()


def _write(asks: tuple[Service, ...], *, renewal: bool, language: str, now: datetime) -> str:
    found = switches(asks, language=language, now=now)
    if not found:
        return ""
    context = {"switches": found, "renewal": renewal, "way_back": _WAY_BACK, "controller": catalogue().controller}
    return render_to_string("cookies/question.html", {**context, "language": language})


BANNERS: Final = Banners()
