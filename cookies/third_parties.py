"""What of other companies the site can carry, each only where a setting names it and the visitor agreed (Q11.13-Q11.15;
policy clauses 11 and 12): statistics of Google Analytics, a video of YouTube, a button of Facebook.

Nothing of them is asked for before consent, not even a notice that there was none (basic consent mode): the hosts below
are refused by the Content-Security-Policy of the page until the visitor has accepted the service.
"""

from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cookies.registry import CHOICE_HOLDS, Category, Cookie, Kind, Service
from datamap.terms import Safeguard

GOOGLE_ANALYTICS_KEY: Final = "google-analytics"
YOUTUBE: Final = "youtube"
FACEBOOK: Final = "facebook"

_GOOGLE: Final = "Google Ireland Limited"
_ANALYTICS_HOST: Final = settings.GOOGLE_ANALYTICS_SCRIPT
_COLLECTING: Final = (_ANALYTICS_HOST, "https://*.google-analytics.com", "https://*.analytics.google.com")

GOOGLE_ANALYTICS: Final = Service(
    key=GOOGLE_ANALYTICS_KEY,
    title=_("Statistics of visits by Google Analytics"),
    provider=_GOOGLE,
    country="IE",
    category=Category.ANALYTICS,
    safeguard=Safeguard.ADEQUACY,
    policy_url="https://policies.google.com/privacy",
    reduced=_("Without it we do not learn from Google which pages are read. Nothing is missing for you."),
    cookies=(
        Cookie(
            name="_ga",
            why=_("Tells one browser from another when visits are counted."),
            kind=Kind.SCRIPT,
            lifetime=CHOICE_HOLDS,
            third_party=True,
        ),
        Cookie(
            name="_ga_*",
            why=_("Remembers where a visit stands while it is counted."),
            kind=Kind.SCRIPT,
            lifetime=CHOICE_HOLDS,
            third_party=True,
        ),
    ),
    csp={"script-src": (_ANALYTICS_HOST,), "connect-src": _COLLECTING, "img-src": _COLLECTING},
    enabled=lambda: bool(settings.GOOGLE_ANALYTICS_ID),
)

THIRD_PARTIES: Final = (
    GOOGLE_ANALYTICS,
    Service(
        key=YOUTUBE,
        title=_("Videos from YouTube"),
        provider=_GOOGLE,
        country="IE",
        category=Category.MARKETING,
        safeguard=Safeguard.ADEQUACY,
        policy_url="https://policies.google.com/privacy",
        reduced=_("Without it a box stands in place of the video, with a button that shows it."),
        cookies=(),
        csp={"frame-src": ("https://www.youtube-nocookie.com",)},
        enabled=lambda: bool(settings.YOUTUBE_VIDEO),
    ),
    Service(
        key=FACEBOOK,
        title=_("Button of Facebook"),
        provider="Meta Platforms Ireland Limited",
        country="IE",
        category=Category.MARKETING,
        safeguard=Safeguard.ADEQUACY,
        policy_url="https://www.facebook.com/privacy/policy/",
        reduced=_("Without it a box stands in place of the button, with a link to our page there."),
        cookies=(),
        csp={"frame-src": ("https://www.facebook.com",)},
        enabled=lambda: bool(settings.FACEBOOK_PAGE),
    ),
)
"""What a frame keeps it keeps under its own host, where this site cannot look: the table says whose that is."""
