"""The site's Ed25519 signature under receipts and proofs, which anybody can check with the public key (Art. 5(2)).

A key that signed once stays published with the days on which it was in use, so that what it signed can be checked for
ever. The list stands with the keys, not in the database: whoever can write there still cannot pass for us.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from datamap.canonical import canonical_json

__all__ = [
    "PublishedKey",
    "canonical_json",
    "is_ours",
    "key_id",
    "public_key_of",
    "public_key_pem",
    "published_keys",
    "sign",
    "signed",
    "signer_of",
    "verify",
]


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A public key of the site; `until` is the last day on which it signed, None for the one in use."""

    public: bytes
    since: date | None = None
    until: date | None = None

    @property
    def key_id(self) -> str:
        """A short name of the key: the first half of its SHA-256."""
        return sha256(self.public).hexdigest()[:32]

    @property
    def pem(self) -> str:
        """As it is published."""
        return self._key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def verifies(self, payload: bytes, signature: str) -> bool:
        """True where it signed exactly these bytes; malformed signatures are just wrong ones."""
        try:
            self._key().verify(base64.b64decode(signature, validate=True), payload)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)


def sign(payload: bytes) -> str:
    """The signature of the site over these bytes, base64."""
    return base64.b64encode(_private_key(settings.SIGNING_KEY).sign(payload)).decode()


def verify(payload: bytes, signature: str) -> bool:
    """True where the site signed exactly these bytes, with the key of today or one that it retired."""
    return signer_of(payload, signature) is not None


def signer_of(payload: bytes, signature: str) -> PublishedKey | None:
    """The key that signed exactly these bytes; None where none of ours did."""
    return next((key for key in published_keys() if key.verifies(payload, signature)), None)


def published_keys() -> list[PublishedKey]:
    """The key in use, then the retired ones, the youngest first."""
    retired = [PublishedKey(*entry) for entry in settings.RETIRED_SIGNING_KEYS]
    retired.sort(key=lambda key: key.until or date.max, reverse=True)
    return [PublishedKey(public_key_of(settings.SIGNING_KEY), since=retired[0].until if retired else None), *retired]


def signed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the site's signature over all of it, so that it proves itself when all else is gone."""
    return {**document, "signature": sign(canonical_json(document))}


def is_ours(document: Mapping[str, Any]) -> bool:
    """True where this site signed exactly this document; anything else, of whatever shape, is just not ours.

    A document that is younger than the key under it is not: a key that was retired may have been stolen since.
    """
    signature = document.get("signature")
    if not isinstance(signature, str):
        return False
    try:
        payload = canonical_json({name: value for name, value in document.items() if name != "signature"})
    except (TypeError, ValueError):
        return False
    key = signer_of(payload, signature)
    return key is not None and (key.until is None or _day_of(document) <= key.until)


def public_key_pem() -> str:
    """The public key in use, as it is published beside receipts."""
    return published_keys()[0].pem


def key_id() -> str:
    """The name of the key in use; it stands in what is signed."""
    return published_keys()[0].key_id


_TIMES: Final = ("at", "dct:created", "verified_at", "executed_at")
"""Where the kinds of documents that we sign say when that was."""


def _day_of(document: Mapping[str, Any]) -> date:
    """The day on which a document says that it was signed; one that says nothing is as young as can be."""
    for name in _TIMES:
        value = document.get(name)
        if isinstance(value, Mapping):
            value = value.get("@value")
        try:
            return datetime.fromisoformat(str(value)).astimezone(UTC).date()
        except ValueError:
            continue
    return date.max


@lru_cache(maxsize=2)
def public_key_of(seed: bytes) -> bytes:
    """The public key that belongs to a seed of 32 bytes."""
    return _private_key(seed).public_key().public_bytes_raw()


@lru_cache(maxsize=2)
def _private_key(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
