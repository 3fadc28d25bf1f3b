"""The cookies of the site itself: three that it needs, one that remembers the language; and the other companies that it
can carry (policy clause 11)."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cookies.registry import CHOICE_HOLDS, Category, Cookie, Kind, Service
from cookies.third_parties import THIRD_PARTIES

CONSENT_COOKIE: Final = settings.CONSENT_COOKIE_NAME
LANGUAGE_KEY: Final = "language"
_OURSELVES: Final = "Qlekta"

OURS: Final = (
    Service(
        key="login",
        title=_("Log-in and protection of forms"),
        provider=_OURSELVES,
        country="LV",
        category=Category.NECESSARY,
        cookies=(
            Cookie(
                name=settings.SESSION_COOKIE_NAME,
                why=_("Keeps you logged in. It is set only when you log in or begin to."),
                kind=Kind.HTTP,
                lifetime=timedelta(seconds=settings.SESSION_COOKIE_AGE),
            ),
            Cookie(
                name=settings.CSRF_COOKIE_NAME,
                why=_("Protects the forms you send from being forged by other sites."),
                kind=Kind.HTTP,
                lifetime=None,
            ),
        ),
    ),
    Service(
        key="choice",
        title=_("Your cookie choice"),
        provider=_OURSELVES,
        country="LV",
        category=Category.NECESSARY,
        cookies=(
            Cookie(
                name=CONSENT_COOKIE,
                why=_("Remembers what you chose about cookies, so that we do not ask on every page."),
                kind=Kind.HTTP,
                lifetime=CHOICE_HOLDS,
            ),
        ),
    ),
    Service(
        key=LANGUAGE_KEY,
        title=_("Memory for your language"),
        provider=_OURSELVES,
        country="LV",
        category=Category.FUNCTIONAL,
        reduced=_(
            "Without it the site speaks the language of your browser or of your account; another language has to be "
            "chosen anew on each page."
        ),
        cookies=(
            Cookie(
                name=settings.LANGUAGE_COOKIE_NAME,
                why=_("Remembers the language you chose."),
                kind=Kind.HTTP,
                lifetime=CHOICE_HOLDS,
            ),
        ),
    ),
)

COOKIES = (*OURS, *THIRD_PARTIES)
