"""Valkey is dead, or takes the connection and never answers: the site goes on, and its limits with it (F7, F8)."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from django.conf import settings as project
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from dsar.models import SubjectRequest
from outbox.doorbell import doorbell
from outbox.models import Effect, State
from tests.people import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network, pytest.mark.requirement("F7", "F8")]

LOG_IN = reverse("account_login")
FORM = reverse("privacy:request-new")


@pytest.fixture(params=["dead", "silent"])
def silence(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """From when it is called neither the cache nor the bell gets an answer. Nothing listens on the discard port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = 9 if request.param == "dead" else server.getsockname()[1]
        address = f"redis://127.0.0.1:{port}/0"
        # Without an end of the quiet, whoever asks a second time is seen, however slow the machine is.
        monkeypatch.setattr("qlekta.steady_cache.QUIET_AFTER_SILENCE", 3600.0)
        monkeypatch.setattr("qlekta.steady_cache._quiet_until", {})
        monkeypatch.setattr("outbox.doorbell._QUIET_AFTER_SILENCE", 3600.0)
        monkeypatch.setattr(doorbell, "quiet_until", 0.0)

        def fall() -> None:
            settings.CACHES = {name: {**found, "LOCATION": address} for name, found in project.CACHES.items()}
            monkeypatch.setattr(current_app.conf, "broker_write_url", address)

        yield fall
        cache.clear()


def journey(person: User, address: str) -> Iterator[int]:
    """What somebody does on the site, with the status of each answer."""
    browser = Client()
    steps: list[tuple[str, dict[str, Any] | None]] = [
        (LOG_IN, None),
        (FORM, None),
        (FORM, {"email": address, "right": ["access"], "language": "lv"}),
        (LOG_IN, {"login": person.email, "password": PASSWORD}),
        (reverse("account"), None),
        (reverse("privacy:portal"), None),
    ]
    for url, data in steps:
        answer = browser.get(url) if data is None else browser.post(url, data)
        yield answer.status_code


@pytest.mark.usefixtures("published_texts")
def test_pages_come_and_people_log_in_and_file_and_one_of_them_waits_for_one_timeout(
    person: User, silence: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    before = list(journey(person, "liga@example.lv"))
    silence()
    after = list(journey(person, "anna@example.lv"))
    assert after == before == [200, 200, 302, 302, 200, 200]
    assert caplog.text.count("the cache does not answer") == 1
    assert caplog.text.count("the doorbell is silent") == 1
    assert project.CACHES["default"]["OPTIONS"]["socket_timeout"] <= 0.5
    assert SubjectRequest.objects.count() == 2
    assert Effect.objects.filter(state=State.PENDING).count() >= 2, "the letters wait for whoever drains"


def test_wrong_passwords_are_still_counted(client: Client, person: User, silence: Callable[[], None]) -> None:
    silence()
    for number in range(6):
        client.post(LOG_IN, {"login": person.email, "password": f"wrong{number}"})
    right = client.post(LOG_IN, {"login": person.email, "password": PASSWORD})
    assert right.status_code != 302, "the limit fell with the cache"


def test_readyz_says_that_the_broker_is_gone(client: Client, silence: Callable[[], None]) -> None:
    silence()
    answer = client.get("/readyz")
    checks = answer.json()["checks"]
    assert answer.status_code == 503
    assert (checks["broker"]["ok"], checks["scheduler"]["ok"], checks["database"]["ok"]) == (False, False, True)


def test_when_it_is_back_it_is_asked_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qlekta.steady_cache.QUIET_AFTER_SILENCE", 0.0)
    real = settings.CACHES
    cache.set("qlekta-test", 1)
    settings.CACHES = {name: {**found, "LOCATION": "redis://127.0.0.1:9/0"} for name, found in real.items()}
    assert cache.get("qlekta-test") is None
    settings.CACHES = real
    assert cache.get("qlekta-test") == 1
