"""A Content-Security-Policy that follows from the visitor's consent (Q11.13, Q11.15)."""

from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cookies.choice import CookieConsent, State
from cookies.registry import register


class ConsentCSPMiddleware(CSPMiddleware):
    """Adds the hosts of those services that this visitor accepted; the browser itself refuses all others."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        hosts = consented_hosts(getattr(request, "consent", CookieConsent(State.UNDECIDED)))
        if hosts:
            parts.update = _merged(parts.update or {}, hosts)
        return parts


def consented_hosts(consent: CookieConsent) -> dict[str, list[str]]:
    """Directive -> hosts of the accepted services."""
    hosts: dict[str, list[str]] = {}
    for service in register().services:
        if consent.allows(service):
            for directive, found in service.csp.items():
                hosts.setdefault(directive, []).extend(found)
    return hosts


def _merged(update: dict[str, Any], hosts: dict[str, list[str]]) -> dict[str, Any]:
    merged = dict(update)
    for directive, found in hosts.items():
        before = merged.get(directive, [])
        merged[directive] = [*([before] if isinstance(before, str) else before), *found]
    return merged
