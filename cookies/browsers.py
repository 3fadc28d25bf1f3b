"""Where browsers explain their own cookie settings: data, kept current, never fetched (policy clause 11.3; Q11.10)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser and its maker's help page on cookies."""

    name: str
    help_url: str


BROWSERS: Final = (
    Browser("Google Chrome", "https://support.google.com/chrome/answer/95647"),
    Browser(
        "Microsoft Edge",
        "https://support.microsoft.com/microsoft-edge/delete-cookies-in-microsoft-edge-63947406-40ac-c3b8-57b9-2a946a29ae09",
    ),
    Browser(
        "Mozilla Firefox",
        "https://support.mozilla.org/kb/enhanced-tracking-protection-firefox-desktop",
    ),
    Browser("Opera", "https://help.opera.com/latest/web-preferences/#cookies"),
    Browser("Apple Safari", "https://support.apple.com/guide/safari/manage-cookies-sfri11471/mac"),
)
"""Those that the policy names, without Internet Explorer, which nobody maintains any more."""

GOOGLE_ANALYTICS_OPT_OUT: Final = "https://tools.google.com/dlpage/gaoptout"
"""Shown only where Google Analytics is registered (Q11.11)."""
