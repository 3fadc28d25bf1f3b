"""From a request to a row: a few references while the visitor waits, the work afterwards (policy clause 5.2)."""

import ipaddress
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings

from audit import addresses
from vault.tokens import token
from visits.browsers import LONGEST_USER_AGENT, browser_of
from visits.lines import escaped
from visits.models import ITEM_LENGTH, METHOD_LENGTH, PATH_LENGTH, SEARCH_LENGTH
from visits.terms import Kind

_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LARGEST_INTEGER: Final = 2_147_483_647


class Hit(NamedTuple):
    """What the middleware takes from a request, nothing of it read yet."""

    at: datetime
    method: str
    path: str
    query: str
    referrer: str
    host: str
    ip: str
    user_agent: str
    user_id: str | None
    status: int
    seconds: float
    secrets: tuple[str, ...]
    is_staff_page: bool


COLUMNS: Final = (
    "at",
    "user_id",
    "kind",
    "visitor_key",
    "ip",
    "browser",
    "browser_version",
    "os",
    "platform",
    "method",
    "path",
    "referrer",
    "search",
    "item",
    "status",
    "response_ms",
)


def visitor_key(*, ip: str, user_agent: str, at: datetime) -> str:
    """The pseudonym of a visitor within one ISO week (UTC).

    A keyed hash of the IP address, the user agent and the week: nothing is stored on her device, two weeks cannot be
    joined, and without the site's key it cannot be computed. Who shares address and browser shares the key.
    """
    week = at.astimezone(UTC).isocalendar()
    agent = addresses.one_line(user_agent, LONGEST_USER_AGENT)
    return token(f"{ip}\n{agent}\n{week.year}-{week.week:02}", purpose="visitor")


def line_of(hit: Hit) -> str:
    """The row as one line for `COPY`, in the order of `COLUMNS`; what the spool holds, too."""
    return "\t".join(escaped(value) for value in _values(hit)) + "\n"


def _values(hit: Hit) -> tuple[str | int | None, ...]:
    browser = browser_of(hit.user_agent)
    path = addresses.clean_path(hit.path, secrets=hit.secrets, limit=PATH_LENGTH)
    # Staff search for other people by name: no word of that belongs into a log.
    query, search = ("", "") if hit.is_staff_page else addresses.clean_query(hit.query)
    item = _item(path)
    return (
        hit.at.isoformat(),
        _uuid(hit.user_id),
        _kind(hit.method, search=search, item=item),
        visitor_key(ip=hit.ip, user_agent=hit.user_agent, at=hit.at),
        _address(hit.ip),
        browser.name,
        browser.version,
        browser.os,
        browser.platform.value,
        addresses.one_line(hit.method, METHOD_LENGTH),
        f"{path}?{query}"[:PATH_LENGTH] if query else path,
        addresses.clean_referrer(hit.referrer, own_host=hit.host, limit=PATH_LENGTH),
        search[:SEARCH_LENGTH],
        item,
        hit.status,
        min(round(hit.seconds * 1000), _LARGEST_INTEGER),
    )


def _kind(method: str, *, search: str, item: str) -> str:
    if method not in _READING_METHODS:
        return Kind.ACTION.value
    if search:
        return Kind.SEARCH.value
    return (Kind.ITEM if item else Kind.PAGE).value


def _item(path: str) -> str:
    for prefix in getattr(settings, "VISITS_ITEM_PREFIXES", ("/listings/",)):
        if path.startswith(prefix):
            return path.removeprefix(prefix).partition("/")[0][:ITEM_LENGTH]
    return ""


def _address(ip: str) -> str | None:
    try:
        return str(ipaddress.ip_address(ip.partition("%")[0]))
    except ValueError:
        return None


def _uuid(text: str | None) -> str | None:
    try:
        return None if text is None else str(UUID(text))
    except ValueError:
        return None
