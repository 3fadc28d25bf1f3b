"""The site with django-cookie-consent beside its own banner: what `banner --peer` measures."""

from qlekta.settings import *  # noqa: F403 - the same settings but for one app
from qlekta.settings import INSTALLED_APPS as _OURS

INSTALLED_APPS = [*_OURS, "cookie_consent"]
ROOT_URLCONF = "benchmarks.urls_peer"
