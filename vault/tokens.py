"""Keyed tokens: rows are found without the address or the account, secrets kept as digests (Art. 25, 4(5))."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from datamap.trace import normalise_email


def token(value: str, *, purpose: str) -> str:
    """HMAC-SHA-256 of the value, 43 URL-safe letters; tokens of different purposes cannot be linked."""
    (found,) = _tokens([value], purpose)
    return found


def email_token(address: str) -> str:
    """The token under which an address is found, whatever its spelling."""
    return token(normalise_email(address), purpose="email")


def email_tokens(values: Iterable[str]) -> set[str]:
    """The tokens of several addresses, for `Via`."""
    return set(_tokens(map(normalise_email, values), "email"))


def subject_token(user_id: UUID) -> str:
    """The pseudonym of an account in proofs that outlive it (Art. 4(5))."""
    return token(str(user_id), purpose="subject")


def subject_tokens(values: Iterable[UUID]) -> set[str]:
    """The pseudonyms of several accounts, for `Via`."""
    return set(_tokens(map(str, values), "subject"))


def new_secret() -> str:
    """256 random bits for a link or a receipt, URL-safe; only its digest is ever stored."""
    return secrets.token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """What is stored in place of a secret, and what it is found by."""
    return token(secret, purpose="secret")


def _tokens(values: Iterable[str], purpose: str) -> Iterator[str]:
    key = _key_for(settings.VAULT_TOKEN_KEY, purpose)  # looked up once for all of a batch
    for value in values:
        yield urlsafe_b64encode(hmac.digest(key, value.encode(), sha256)).rstrip(b"=").decode()


@lru_cache(maxsize=64)
def _key_for(root: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"qlekta token {purpose}".encode()).derive(root)
