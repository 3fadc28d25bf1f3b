"""What we believe of Mailgun, asked of the emulated one always and of a sandbox domain where credentials are there.

No letter is sent: a sandbox sends to addresses that somebody has confirmed there.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import pytest
import requests

from emulators.mailgun import Mailgun as Emulated
from mailing.mailgun import LISTS, Mailgun
from outbox.handlers import Halted

pytestmark = pytest.mark.network

NAMES: Final = ("MAILGUN_SANDBOX_DOMAIN", "MAILGUN_SANDBOX_API_KEY", "MAILGUN_SANDBOX_API_URL")
MISSING: Final = [name for name in NAMES if not os.environ.get(name)]


@pytest.fixture(
    params=[
        "emulated",
        pytest.param(
            "sandbox",
            marks=[
                pytest.mark.sandbox,
                pytest.mark.skipif(bool(MISSING), reason=f"no credentials of the sandbox: set {', '.join(MISSING)}"),
            ],
        ),
    ]
)
def asked(request: pytest.FixtureRequest) -> Iterator[Mailgun]:
    if request.param == "sandbox":
        domain, key, address = (os.environ[name] for name in NAMES)
        yield Mailgun(address.rstrip("/"), domain, key, timeout=(3.05, 30))
        return
    with Emulated(domain="mg.example.lv", api_key="key") as service:
        yield Mailgun(f"{service.address}/v3", "mg.example.lv", "key", timeout=(3.05, 10))


@pytest.mark.parametrize("name", LISTS)
def test_an_address_is_found_on_a_list_and_taken_off_it_once(asked: Mailgun, name: str) -> None:
    address = f"contract+{uuid4().hex}@example.com"
    place = f"{asked.address}/{asked.domain}/{name}"
    requests.post(place, json=[{"address": address}], auth=("api", asked.key), timeout=30).raise_for_status()
    assert asked.lists_of(address) == [name]
    assert address in set(asked.listed(name))
    assert asked.take_off(name, address)
    assert asked.lists_of(address) == []
    assert not asked.take_off(name, address)


def test_of_an_address_that_never_got_anything_nothing_is_logged(asked: Mailgun) -> None:
    address = f"contract+{uuid4().hex}@example.com"
    assert not asked.knows(address)
    assert list(asked.events_of(address)) == []
    assert asked.accepted(str(uuid4()), recipient=address) is None
    assert set(asked.numbers(since=datetime.now(UTC))) == set()


def test_it_answers_for_our_key_and_our_domain_alone(asked: Mailgun) -> None:
    asked.answers()
    for stranger in (replace(asked, key="key-of-nobody"), replace(asked, domain="not-ours.example.com")):
        with pytest.raises(Halted):
            stranger.answers()
