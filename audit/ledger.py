"""Ledgers: append-only tables whose rows are bound by hashes over salted commitments (Art. 5(2), 7(1), 24).

Most are chained, row after row. Where many write at once the rows are leaves, joined by seals (`audit.sealing`).
"""

import re
import secrets
from binascii import unhexlify
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeVar

from django.apps import apps
from django.db import connections, router, transaction

from audit.appending import FORGOTTEN, GENESIS, LOCK, add_leaf, add_to_end, is_read_as_written, lock_name
from audit.leaves import verify_leaves
from audit.rows import CHAIN_FIELDS, ChainReport, CommittedRow, LeafRow, LedgerRow, commit, content_fields
from audit.spelling import read_all

__all__ = [
    "CHAIN_FIELDS",
    "GENESIS",
    "ChainReport",
    "CommittedRow",
    "LeafRow",
    "LedgerRow",
    "append",
    "chain",
    "commit",
    "content_fields",
    "ledgers",
    "lock",
    "verify",
]

_SALT_BYTES: Final = 16
_HASH: Final = re.compile("[0-9a-f]{64}")

Row = TypeVar("Row", bound=CommittedRow)


def ledgers() -> list[type[CommittedRow]]:
    """Every ledger of the installed apps."""
    return [model for model in apps.get_models() if issubclass(model, CommittedRow)]


def append(row: Row) -> Row:
    """Add a new row to its ledger, in the caller's transaction if there is one; returns it with its hashes.

    One writer at a time where the rows are chained: the lock is held until the transaction ends, so append last. Raises
    ValueError for content that the database would give back in another spelling, because it could never be verified.
    """
    model = type(row)
    using = router.db_for_write(model)
    row.salt = secrets.token_bytes(_SALT_BYTES)
    row.commitment = commit(row.salt, row.content())
    if model.content is CommittedRow.content and is_read_as_written(row, content_fields(model)):
        return _add(row, using)
    with transaction.atomic(using=using):
        _add(row, using)
        written = model._base_manager.using(using).get(pk=row.pk)
        if commit(row.salt, written.content()) != row.commitment:
            raise ValueError(
                f"{model._meta.label}: the database spells this content differently; write numbers as text."
            )
    return row


def _add(row: Row, using: str) -> Row:
    if isinstance(row, LedgerRow):
        add_to_end(row, using=using)
    elif isinstance(row, LeafRow):
        add_leaf(row, using=using)
    return row


def verify(model: type[CommittedRow]) -> ChainReport:
    """Read a whole ledger, streaming, and name the first row that does not fit.

    An end that was cut off leaves no trace in the ledger itself; only a head kept elsewhere shows it.
    """
    if issubclass(model, LeafRow):
        return verify_leaves(model)
    assert issubclass(model, LedgerRow)  # noqa: S101 - there is no third kind
    return _verify_chain(model)


def _verify_chain(model: type[LedgerRow]) -> ChainReport:
    using = router.db_for_read(model)
    with transaction.atomic(using=using):
        walk = _Walk(_beginning(model, using))
        read_all(model, walk.step, using=using)
        hashes_only = 0
        for doubt in walk.doubts:
            row = model._base_manager.using(using).get(pk=doubt.id)
            if reason := _fault(row, doubt.head, doubt.last_id):
                return ChainReport(model, doubt.rows, doubt.id, reason, hashes_only)
            hashes_only += not row.salt
    return ChainReport(model, walk.rows, hashes_only=hashes_only)


def chain(previous_hash: str, commitment: str) -> str:
    """The hash of a row, which fixes everything before it."""
    return sha256(b"\x01" + bytes.fromhex(previous_hash) + bytes.fromhex(commitment)).hexdigest()


def lock(model: type[LedgerRow]) -> None:
    """Let no one else write to the ledger until the transaction ends."""
    with connections[router.db_for_write(model)].cursor() as cursor:
        cursor.execute(LOCK, [lock_name(model)])


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A row that did not pass the quick look: what it should follow, the row before it and how many came before."""

    id: int
    head: str
    last_id: int
    rows: int


class _Walk:
    """The quick look, at every row; what it doubts is looked at closely afterwards."""

    def __init__(self, head: str) -> None:
        self._head, self._digest = head.encode(), bytes.fromhex(head)
        self._last_id = b"0"
        self.rows = 0
        self.doubts: list[_Doubt] = []

    def step(self, content: bytes, proof: tuple[bytes, ...]) -> None:
        salt, _previous, _commitment, own, id_ = proof
        leaf = sha256(b"\x00" + unhexlify(salt) + content).digest()
        digest = sha256(b"\x01" + self._digest + leaf).digest()
        if not salt or proof != (salt, self._head, leaf.hex().encode(), digest.hex().encode(), id_):
            self.doubts.append(_Doubt(int(id_), self._head.decode(), int(self._last_id), self.rows))
            digest = unhexlify(own) if _HASH.fullmatch(own.decode()) else b""
        self._head, self._digest, self._last_id = own, digest, id_
        self.rows += 1


def _fault(row: LedgerRow, head: str, last_id: int) -> str:
    """The close look: a sentence that says what is wrong with the row, empty where nothing is."""
    if row.previous_hash != head:
        before = f"row {last_id}" if last_id else "the beginning"
        return f"Row {row.id} does not follow {before}: a row was removed, inserted, reordered or given another hash."
    salt = bytes(row.salt)
    if not salt and not row.CONTENT_MAY_GO:
        return f"Row {row.id} was altered: its salt is gone."
    if salt and commit(salt, row.content()) != row.commitment:
        return f"Row {row.id} was altered: its content no longer gives its commitment."
    if not _HASH.fullmatch(row.commitment) or chain(row.previous_hash, row.commitment) != row.row_hash:
        return f"Row {row.id} was altered: its hash does not follow from its commitment."
    return ""


def _beginning(model: type[LedgerRow], using: str) -> str:
    """What the first row follows: nothing, or the last of those that were forgotten after their term."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT coalesce(({FORGOTTEN}), %s)", [model._meta.label, GENESIS])
        beginning: str = cursor.fetchone()[0]
    return beginning
