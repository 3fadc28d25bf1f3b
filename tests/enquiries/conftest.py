"""Forms are counted by network: what an earlier test sent must not count against the next."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from qlekta.roles import give, set_up
from tests.people import log_in


@pytest.fixture
def agent(client: Client, officer: User) -> Client:
    """Ieva with the role of somebody who answers people."""
    set_up(now=timezone.now())
    give("agent", officer, now=timezone.now())
    log_in(client, officer)
    return client
