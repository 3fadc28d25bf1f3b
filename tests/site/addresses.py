"""Every address of the site, with sample values where an address needs some."""

from collections.abc import Iterator
from uuid import UUID

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

SAMPLES: dict[str, object] = {
    "number": "QP-2026-000000",
    "secret": "s" * 43,
    "slug": "2020-05-10",
    "version": "2020-05-10",
    "key": "MQ:abcdef",
    "uidb36": "1",
    "app_label": "accounts",
    "content_type_id": 1,
    "object_id": "00000000-0000-4000-8000-000000000000",
    "pk": 1,
    "name": "access-copy-1",
    "url": "nothing/",
    "language": "lv",
    "purpose": "MARKETING_EMAIL",
}
_BY_CONVERTER: dict[str, object] = {
    "IntConverter": 1,
    "UUIDConverter": UUID("00000000-0000-4000-8000-000000000000"),
}


def every_address() -> list[str]:
    """The path of every named URL that can be built."""
    return sorted(set(_addresses(get_resolver(), ())))


def every_name() -> set[str]:
    """What every named URL is called."""
    return set(_names(get_resolver(), ()))


def _names(resolver: URLResolver, namespaces: tuple[str, ...]) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern, (*namespaces, pattern.namespace) if pattern.namespace else namespaces)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join((*namespaces, pattern.name))


def _addresses(resolver: URLResolver, namespaces: tuple[str, ...]) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _addresses(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name and (address := _address(pattern, namespaces)):
            yield address


def _address(pattern: URLPattern, namespaces: tuple[str, ...]) -> str | None:
    converters = getattr(pattern.pattern, "converters", {})
    regex = getattr(pattern.pattern, "regex", None)
    names = {*converters, *(regex.groupindex if regex else ())}
    values = {name: SAMPLES.get(name, _BY_CONVERTER.get(type(converters.get(name)).__name__, "x")) for name in names}
    try:
        return reverse(":".join((*namespaces, pattern.name or "")), kwargs=values)
    except NoReverseMatch:
        return None
