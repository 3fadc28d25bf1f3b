"""Every cookie and third-party service of the site, declared once in each app's `cookies.py` (policy clause 11).

The banner, the settings page, the table, the deletion list, the cookie firewall and the Content-Security-Policy all
come from these declarations, so that the notice cannot disagree with the code.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from typing import Final

from django.apps import apps
from django.db.models import TextChoices
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from consent.versions import last_material
from datamap.canonical import canonical_json
from datamap.catalogue import length_of
from datamap.terms import Safeguard, Text

CHOICE_HOLDS: Final = length_of("COOKIE_CHOICE")
"""A choice, refusal too, is kept for half a year and then asked again (rule K9)."""


class Category(TextChoices):
    """What a cookie is for; exactly one for each cookie (Q11.3)."""

    NECESSARY = "necessary", _("Strictly necessary")
    FUNCTIONAL = "functional", _("Functional")
    ANALYTICS = "analytics", _("Analytical")
    MARKETING = "marketing", _("Marketing")

    @property
    def purpose(self) -> str:
        """The code of the consent that switches this category on; empty for the necessary one."""
        return "" if self is Category.NECESSARY else f"COOKIE_{self.name}"


OPTIONAL: Final = (Category.FUNCTIONAL, Category.ANALYTICS, Category.MARKETING)


class Kind(TextChoices):
    """How something is kept in the browser."""

    HTTP = "http", _("cookie, not readable by scripts")
    SCRIPT = "script", _("cookie, readable by scripts")
    LOCAL = "local", _("local storage")
    SESSION = "session", _("session storage")


class Reading(TextChoices):
    """What a script of ours reads in the browser and reports, without storing anything there (ePrivacy Art. 5(3))."""

    TIME_ZONE = "time zone", _("your time zone")
    TIME_ON_PAGE = "time on page", _("how long a page is looked at")
    SCROLLING = "scrolling", _("how far down it is scrolled")
    CLICKS = "clicks", _("how often something is clicked, and which of a few named parts of the page")
    EXIT = "exit", _("how the page is left")
    PDF_VIEWER = "pdf viewer", _("whether a plug-in shows PDF files")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One thing kept in the browser. `name` may contain `*`; `lifetime` None means until the browser is closed."""

    name: str
    why: Text
    kind: Kind
    lifetime: timedelta | None
    third_party: bool = False

    def matches(self, name: str) -> bool:
        return fnmatchcase(name, self.name)

    @property
    def kept(self) -> str:
        """How long it stays, in words."""
        if self.lifetime is None:
            return gettext("until the browser is closed")
        days = max(self.lifetime.days, 1)
        return ngettext("at most %(days)d day", "at most %(days)d days", days) % {"days": days}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Who sets the cookies, what for, and what the visitor loses without them (Q12.1).

    `csp` names the hosts which the service needs, by directive: they enter the policy only with consent. `reads` is
    what it reads in the browser; a service that stores nothing there has no cookies and names that alone.
    """

    key: str
    title: Text
    provider: str
    country: str
    category: Category
    cookies: tuple[Cookie, ...]
    reduced: Text = ""
    reads: tuple[Reading, ...] = ()
    policy_url: str = ""
    safeguard: Safeguard = Safeguard.NONE_NEEDED
    csp: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    enabled: Callable[[], bool] = lambda: True
    mark: str = field(init=False)
    """Six letters that change when anything changes on which a consent to this service rests."""

    def __post_init__(self) -> None:
        # Worked out once: every request compares it.
        object.__setattr__(self, "mark", _digest(canonical_json(self.notice()))[:6])

    def notice(self) -> dict[str, str]:
        """What a consent to this service rests on: a change here asks again (rule K9, L19)."""
        cookies = sorted(f"{item.name} {item.kind} {item.lifetime} {item.third_party}" for item in self.cookies)
        hosts = sorted(f"{directive} {host}" for directive, found in self.csp.items() for host in found)
        return {
            "service": self.key,
            "provider": self.provider,
            "country": self.country,
            "category": self.category.value,
            "safeguard": self.safeguard.value,
            "cookies": "; ".join(cookies),
            "hosts": "; ".join(hosts),
            "reads": "; ".join(sorted(self.reads)),
            "wording": last_material(self.category.purpose),
        }


@dataclass(frozen=True, slots=True)
class Register:
    """The services that are switched on, in the order of INSTALLED_APPS."""

    services: tuple[Service, ...]

    def of(self, category: Category) -> tuple[Service, ...]:
        return tuple(service for service in self.services if service.category is category)

    @property
    def asked(self) -> tuple[Service, ...]:
        """The services that need consent, by category: nobody is asked about nothing."""
        return tuple(service for category in OPTIONAL for service in self.of(category))

    def service(self, key: str) -> Service | None:
        """The optional service of this name, where it is in use."""
        return next((service for service in self.asked if service.key == key), None)

    def find(self, name: str) -> tuple[Service, Cookie] | None:
        """Which declaration a cookie name falls under."""
        for service in self.services:
            for cookie in service.cookies:
                if cookie.kind in {Kind.HTTP, Kind.SCRIPT} and cookie.matches(name):
                    return service, cookie
        return None

    @property
    def notice(self) -> str:
        """Eight letters for the notice as a whole."""
        return _digest("".join(service.mark for service in self.asked).encode())[:8]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def declared() -> tuple[Service, ...]:
    """All services of all apps, read once. An import error inside a `cookies.py` is raised, never passed over."""
    modules = [
        import_module(f"{config.name}.cookies")
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "cookies")
    ]
    return tuple(service for module in modules for service in getattr(module, "COOKIES", ()))


def register() -> Register:
    """The services in use now."""
    return Register(tuple(service for service in declared() if service.enabled()))
