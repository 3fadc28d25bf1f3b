"""Callers of the interface: Anna with her password just entered, and somebody without an account."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from tests.people import log_in, prove_again

REQUESTS = "/api/v1/requests/"

Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def english(settings: Any) -> None:
    """Sentences are read in English."""
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def anna(person: User) -> Client:
    """Logged in through the page, with her password entered once more a moment ago."""
    client = Client(headers={"accept-language": "en"})
    log_in(client, person)
    prove_again(client)
    return client


@pytest.fixture
def visitor() -> Client:
    """Somebody without a log-in."""
    return Client(headers={"accept-language": "en"})


def send(client: Client, body: Any, *, to: str = REQUESTS, **headers: str) -> Any:
    """Post a body as JSON."""
    with translation.override("en"):
        return client.post(to, body, content_type="application/json", headers=headers)
