"""Signatures that anybody can check, and the one spelling they are made over."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils.translation import gettext_lazy
from pytest_django.fixtures import Settings

from qlekta import env
from vault.signing import canonical_json, is_ours, key_id, public_key_pem, published_keys, sign, signed, verify


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


def test_what_a_retired_key_signed_up_to_its_last_day_stays_ours(settings: Settings) -> None:
    documents = {day: signed({"type": "t/1", "at": f"{day}T12:00:00+00:00"}) for day in ("2026-11-23", "2026-11-24")}
    entry = StringIO()
    call_command("signing_key", "--retire", "--until", "2026-11-23", stdout=entry)
    old = key_id()
    settings.SIGNING_KEY = b"another seed of thirty-two bytes"
    assert not is_ours(documents["2026-11-23"]), "a key that nobody published"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETIRED_SIGNING_KEYS", entry.getvalue().strip())
        settings.RETIRED_SIGNING_KEYS = env.retired_keys("RETIRED_SIGNING_KEYS")
    assert is_ours(documents["2026-11-23"])
    assert not is_ours(documents["2026-11-24"]), "signed after it was retired"
    undated = {name: value for name, value in documents["2026-11-23"].items() if name != "at"}
    assert not is_ours(undated)
    assert [key.key_id for key in published_keys()] == [key_id(), old]
    assert is_ours(signed({"type": "t/1", "at": "2026-11-24T12:00:00+00:00"}))


@pytest.mark.parametrize("entry", ["2026-11-23", "today:AAAA", "..:AAAA", "2026-11-23..2026-11-24:AAAA"])
def test_an_entry_that_cannot_be_read_stops_the_start(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETIRED_SIGNING_KEYS", entry)
    with pytest.raises(ImproperlyConfigured, match="RETIRED_SIGNING_KEYS"):
        env.retired_keys("RETIRED_SIGNING_KEYS")


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
