"""Envelope encryption: one data key for each owner; destroying it erases what it sealed (Art. 17, 32)."""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from vault.models import DataKey

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
_KEY_BITS: Final = 256
_FORMAT: Final = b"\x01"

logger = logging.getLogger(__name__)

_proven: set[tuple[tuple[str, bytes], ...]] = set()


class VaultError(Exception):
    """Something sealed stays closed."""


class KeyDestroyed(VaultError):
    """The owner's key was destroyed on purpose: what it sealed is gone, and it is never made again."""


class SealBroken(VaultError):
    """Wrong key, wrong context, or altered bytes: there is no plaintext to be had."""


class WrongMasterKey(SealBroken):
    """The key file does not belong to this database: whoever went on would seal or destroy what nobody could open."""

    def __init__(self) -> None:
        super().__init__(
            "VAULT_MASTER_KEYS does not open the data keys of this database. Nothing was changed. Put the key file that"
            " belongs to this database back and restart; what was asked for is then done by itself."
        )


@dataclass(frozen=True, slots=True)
class UnwrappedKey:
    """A data key as it is needed for one operation; never stored, never cached, so that shredding acts at once."""

    id: int
    owner: UUID
    material: bytes = field(repr=False)

    def encrypt(self, plaintext: bytes, *, context: str) -> bytes:
        return _encrypt(self.material, plaintext, f"{context}|{self.owner}|{self.id}")

    def decrypt(self, sealed: bytes, *, context: str) -> bytes:
        return _decrypt(self.material, sealed, f"{context}|{self.owner}|{self.id}")


def seal(owner: UUID, plaintext: bytes, *, context: str) -> bytes:
    """Encrypt under the owner's data key, which is made at first use.

    `context` names the place (`table|column|row id`): bytes moved to another place do not open there.
    Raises KeyDestroyed.
    """
    return seal_with(data_key(owner), plaintext, context=context)


def unseal(owner: UUID, sealed: bytes, *, context: str) -> bytes:
    """Give back what `seal` took. Raises SealBroken, or KeyDestroyed after an erasure."""
    return unseal_with(DataKey.objects.filter(owner=owner).first(), sealed, context=context)


def unseal_with(row: DataKey | None, sealed: bytes, *, context: str) -> bytes:
    """The same with a key row that was read before; None where the owner has none."""
    if not bytes(sealed).startswith(_FORMAT):
        raise SealBroken("These bytes are no seal of this vault.")
    return _existing(row).decrypt(bytes(sealed)[len(_FORMAT) :], context=context)


def wrapped_keys(owners: Iterable[UUID]) -> dict[UUID, DataKey]:
    """The key rows of several owners in one query, still wrapped; owners without a key are missing."""
    return DataKey.objects.in_bulk(list(owners), field_name="owner")


def destroy_key(owner: UUID, *, now: datetime) -> bool:
    """Make everything unreadable that was sealed for this owner, in backups of it too; False where no key is left."""
    return bool(destroy_keys([owner], now=now))


def destroy_keys(owners: Iterable[UUID], *, now: datetime) -> int:
    """The same for many owners in one statement; how many had a key that was left."""
    live = DataKey.objects.filter(owner__in=list(owners), destroyed_at__isnull=True)
    return live.update(wrapped=None, destroyed_at=now)


def has_key(owner: UUID) -> bool:
    """Tell whether the owner has a key that still opens things."""
    return DataKey.objects.filter(owner=owner, destroyed_at__isnull=True).exists()


def data_key(owner: UUID) -> UnwrappedKey:
    """The owner's key, made now if there was none. Two first users at once get the same key: the second insert waits
    for the first and then finds its row. Raises KeyDestroyed, and WrongMasterKey rather than wrap a new key with a
    master that is not this database's: with the right one back, it would be lost.
    """
    row = DataKey.objects.filter(owner=owner).first()
    if row is None:
        _require_proven_masters()
        master_id, master = current_master()
        wrapped = wrap(AESGCM.generate_key(_KEY_BITS), owner, master_id=master_id, master=master)
        fresh = DataKey(owner=owner, wrapped=wrapped, master_key_id=master_id)
        DataKey.objects.bulk_create([fresh], ignore_conflicts=True)
        row = DataKey.objects.get(owner=owner)
    return unwrap(row)


def new_keys(owners: Iterable[UUID]) -> dict[UUID, UnwrappedKey]:
    """Keys of owners that are just being made, in one statement. Raises IntegrityError where one of them has a key, and
    WrongMasterKey as `data_key` does."""
    _require_proven_masters()
    master_id, master = current_master()
    materials = {owner: AESGCM.generate_key(_KEY_BITS) for owner in owners}
    rows = DataKey.objects.bulk_create(
        DataKey(owner=owner, wrapped=wrap(material, owner, master_id=master_id, master=master), master_key_id=master_id)
        for owner, material in materials.items()
    )
    return {row.owner: UnwrappedKey(row.pk, row.owner, materials[row.owner]) for row in rows}


def seal_with(key: UnwrappedKey, plaintext: bytes, *, context: str) -> bytes:
    """The same as `seal`, with a key that is at hand."""
    return _FORMAT + key.encrypt(plaintext, context=context)


def existing_key(owner: UUID) -> UnwrappedKey:
    """The owner's key; SealBroken where there never was one, KeyDestroyed where it is gone."""
    return _existing(DataKey.objects.filter(owner=owner).first())


def _existing(row: DataKey | None) -> UnwrappedKey:
    if row is None:
        raise SealBroken("Nothing was ever sealed for this owner.")
    return unwrap(row)


def require_master_key(*owners: UUID) -> bool:
    """Open the youngest live data key, and those of these owners, and forget them again: what is irreversible asks
    here first. False where there is none yet. Raises WrongMasterKey.
    """
    live = DataKey.objects.filter(destroyed_at__isnull=True)
    rows = [*live.order_by("-pk")[:1], *(live.filter(owner__in=owners) if owners else ())]
    try:
        for row in rows:
            unwrap(row)
    except SealBroken:
        raise WrongMasterKey from None
    return bool(rows)


def _require_proven_masters() -> None:
    """Once for each process and set of masters, as soon as there is a key to try them on."""
    masters = tuple(settings.VAULT_MASTER_KEYS)
    if masters not in _proven and require_master_key():
        _proven.add(masters)


def current_master() -> tuple[str, bytes]:
    """Name and bytes of the master key that wraps new data keys."""
    name, master = settings.VAULT_MASTER_KEYS[0]
    return name, master


def wrap(material: bytes, owner: UUID, *, master_id: str, master: bytes) -> bytes:
    """Encrypt a data key under a master key."""
    return _encrypt(master, material, f"vault.DataKey|{owner}|{master_id}")


def unwrap(row: DataKey) -> UnwrappedKey:
    """Open the envelope with whichever known master key closed it."""
    if row.wrapped is None:
        raise KeyDestroyed("The key of this owner was destroyed.")
    master = dict(settings.VAULT_MASTER_KEYS).get(row.master_key_id)
    if master is None:
        logger.error("vault: data key %s needs a master key that is not configured", row.pk)
        raise SealBroken("The master key of this data key is not configured.")
    material = _decrypt(master, bytes(row.wrapped), f"vault.DataKey|{row.owner}|{row.master_key_id}")
    return UnwrappedKey(row.pk, row.owner, material)


def _encrypt(key: bytes, plaintext: bytes, bound_to: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to.encode())


def _decrypt(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("The sealed bytes are cut.")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except InvalidTag:
        logger.warning("vault: a seal did not open")
        raise SealBroken("The seal is broken: wrong key, wrong place, or altered bytes.") from None
