"""Closes a letter under a key of its own until it is handed over (Art. 32)."""

from collections.abc import Mapping
from uuid import UUID

from mailing.composing import Letter
from mailing.models import OutgoingMessage
from vault.keys import new_keys, seal, seal_with, unseal


def seal_letter(message_id: UUID, letter: Letter) -> bytes:
    """The letter as it lies in the row."""
    return seal(message_id, letter.to_bytes(), context=_context(message_id))


def seal_letters(letters: Mapping[UUID, Letter]) -> dict[UUID, bytes]:
    """The same for many new messages, with one statement for all their keys."""
    keys = new_keys(letters)
    return {
        number: seal_with(keys[number], letter.to_bytes(), context=_context(number))
        for number, letter in letters.items()
    }


def open_letter(message: OutgoingMessage) -> Letter:
    """The letter of a waiting message. Raises VaultError."""
    return Letter.from_bytes(unseal(message.id, bytes(message.body_sealed or b""), context=_context(message.id)))


def _context(message_id: UUID) -> str:
    return f"mailing_outgoingmessage|body_sealed|{message_id}"
