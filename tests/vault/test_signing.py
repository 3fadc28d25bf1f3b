"""Signatures that anybody can check, and the one spelling they are made over."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils.translation import gettext_lazy
from pytest_django.fixtures import Settings

from vault.signing import canonical_json, key_id, public_key_pem, sign, verify


def test_the_site_knows_its_own_signature_and_no_other() -> None:
    signature = sign(b"receipt")
    assert verify(b"receipt", signature)
    assert not verify(b"receipt.", signature)
    for malformed in ("", "%%%", "AAAA", signature[:-4], signature + "=", "ā"):
        assert not verify(b"receipt", malformed)


def test_another_key_has_another_name_and_refuses_the_signature(settings: Settings) -> None:
    signature, name = sign(b"receipt"), key_id()
    settings.SIGNING_KEY = b"another seed of thirty-two bytes"
    assert not verify(b"receipt", signature)
    assert key_id() != name


def test_the_published_key_alone_is_enough_to_check() -> None:
    published = load_pem_public_key(public_key_pem().encode())
    assert isinstance(published, Ed25519PublicKey)
    published.verify(base64.b64decode(sign(b"receipt")), b"receipt")


def test_one_value_has_one_spelling() -> None:
    riga = datetime(2026, 7, 1, 15, 30, tzinfo=timezone(timedelta(hours=3)))
    value = {"b": [1, True, None], "a": "Šķūnis", "at": riga, "id": UUID(int=7), "sum": Decimal("1.50")}
    assert canonical_json(value).decode() == (
        '{"a":"Šķūnis","at":"2026-07-01T12:30:00Z","b":[1,true,null],'
        '"id":"00000000-0000-0000-0000-000000000007","sum":"1.50"}'
    )
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)
    assert canonical_json(gettext_lazy("Phrase")) == b'"Phrase"'
    assert canonical_json(datetime(2026, 7, 1, 0, 0, 0, 5, tzinfo=UTC)) == b'"2026-07-01T00:00:00.000005Z"'


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None), {1, 2}, b"bytes"],
    ids=["nan", "inf", "naive", "set", "b"],
)
def test_what_has_no_single_spelling_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical_json([value])
