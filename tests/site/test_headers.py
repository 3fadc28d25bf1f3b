"""What every answer carries: a strict policy, no cookie before it is needed, no copy in shared caches (security H)."""

import re
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PAGES = ["/", "/privacy/", "/cookies/", "/accounts/login/", "/privacy/policy/", "/no/such/page/"]


@pytest.mark.requirement("H2")
@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_strict_content_policy(page: str, client: Client, published_texts: None) -> None:
    policy = client.get(page).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert "https:" not in policy


@pytest.mark.requirement("H3")
@pytest.mark.clause("Q11.8")
@pytest.mark.parametrize("page", ["/", "/privacy/", "/cookies/", "/privacy/policy/"])
def test_a_first_visit_sets_no_cookie_at_all(page: str, client: Client, published_texts: None) -> None:
    assert client.get(page).cookies == {}


@pytest.mark.requirement("D5")
def test_pages_with_personal_data_are_not_kept_by_caches(client: Client, person: Any) -> None:
    assert client.get("/listings/").headers["Cache-Control"] == "private, no-cache"
    client.force_login(person)
    for page in ("/account/", "/privacy/", "/orders/", "/messages/", "/listings/mine/", "/"):
        kept = client.get(page).headers["Cache-Control"]
        assert "private" in kept
        assert "no-store" in kept, "the back button shows it after the log-out"


@pytest.mark.requirement("H2")
def test_other_headers_stand(client: Client) -> None:
    headers = client.get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.clause("Q15.1")
@pytest.mark.requirement("H1")
@pytest.mark.parametrize("page", ["/", "/accounts/login/", "/privacy/"])
def test_what_an_observatory_looks_at_is_in_place(page: str, settings: Any, published_texts: None) -> None:
    """The ten tests of Mozilla's observatory, over https as production answers."""
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    answer = Client().get(page, secure=True)
    headers, content = answer.headers, answer.content.decode()
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    policy = headers["Content-Security-Policy"]
    assert all(word in policy for word in ("default-src 'none'", "base-uri 'none'", "form-action 'self'"))
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in {"no-referrer", "same-origin", "strict-origin"}
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert all(morsel["secure"] and morsel["samesite"] for morsel in answer.cookies.values())
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', content)
    assert all(source.startswith("/") and not source.startswith("//") for source in scripts), "none needs a checksum"


@pytest.mark.clause("Q11.5")
def test_a_browser_can_learn_that_its_signal_is_heard(client: Client) -> None:
    """The support resource of Global Privacy Control."""
    answer = client.get("/.well-known/gpc.json")
    assert answer.json() == {"gpc": True, "lastUpdate": "2026-11-23"}
    assert answer.headers["Content-Type"] == "application/json"
