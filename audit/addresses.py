"""Takes out of URLs what must not lie in a log: secrets, e-mail addresses, control characters (policy clause 5.2)."""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from django.urls import Resolver404, ResolverMatch, resolve

SECRET: Final = "[secret]"  # noqa: S105 - stands where a secret stood
EMAIL: Final = "[e-mail]"

# Names of URL parameters whose value is a secret, or the name that somebody chose and takes along when she leaves.
SECRET_PARAMETERS: Final = frozenset({"code", "handle", "key", "secret", "sig", "token", "uidb36", "uidb64"})
# The only query parameters that are kept; the text of a search has a field of its own.
KEPT_PARAMETERS: Final = frozenset({"category", "lang", "page", "sort"})
SEARCH_PARAMETER: Final = "q"

_LONGEST_INPUT: Final = 2048
_LONGEST_VALUE: Final = 40
_MOST_PARAMETERS: Final = 50

_EMAIL: Final = re.compile(r"[^\s/@?&=;,:<>\"']+(?:@|%40)[^\s/@?&=;,<>\"']+", re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_LONG_RUN: Final = re.compile(r"[A-Za-z0-9_\-.~:=+%]{20,}")
# Words between hyphens are a title, letters mixed with digits are a key.
_TITLE: Final = re.compile(r"(?:[a-z]{1,24}|\d{1,8})(?:[-_.](?:[a-z]{1,24}|\d{1,8}))+")


def one_line(text: str, limit: int) -> str:
    """The printable characters of a text, at most `limit`: no line breaks, no escapes, nothing UTF-8 cannot hold."""
    text = text[: 4 * limit]
    if not text.isprintable():
        text = "".join(" " if char.isspace() else char for char in text if char.isprintable() or char == "\u00a0")
    return text[:limit]


def without_emails(text: str) -> str:
    """The text with a placeholder for everything that looks like an e-mail address."""
    return _EMAIL.sub(EMAIL, text) if "@" in text or "%40" in text else text


def is_staff_page(match: ResolverMatch | None) -> bool:
    """Whether a path leads into the administration."""
    return match is not None and "admin" in match.app_names


def secrets_of(match: ResolverMatch | None) -> tuple[str, ...]:
    """The values in a path that its URL pattern calls a key, a token, a secret; on a page of the staff every number,
    because it is somebody else's: her erasure would find it in the visits of who looked at her."""
    if match is None or not match.kwargs:
        return ()
    named = {name: str(value) for name, value in match.kwargs.items() if value}
    is_of_staff = is_staff_page(match)
    return tuple(
        value
        for name, value in named.items()
        if name in SECRET_PARAMETERS or (is_of_staff and any(map(str.isdigit, value)))
    )


def clean_path(path: str, *, secrets: Collection[str] = (), limit: int) -> str:
    """The path with placeholders for the named secrets and for each part that looks like one."""
    parts = one_line(path, _LONGEST_INPUT).split("/")
    return "/".join(_clean_part(part, secrets) for part in parts)[:limit]


def clean_query(query: str) -> tuple[str, str]:
    """The kept parameters, encoded again, and the text that was searched for; both empty where nothing can be read."""
    try:
        found = parse_qsl(_decoded(query)[:_LONGEST_INPUT], max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return "", ""
    kept = [(name, _clean_value(value)) for name, value in found if name in KEPT_PARAMETERS]
    search = next((value for name, value in found if name == SEARCH_PARAMETER), "")
    return urlencode(kept, safe="[]"), without_emails(one_line(search, _LONGEST_INPUT)).strip()


def clean_referrer(referrer: str, *, own_host: str, limit: int) -> str:
    """Origin and path of the page the visitor came from: no user name, no query, no fragment."""
    try:
        parts = urlsplit(one_line(referrer, _LONGEST_INPUT))
        host = _host(parts)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    secrets = _secrets_of_own_page(parts.path) if host == own_host.lower() else ()
    return f"{parts.scheme}://{host}{clean_path(parts.path, secrets=secrets, limit=limit)}"[:limit]


def _host(parts: SplitResult) -> str:
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or ''}{port}".lower()


def _secrets_of_own_page(path: str) -> tuple[str, ...]:
    try:
        return secrets_of(resolve(path))
    except Resolver404:
        return ()


def _clean_part(part: str, secrets: Collection[str]) -> str:
    if not part:
        return part
    if any(secret in part or part in secret.split("/") for secret in secrets):
        return SECRET
    return _without_tokens(without_emails(part))


def _clean_value(value: str) -> str:
    return _without_tokens(without_emails(one_line(value, _LONGEST_VALUE)))


def _without_tokens(text: str) -> str:
    return _LONG_RUN.sub(lambda found: found[0] if _is_harmless(found[0]) else SECRET, text)


def _is_harmless(text: str) -> bool:
    return bool(_UUID.fullmatch(text) or _TITLE.fullmatch(text))


def _decoded(query: str) -> str:
    # WSGI hands bytes over as Latin-1 characters.
    return query.encode("latin-1", "replace").decode("utf-8", "replace")
