"""Ledgers: append-only tables whose rows are chained by hashes over salted commitments (Art. 5(2), 7(1), 24).

A row's commitment is SHA-256(0x00 | salt | canonical JSON of its content), its hash SHA-256(0x01 | hash of the row
before | commitment). Personal values never stand in a ledger; a person appears as an opaque identifier.
"""

import re
import secrets
from binascii import unhexlify
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Final, TypeVar

from django.apps import apps
from django.db import connections, models, router, transaction
from django.utils.translation import gettext_lazy as _

from audit.appending import FORGOTTEN, GENESIS, LOCK, add_to_end, is_read_as_written, lock_name
from audit.spelling import read_spelled, read_spelled_by_themselves
from datamap.canonical import canonical_json

CHAIN_FIELDS: Final = ("id", "salt", "commitment", "previous_hash", "row_hash")
_SALT_BYTES: Final = 16
_HASH: Final = re.compile("[0-9a-f]{64}")


class LedgerRow(models.Model):
    """A row of a ledger. Write it with `append`, never with `save`; guard its table with `audit.operations.AppendOnly`.

    `CONTENT_MAY_GO` allows rows whose content and salt were blanked: of those only the hashes are verified.
    `ADDED_LATER` names fields that came after the first release: they are left out of the content while they hold their
    default, so that the rows from before keep their commitments.
    """

    CONTENT_MAY_GO: ClassVar[bool] = False
    ADDED_LATER: ClassVar[frozenset[str]] = frozenset()

    id = models.BigAutoField(primary_key=True)
    salt = models.BinaryField(_("salt"))
    commitment = models.CharField(_("commitment"), max_length=64)
    # Unique, so that even two writers who missed the lock cannot both follow the same row.
    previous_hash = models.CharField(_("hash of the row before"), max_length=64, unique=True)
    row_hash = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("at"), db_index=True)

    class Meta:
        abstract = True
        ordering = ["id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_chained",
                condition=models.Q(row_hash__regex="^[0-9a-f]{64}$", previous_hash__regex="^[0-9a-f]{64}$"),
            )
        ]

    def content(self) -> dict[str, Any]:
        """What the commitment covers: all but the chain's own fields. An override makes verification slower."""
        values = {}
        for field in content_fields(type(self)):
            value = getattr(self, field.attname)
            if field.attname not in self.ADDED_LATER or value != field.get_default():
                values[field.attname] = value
        return values


Row = TypeVar("Row", bound=LedgerRow)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What was verified: the rows read, how many of them by their hashes alone, the first broken row."""

    model: type[LedgerRow]
    rows: int
    broken_at: int | None = None
    reason: str = ""
    hashes_only: int = 0

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def content_fields(model: type[LedgerRow]) -> list[models.Field]:
    """The fields that a commitment covers."""
    return [field for field in model._meta.concrete_fields if field.attname not in CHAIN_FIELDS]


def ledgers() -> list[type[LedgerRow]]:
    """Every ledger of the installed apps."""
    return [model for model in apps.get_models() if issubclass(model, LedgerRow)]


def append(row: Row) -> Row:
    """Add a new row to the end of its chain, in the caller's transaction if there is one; returns it with its hashes.

    One writer at a time: the lock is held until the transaction ends, so append last. Raises ValueError for content
    that the database would give back in another spelling, because it could never be verified.
    """
    model = type(row)
    using = router.db_for_write(model)
    row.salt = secrets.token_bytes(_SALT_BYTES)
    row.commitment = commit(row.salt, row.content())
    if model.content is LedgerRow.content and is_read_as_written(row, content_fields(model)):
        return add_to_end(row, using=using)
    with transaction.atomic(using=using):
        add_to_end(row, using=using)
        written = model._base_manager.using(using).get(pk=row.pk)
        if commit(row.salt, written.content()) != row.commitment:
            raise ValueError(
                f"{model._meta.label}: the database spells this content differently; write numbers as text."
            )
    return row


def verify(model: type[LedgerRow]) -> ChainReport:
    """Walk the whole chain in order, streaming, and name the first row that does not fit.

    An end that was cut off leaves no trace in the chain itself; only a head kept elsewhere shows it.
    """
    using = router.db_for_read(model)
    with transaction.atomic(using=using):
        walk = _Walk(_beginning(model, using))
        if model.content is LedgerRow.content:
            read_spelled(model, content_fields(model), walk.step, using=using)
        else:
            read_spelled_by_themselves(model, walk.step, using=using)
        hashes_only = 0
        for doubt in walk.doubts:
            row = model._base_manager.using(using).get(pk=doubt.id)
            if reason := _fault(row, doubt.head, doubt.last_id):
                return ChainReport(model, doubt.rows, doubt.id, reason, hashes_only)
            hashes_only += not row.salt
    return ChainReport(model, walk.rows, hashes_only=hashes_only)


def commit(salt: bytes, content: dict[str, Any]) -> str:
    """The salted commitment to a content: without the salt nobody can guess the content from it."""
    return sha256(b"\x00" + salt + canonical_json(content)).hexdigest()


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
