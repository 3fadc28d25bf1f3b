"""Addresses of our own pages (path and query) with one parameter set or taken away."""

from urllib.parse import parse_qsl, urlencode, urlsplit


def with_parameter(address: str, name: str, value: str) -> str:
    """The same address with this parameter; an empty value takes it away."""
    parts = urlsplit(address)
    query = [(key, found) for key, found in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    if value:
        query.append((name, value))
    changed = f"{parts.path}?{urlencode(query)}" if query else parts.path
    return f"{changed}#{parts.fragment}" if parts.fragment else changed
