"""Reads browser, version, operating system and device out of the user agent (policy clause 5.2, technical data)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from visits.terms import Platform

LONGEST_USER_AGENT: Final = 512


@dataclass(frozen=True, slots=True)
class Browser:
    """What is kept of a user agent; the text itself is not."""

    name: str = ""
    version: str = ""
    os: str = ""
    platform: Platform = Platform.UNKNOWN


# In this order: nearly every browser also calls itself Chrome and Safari.
_BROWSERS: Final = tuple(
    (name, re.compile(pattern + r"[/ ](\d{1,5}(?:\.\d{1,5})?)"))
    for name, pattern in (
        ("Edge", r"Edg(?:e|A|iOS)?"),
        ("Opera", r"(?:OPR|Opera)"),
        ("Samsung Internet", r"SamsungBrowser"),
        ("Yandex", r"YaBrowser"),
        ("Vivaldi", r"Vivaldi"),
        ("Firefox", r"(?:Firefox|FxiOS)"),
        ("Chrome", r"(?:Chrome|Chromium|CriOS)"),
        ("Safari", r"Version"),
        ("Internet Explorer", r"(?:MSIE|rv:11|Trident)"),
        ("curl", r"curl"),
    )
)
BROWSERS: Final = tuple(name for name, _pattern in _BROWSERS)
_SYSTEMS: Final = (
    ("iOS", re.compile(r"iPhone|iPad|iPod")),
    ("Android", re.compile(r"Android")),
    ("Windows", re.compile(r"Windows")),
    ("ChromeOS", re.compile(r"CrOS")),
    ("macOS", re.compile(r"Mac OS X|Macintosh")),
    ("Linux", re.compile(r"Linux|X11")),
)
_ROBOT: Final = re.compile(r"bot\b|crawl|spider|slurp|curl/|python-|wget|headless|monitor", re.IGNORECASE)
_TABLET: Final = re.compile(r"iPad|Tablet|Android(?!.*Mobile)")
_MOBILE: Final = re.compile(r"Mobi|iPhone|iPod|Android")


@lru_cache(maxsize=1024)
def browser_of(user_agent: str) -> Browser:
    """The facts in a user agent; all empty for one that says nothing we know."""
    text = user_agent[:LONGEST_USER_AGENT]
    if not text:
        return Browser()
    name, version = _name_and_version(text)
    system = next((label for label, pattern in _SYSTEMS if pattern.search(text)), "")
    return Browser(name, version, system, _platform(text, system))


def _name_and_version(text: str) -> tuple[str, str]:
    for name, pattern in _BROWSERS:
        if found := pattern.search(text):
            return name, found[1]
    return "", ""


def _platform(text: str, system: str) -> Platform:
    if _ROBOT.search(text):
        return Platform.ROBOT
    if _TABLET.search(text):
        return Platform.TABLET
    if _MOBILE.search(text):
        return Platform.MOBILE
    return Platform.DESKTOP if system else Platform.UNKNOWN
