"""Pages and their visits do not need Redis: one that is away, or hangs, is not even asked (F7, F8)."""

import select
import socket
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from visits.models import Visit

pytestmark = pytest.mark.network  # a loopback server that stands for Redis


@pytest.fixture
def hanging(settings: Settings) -> Iterator[Callable[[], bool]]:
    """The cache and the broker are a server that takes connections and never says a word; says whether one came."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as listener:
        address = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        options = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": address, "OPTIONS": options}}
        settings.CELERY_BROKER_URL = address
        yield lambda: bool(select.select([listener], [], [], 0)[0])


@pytest.mark.requirement("F7", "F8")
@pytest.mark.django_db
def test_a_page_and_its_visit_ask_nothing_of_redis(
    client: Client, hanging: Callable[[], bool], flushed: Callable[[], list[Visit]], published_texts: None
) -> None:
    for page in ("/", "/cookies/", "/privacy/", "/privacy/policy/", "/nowhere/"):
        assert client.get(page).status_code in {200, 404}
    assert len(flushed()) == 5
    assert not hanging()
    assert cache.get("asked all the same") is None
    assert hanging()
