"""Links that hold for years and need no row: what they say is sealed in them, and nobody else can make one (Art. 7(3)).

For the way out of advertising, which must work when the account, the subscription and the letter are long gone.
"""

import base64
import binascii
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

LONGEST: Final = 512
"""Letters of a link that are looked at at all."""


def sealed_link(payload: bytes, *, purpose: str) -> str:
    """The payload as URL-safe letters that only this site can read; the same payload gives the same link."""
    sealed = _cipher(settings.VAULT_TOKEN_KEY, purpose).encrypt(payload, None)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def opened_link(link: str, *, purpose: str) -> bytes | None:
    """What `sealed_link` took; None for anything that this site did not make for this purpose."""
    if len(link) > LONGEST:
        return None
    try:
        sealed = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
        return _cipher(settings.VAULT_TOKEN_KEY, purpose).decrypt(sealed, None)
    except (InvalidTag, ValueError, binascii.Error):
        return None


@lru_cache(maxsize=16)
def _cipher(root: bytes, purpose: str) -> AESSIV:
    # Deterministic and misuse-resistant: without a nonce to store, a letter that is written twice has one way out.
    return AESSIV(HKDF(SHA256(), length=64, salt=None, info=f"qlekta link {purpose}".encode()).derive(root))
