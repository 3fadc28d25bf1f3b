"""Whether a page may bring the script that reports its use (policy clause 5.2; Q5.17)."""

from django.conf import settings
from django.http import HttpRequest

from cookies.choice import CookieConsent
from visits.terms import PAGE_USE


def page_use(request: HttpRequest) -> dict[str, bool]:
    """`page_use`: true on pages of ours for a visitor who agreed."""
    consent: CookieConsent | None = getattr(request, "consent", None)
    return {"page_use": consent is not None and request.resolver_match is not None and is_collecting(consent)}


def is_collecting(consent: CookieConsent) -> bool:
    """True where the site asks for reports of browsers and this visitor agreed to give them, in this very browser: only
    then there is a receipt under which they can be found, and end."""
    return bool(settings.VISITS_BROWSER_SIDE) and consent.accepts(PAGE_USE) and PAGE_USE not in consent.by_account
