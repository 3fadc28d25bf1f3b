"""The emulated Mailgun as its own process, and what a test says to it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
import requests
from django.conf import settings as django_settings

ROOT: Final = Path(__file__).resolve().parents[2]
DOMAIN: Final = "mg.example.lv"
SIGNING_KEY: Final = "key-of-the-webhooks-0123456789abcdef"


@dataclass(frozen=True)
class EmulatedMailgun:
    """Where it listens; every method is a call of its control plane."""

    address: str

    def faults(self, **plan: Any) -> None:
        """`queue=[{"fault": ...}]`, or `rate`, `seed` and `kinds`; nothing ends all faults."""
        self._call("POST", "__faults", plan)

    def messages(self) -> list[dict[str, Any]]:
        """What it took, each as often as it took it."""
        found: list[dict[str, Any]] = self._call("GET", "__state")["messages"]
        return found

    def lists(self) -> dict[str, list[str]]:
        """The addresses on its lists."""
        return {name: sorted(entries) for name, entries in self._call("GET", "__state")["lists"].items()}

    def put_on(self, name: str, address: str) -> None:
        """As if Mailgun itself had put an address on one of its lists."""
        url = f"{self.address}/v3/{DOMAIN}/{name}"
        requests.post(url, json=[{"address": address}], auth=("api", "key"), timeout=10).raise_for_status()

    def forget(self) -> None:
        """The term of its log is over."""
        self._call("POST", "__forget", {})

    def forms(self) -> list[dict[str, list[str]]]:
        """The letters as they came over the wire."""
        return [
            parse_qs(call["body"], keep_blank_values=True)
            for call in self.journal()
            if call["path"].endswith("/messages")
        ]

    def journal(self) -> list[dict[str, str]]:
        """Every call as it came in."""
        found: list[dict[str, str]] = self._call("GET", "__journal")
        return found

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.address}/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()


def as_sender(address: str) -> dict[str, Any]:
    """The settings of a site that sends through the Mailgun at this address."""
    keys = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": f"{address}/v3", "MAILGUN_SENDER_DOMAIN": DOMAIN}
    return {
        "EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend",
        "ANYMAIL": {**django_settings.ANYMAIL, **keys},
    }


@pytest.fixture
def mailgun(settings: Any) -> Iterator[EmulatedMailgun]:
    """The site sends through it while the test runs."""
    words = ("--domain", DOMAIN, "--api-key", "key", "--signing-key", SIGNING_KEY)
    with subprocess.Popen([sys.executable, "-m", "emulators", *words], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["mailgun"]
        for name, value in as_sender(address).items():
            setattr(settings, name, value)
        yield EmulatedMailgun(address)
        process.terminate()
