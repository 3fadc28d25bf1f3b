"""What this app keeps: nothing in the database; what lies in the visitor's own browser is what the register of cookies
says (policy clause 11)."""

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cookies.registry import Category, register
from datamap.declarations import Store


def _kept() -> str:
    """The services that keep something in a browser, needed ones and those that are asked about."""
    keeping = [service for service in register().services if service.cookies]
    needed = ", ".join(str(item.title) for item in keeping if item.category is Category.NECESSARY)
    asked = ", ".join(str(item.title) for item in keeping if item.category is not Category.NECESSARY)
    return _("%(needed)s; only if you agreed: %(asked)s") % {"needed": needed, "asked": asked} if asked else needed


ACTIVITIES = ("cookies.processing.activities",)

STORES = (
    Store(
        code="browser",
        label=gettext_lazy("Cookies in your browser"),
        holds=lazy(_kept, str)(),
        period="SESSION",
        purposes=("SERVICE", *dict.fromkeys(item.category.purpose for item in register().asked if item.cookies)),
    ),
)
