"""What a request leaves in the log, and what it does not pay for it."""

import os
from collections.abc import Callable
from importlib import import_module

import pytest
from django.conf import settings as project_settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.visits.conftest import FIREFOX
from visits.buffer import BUFFER
from visits.models import Visit

Flushed = Callable[[], list[Visit]]


@pytest.fixture(autouse=True)
def pages(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.visits.pages"
    settings.TRUSTED_PROXY_COUNT = 0
    settings.MIDDLEWARE = [
        "visits.middleware.VisitMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]


@pytest.mark.clause("Q5.14")
@pytest.mark.django_db
def test_a_visit_is_one_row_with_page_time_and_outcome(client: Client, flushed: Flushed) -> None:
    client.get("/?page=2", headers={"user-agent": FIREFOX, "referer": "https://search.example/?q=velosipēds"})
    client.get("/nowhere/")
    page, missing = flushed()
    assert (page.method, page.path, page.status, page.browser) == ("GET", "/?page=2", 200, "Firefox")
    assert (page.referrer, page.kind) == ("https://search.example/", "page")
    assert (missing.path, missing.status) == ("/nowhere/", 404)


@pytest.mark.django_db
def test_the_visitor_waits_for_no_query(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        client.get("/")
    assert BUFFER.counts.depth == 1


@pytest.mark.django_db
def test_health_probes_and_static_files_are_no_visits(client: Client, flushed: Flushed) -> None:
    client.get("/healthz")
    client.get("/static/site.css")
    client.get("/")
    assert [row.path for row in flushed()] == ["/"]


@pytest.mark.clause("Q5.14")
@pytest.mark.django_db
def test_a_logged_in_person_is_known_by_her_account(client: Client, person: User, flushed: Flushed) -> None:
    client.force_login(person, backend=project_settings.AUTHENTICATION_BACKENDS[0])
    client.get("/greeting/")
    assert [row.user_id for row in flushed()] == [person.pk]


@pytest.mark.clause("Q5.4", "Q5.14")
@pytest.mark.django_db
def test_a_search_and_an_item_are_visit_data(client: Client, flushed: Flushed) -> None:
    client.get("/?q=zils+velosip%C4%93ds&utm_source=x")
    client.get("/listings/zils-velosipeds-28/")
    client.post("/")
    search, item, action = flushed()
    assert (search.kind, search.search, search.path) == ("search", "zils velosipēds", "/")
    assert (item.kind, item.item) == ("item", "zils-velosipeds-28")
    assert action.kind == "action"


@pytest.mark.clause("Q5.16")
@pytest.mark.django_db
def test_a_secret_in_a_path_is_not_stored_even_when_it_is_short(client: Client, flushed: Flushed) -> None:
    client.get("/code/483920/?token=abc")
    client.get("/", headers={"host": "testserver", "referer": "http://testserver/code/483920/"})
    first, second = flushed()
    assert (first.path, second.referrer) == ("/code/[secret]/", "http://testserver/code/[secret]/")


@pytest.mark.clause("Q5.16")
@pytest.mark.django_db
def test_pages_of_the_staff_keep_neither_words_nor_ids(
    client: Client, officer: User, person: User, flushed: Flushed
) -> None:
    client.force_login(officer, backend=project_settings.AUTHENTICATION_BACKENDS[0])
    client.get(f"/admin/accounts/user/?q={person.email}")
    client.get(f"/admin/accounts/user/{person.pk}/change/")
    listed, opened = flushed()
    assert (listed.path, listed.search) == ("/admin/accounts/user/", "")
    assert opened.path == "/admin/accounts/user/[secret]/change/"


@pytest.mark.requirement("H6")
@pytest.mark.django_db
@pytest.mark.parametrize(("proxies", "stored"), [(0, "203.0.113.7"), (1, "198.51.100.2"), (2, "198.51.100.1")])
def test_the_address_comes_from_exactly_our_proxies(
    client: Client, settings: Settings, flushed: Flushed, *, proxies: int, stored: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    client.get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.1, 198.51.100.2")
    assert [row.ip for row in flushed()] == [stored]


@pytest.mark.requirement("O6")
@pytest.mark.django_db
def test_odd_bytes_and_a_giant_user_agent_do_no_harm(client: Client, flushed: Flushed) -> None:
    client.get("/%00%ff%0d%0aX: y/", headers={"user-agent": "Firefox/1" * 8192, "referer": "\x1b[31m\udcff"})
    client.get("/", REMOTE_ADDR="not an address", QUERY_STRING="q=\xff\x00")
    odd, second = flushed()
    assert odd.path.isprintable()
    assert second.ip is None
    assert BUFFER.counts.lost == 0


@pytest.mark.clause("Q5.17", "X12")
@pytest.mark.django_db
def test_nothing_is_stored_on_or_read_from_the_device(client: Client) -> None:
    response = client.get("/")
    assert not response.cookies
    assert response.content == b"a page"


def test_the_site_measures_the_whole_request() -> None:
    order = [name.rpartition(".")[2] for name in import_module(os.environ["DJANGO_SETTINGS_MODULE"]).MIDDLEWARE]
    assert order.index("VisitMiddleware") < order.index("SessionMiddleware")
