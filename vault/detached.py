"""Seals for what lies outside the database: they need the site's token key and no row (Art. 32; security O2, X2)."""

import base64
import binascii
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from vault.keys import NONCE_BYTES, SealBroken

_INFO: Final = b"qlekta detached seal"


def seal_detached(plaintext: bytes, *, context: str) -> str:
    """Encrypt with a random nonce, as base64: the same text never looks the same twice; `context` binds its place."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(_key()).encrypt(nonce, plaintext, context.encode())).decode()


def unseal_detached(sealed: str, *, context: str) -> bytes:
    """Give back what `seal_detached` took. Raises SealBroken."""
    try:
        content = base64.b64decode(sealed, validate=True)
        return AESGCM(_key()).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], context.encode())
    except (binascii.Error, ValueError, InvalidTag):
        raise SealBroken("The seal is broken: wrong key, wrong place, or altered bytes.") from None


def _key() -> bytes:
    # Not a master key: those are rotated, and a line of the journal must open until it expires.
    return HKDF(SHA256(), length=32, salt=None, info=_INFO).derive(settings.VAULT_TOKEN_KEY)
