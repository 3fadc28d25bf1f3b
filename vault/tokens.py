"""Keyed tokens: rows are found without the address or the account, secrets kept as digests (Art. 25, 4(5))."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from datamap.trace import normalise_email


def token(value: str, *, purpose: str) -> str:
    """HMAC-SHA-256 of the value, 43 URL-safe letters; tokens of different purposes cannot be linked."""
    digest = hmac.digest(_key_for(settings.VAULT_TOKEN_KEY, purpose), value.encode(), sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def email_token(address: str) -> str:
    """The token under which an address is found, whatever its spelling."""
    return token(normalise_email(address), purpose="email")


def email_tokens(values: Iterable[str]) -> set[str]:
    """The tokens of several addresses, for `Via`."""
    return {email_token(value) for value in values}


def subject_token(user_id: UUID) -> str:
    """The pseudonym of an account in proofs that outlive it (Art. 4(5))."""
    return token(str(user_id), purpose="subject")


def subject_tokens(values: Iterable[UUID]) -> set[str]:
    """The pseudonyms of several accounts, for `Via`."""
    return {subject_token(value) for value in values}


def new_secret() -> str:
    """256 random bits for a link or a receipt, URL-safe; only its digest is ever stored."""
    return secrets.token_urlsafe(32)


def secret_digest(secret: str) -> str:
    """What is stored in place of a secret, and what it is found by."""
    return token(secret, purpose="secret")


@lru_cache(maxsize=64)
def _key_for(root: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"qlekta token {purpose}".encode()).derive(root)
