"""Everybody can read the signed heads, and check them without us."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.test import Client
from django.urls import reverse

from audit.trail import Actor, record
from retention.heads import publish_heads
from tests.retention.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.clause("Q15.6"), pytest.mark.requirement("L4")]


@pytest.fixture(autouse=True)
def _own_directory(settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path


def test_the_page_says_it_before_the_first_statement_and_shows_them_afterwards(client: Client) -> None:
    address = reverse("privacy:transparency", query={"lang": "en"})
    assert "Nothing has been published yet" in client.get(address).content.decode()
    document = publish_heads(now=NOW).document
    page = client.get(address).content.decode()
    assert document["signature"] in page.replace("&#x2B;", "+")
    assert "BEGIN PUBLIC KEY" in page


def test_a_stranger_can_check_the_file_with_the_key_alone(client: Client) -> None:
    record("act", actor=Actor.system("test"), now=NOW)
    publish_heads(now=NOW)
    answer = client.get(reverse("privacy:transparency-file"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    content = json.loads(answer.content)
    (statement,) = content["statements"]
    signature = base64.b64decode(statement.pop("signature"))
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    key = load_pem_public_key(content["public_key"].encode())
    assert isinstance(key, Ed25519PublicKey)
    key.verify(signature, payload)
    assert {head["ledger"]: head["rows"] for head in statement["heads"]}["audit.Entry"] == 1


@pytest.mark.parametrize("page", ["privacy:verify", "privacy:notice"])
def test_the_way_to_the_page_is_shown(client: Client, page: str) -> None:
    assert reverse("privacy:transparency") in client.get(reverse(page)).content.decode()
