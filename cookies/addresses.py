"""Addresses of our own pages with one parameter set or taken away."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def with_parameter(address: str, name: str, value: str) -> str:
    """The same address with this parameter; an empty value takes it away."""
    parts = urlsplit(address)
    query = [(key, found) for key, found in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    if value:
        query.append((name, value))
    return urlunsplit(parts._replace(query=urlencode(query)))
