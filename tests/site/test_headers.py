"""What every answer carries: a strict policy, no cookie before it is needed, no copy in shared caches (security H)."""

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
    client.force_login(person)
    for page in ("/account/", "/privacy/"):
        assert "private" in client.get(page).headers["Cache-Control"]


@pytest.mark.requirement("H2")
def test_other_headers_stand(client: Client) -> None:
    headers = client.get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
