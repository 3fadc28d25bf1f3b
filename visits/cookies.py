"""What browsers are asked for statistics of how pages are used: nothing is stored in them (policy clauses 5.2, 11)."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cookies.registry import Category, Reading, Service
from visits.terms import PAGE_USE

COOKIES = (
    Service(
        key=PAGE_USE,
        title=_("How our pages are used"),
        provider="Qlekta",
        country="LV",
        category=Category.ANALYTICS,
        reduced=_("Without it nothing is missing for you; we just do not learn where our pages are hard to use."),
        cookies=(),
        reads=tuple(Reading),
        enabled=lambda: bool(settings.VISITS_BROWSER_SIDE),
    ),
)
