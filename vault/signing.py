"""The site's Ed25519 signature under receipts and proofs, which anybody can check with the public key (Art. 5(2))."""

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from datamap.canonical import canonical_json

__all__ = ["canonical_json", "is_ours", "key_id", "public_key_pem", "sign", "signed", "verify"]


def sign(payload: bytes) -> str:
    """The signature of the site over these bytes, base64."""
    return base64.b64encode(_private_key(settings.SIGNING_KEY).sign(payload)).decode()


def verify(payload: bytes, signature: str) -> bool:
    """True where the site signed exactly these bytes; malformed signatures are just wrong ones."""
    try:
        _public_key().verify(base64.b64decode(signature, validate=True), payload)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def signed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the site's signature over all of it, so that it proves itself when all else is gone."""
    return {**document, "signature": sign(canonical_json(document))}


def is_ours(document: Mapping[str, Any]) -> bool:
    """True where this site signed exactly this document; anything else, of whatever shape, is just not ours."""
    signature = document.get("signature")
    if not isinstance(signature, str):
        return False
    try:
        payload = canonical_json({name: value for name, value in document.items() if name != "signature"})
    except (TypeError, ValueError):
        return False
    return verify(payload, signature)


def public_key_pem() -> str:
    """The public key, as it is published beside receipts."""
    return _public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id() -> str:
    """A short name of the key (the first half of its SHA-256), so that receipts survive a change of keys."""
    return sha256(_public_key().public_bytes_raw()).hexdigest()[:32]


def _public_key() -> Ed25519PublicKey:
    return _private_key(settings.SIGNING_KEY).public_key()


@lru_cache(maxsize=2)
def _private_key(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
