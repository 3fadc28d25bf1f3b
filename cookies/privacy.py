"""What this app keeps: nothing in the database, four cookies in the visitor's own browser (policy clause 11)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Store

STORES = (
    Store(
        code="browser",
        label=_("Cookies in your browser"),
        holds=_("your session, the protection of forms, your cookie choice and, if you agreed, your language"),
        period="SESSION",
        purposes=("SERVICE", "COOKIE_FUNCTIONAL"),
    ),
)
