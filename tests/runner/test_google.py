"""Where nobody said where mail goes, visits of the demo are counted by an emulated Google, and forgotten on order."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from django.utils import timezone

from cookies.google import Google
from outbox.handlers import Halted
from runner import google
from runner.google import Counting
from tests.runner.test_mail import DEVELOPMENT, silence

pytestmark = pytest.mark.network

NUMBER: Final = "1234567890.1790000000"


def lend(var: Path, **named: str) -> AbstractContextManager[Counting]:
    base = {name: value for name, value in os.environ.items() if not name.startswith("GOOGLE_")}
    return google.emulated({**base, **DEVELOPMENT, "EMAIL_URL": "", **named}, var=var, output=silence, port=0)


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Counting]:
    with lend(tmp_path) as found:
        yield found


def address_of(counting: Counting) -> str:
    return str(counting.environment["GOOGLE_EMULATOR_URL"])


def state(counting: Counting) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{address_of(counting)}/__state", timeout=10).json()
    return found


def account_of(counting: Counting) -> dict[str, str]:
    file = Path(counting.environment["GOOGLE_SERVICE_ACCOUNT_FILE"])
    assert file.stat().st_mode & 0o077 == 0, "a key is nobody else's"
    found: dict[str, str] = json.loads(file.read_text())
    return found


def test_what_it_counted_goes_when_the_account_of_this_start_orders_it(counting: Counting) -> None:
    tag = requests.get(f"{address_of(counting)}/gtag/js?id=G-EMULATED", timeout=10)
    assert tag.headers["Content-Type"].startswith("text/javascript")
    assert "googletagmanager" not in tag.text
    for number in (NUMBER, "2.2"):
        page = {"cid": number, "dl": "http://localhost/listings/"}
        assert requests.post(f"{address_of(counting)}/g/collect", params=page, timeout=10).status_code == 204
    assert requests.post(f"{address_of(counting)}/g/collect", params={"cid": "x"}, timeout=10).status_code == 400
    asked = Google(address_of(counting), counting.environment["GOOGLE_ANALYTICS_PROPERTY"], account_of(counting))
    asked.delete(NUMBER, now=timezone.now())
    assert state(counting) == {"deleted": [NUMBER], "counted": {"2.2": ["http://localhost/listings/"]}}


def test_the_key_of_another_start_is_not_taken(counting: Counting, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with lend(tmp_path / "other") as other:
        stranger = {**account_of(other), "token_uri": account_of(counting)["token_uri"]}
    asked = Google(address_of(counting), counting.environment["GOOGLE_ANALYTICS_PROPERTY"], stranger)
    with pytest.raises(Halted):
        asked.delete(NUMBER, now=timezone.now())
    assert state(counting)["deleted"] == []


@pytest.mark.parametrize(
    "named",
    [
        {"GOOGLE_ANALYTICS_ID": "G-OURS1234"},
        {"GOOGLE_SERVICE_ACCOUNT": "{}"},
        {"MAILGUN_API_KEY": "key"},
        {"QLEKTA_ENV": "production"},
    ],
)
def test_who_named_a_property_or_a_carrier_of_his_own_gets_none(tmp_path: Path, named: dict[str, str]) -> None:
    with lend(tmp_path, **named) as found:
        assert found == Counting()
    assert not list(tmp_path.iterdir())


def test_nothing_listens_when_the_site_has_stopped(tmp_path: Path) -> None:
    with lend(tmp_path) as found:
        port = int(address_of(found).rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
