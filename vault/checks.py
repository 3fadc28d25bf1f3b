"""System checks of the secrets that the vault works with: a missing or short key stops the start (Art. 32)."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error

from vault.signing import public_key_of

KEY_BYTES: Final = 32


def check_keys(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Every key is there, is long enough, and serves one end only."""
    masters: list[tuple[str, bytes]] = list(getattr(settings, "VAULT_MASTER_KEYS", None) or [])
    token_key: bytes = getattr(settings, "VAULT_TOKEN_KEY", None) or b""
    signing_key: bytes = getattr(settings, "SIGNING_KEY", None) or b""
    found: list[CheckMessage] = []
    if not masters:
        found.append(Error("VAULT_MASTER_KEYS is empty: nothing can be sealed.", id="vault.E001"))
    if any(len(key) != KEY_BYTES for _id, key in masters):
        found.append(Error("Each of VAULT_MASTER_KEYS must be 32 bytes long.", id="vault.E002"))
    if len({name for name, _key in masters}) != len(masters) or not all(name for name, _key in masters):
        found.append(Error("Each of VAULT_MASTER_KEYS needs a name of its own.", id="vault.E003"))
    if len(token_key) < KEY_BYTES:
        found.append(Error("VAULT_TOKEN_KEY must be at least 32 bytes long.", id="vault.E004"))
    if len(signing_key) != KEY_BYTES:
        found.append(Error("SIGNING_KEY must be the 32 bytes of an Ed25519 seed.", id="vault.E005"))
    retired = [public for public, _since, _until in getattr(settings, "RETIRED_SIGNING_KEYS", [])]
    if len(signing_key) == KEY_BYTES and public_key_of(signing_key) in retired:
        found.append(Error("RETIRED_SIGNING_KEYS holds the key in use: put a new one in place.", id="vault.E009"))
    return found + _reused([key for _id, key in masters], token_key, signing_key)


def _reused(masters: list[bytes], *others: bytes) -> list[CheckMessage]:
    keys = [key for key in (*masters, *others) if key]
    keys.append(settings.SECRET_KEY.encode())
    if len(set(keys)) == len(keys):
        return []
    return [
        Error("Two of VAULT_MASTER_KEYS, VAULT_TOKEN_KEY, SIGNING_KEY and SECRET_KEY are the same.", id="vault.E006")
    ]
