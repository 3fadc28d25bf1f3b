"""The client's address comes from our own proxies and from nothing the client writes (H6)."""

from typing import Any

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from audit.client import client_ip

pytestmark = pytest.mark.requirement("H6")


def seen(remote: str, forwarded: str | None = None) -> str:
    headers: dict[str, Any] = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_ip(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))


def test_without_a_proxy_the_header_is_not_read(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    assert seen("203.0.113.9", "198.51.100.1") == seen("203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (1, "<script>,,,198.51.100.1,203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "unknown", "10.0.0.1"),
        (1, "203.0.113.9:4711", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "2001:DB8:0:0::0001", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_exactly_our_proxies_are_believed(settings: Settings, proxies: int, forwarded: str, expected: str) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    assert seen("10.0.0.1", forwarded) == expected


def test_a_server_that_knows_no_address_gives_none(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    assert seen("") == ""
