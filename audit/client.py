"""The address a request came from, believed from exactly the proxies we run and from nobody else (Art. 32)."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The client's address in its one normal spelling; empty where the server knows none (a unix socket).

    Each of TRUSTED_PROXY_COUNT proxies appends the address it was called from to X-Forwarded-For, so the client is that
    many places from the right; whatever stands further left was written by the client.
    """
    proxies: int = settings.TRUSTED_PROXY_COUNT
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    believed = forwarded[-proxies] if 0 < proxies <= len(forwarded) else ""
    return _normal(believed) or _normal(request.META.get("REMOTE_ADDR", ""))


def _normal(address: str) -> str:
    try:
        found = ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found)
