"""The site's own pages with a secret in the path, through all its middleware (Q5.16)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from visits.models import Visit

Flushed = Callable[[], list[Visit]]

SECRET_PAGES = [
    ("account_reset_password_from_key", {"uidb36": "3f", "key": "ab1-c2d"}),
    ("account_confirm_email", {"key": "Ab1c2"}),
    ("privacy:receipt", {"secret": "Ab1c2"}),
]


@pytest.mark.clause("Q5.16")
@pytest.mark.django_db
@pytest.mark.parametrize(("name", "secrets"), SECRET_PAGES, ids=[name for name, _ in SECRET_PAGES])
def test_no_secret_of_a_page_of_ours_is_stored(
    client: Client, flushed: Flushed, name: str, secrets: dict[str, str]
) -> None:
    path = reverse(name, kwargs=secrets)
    assert all(secret in path for secret in secrets.values())
    client.get(path, headers={"host": "testserver"})
    client.get("/cookies/", headers={"host": "testserver", "referer": f"http://testserver{path}"})
    for row in flushed():
        assert not any(secret in row.path or secret in row.referrer for secret in secrets.values()), row.path


@pytest.mark.clause("Q5.4", "Q5.21")
@pytest.mark.django_db
def test_a_visitor_without_an_account_leaves_a_visit_and_gets_no_cookie(client: Client, flushed: Flushed) -> None:
    response = client.get("/")
    assert not response.cookies
    (row,) = flushed()
    assert (row.user_id, row.path, row.status) == (None, "/", 200)
    assert len(row.visitor_key) == 43
