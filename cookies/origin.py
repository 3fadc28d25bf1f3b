"""Whether a form came from our own page, told without a cookie: nobody else can forge a consent (H4, threat 14)."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def from_own_page(request: HttpRequest) -> bool:
    """True where the browser says so: `Sec-Fetch-Site`, or the `Origin` of browsers that do not send it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", ""))
    return (origin.scheme, origin.netloc) == (request.scheme, request.get_host())


def safe_next(request: HttpRequest, *, default: str) -> str:
    """Where to go back to: a path on this host, never elsewhere (H11)."""
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed and target.startswith("/") else default
