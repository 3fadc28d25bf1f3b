"""Ledgers: append-only tables whose rows are chained by hashes over salted commitments (Art. 5(2), 7(1), 24).

A row's commitment is SHA-256(0x00 | salt | canonical JSON of its content), its hash SHA-256(0x01 | hash of the row
before | commitment). Personal values never stand in a ledger; a person appears as an opaque identifier.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Final, TypeVar

from django.apps import apps
from django.db import connections, models, router, transaction
from django.utils.translation import gettext_lazy as _

from audit.spelling import Spelled, rows_spelled_by_themselves, spelled_rows
from datamap.canonical import canonical_json

GENESIS: Final = "0" * 64
CHAIN_FIELDS: Final = ("id", "salt", "commitment", "previous_hash", "row_hash")
_SALT_BYTES: Final = 16
# Spelled out, because the models are made of this module and cannot be imported here.
_FORGOTTEN: Final = "SELECT last_hash FROM audit_forgetting WHERE ledger = %s ORDER BY id DESC LIMIT 1"
_HASH: Final = re.compile("[0-9a-f]{64}")


class LedgerRow(models.Model):
    """A row of a ledger. Write it with `append`, never with `save`; guard its table with `audit.operations.AppendOnly`.

    `CONTENT_MAY_GO` allows rows whose content and salt were blanked: of those only the hashes are verified.
    """

    CONTENT_MAY_GO: ClassVar[bool] = False

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
        return {field.attname: getattr(self, field.attname) for field in content_fields(type(self))}


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
    with transaction.atomic(using=using):
        lock(model)
        row.salt = secrets.token_bytes(_SALT_BYTES)
        row.commitment = commit(row.salt, row.content())
        row.previous_hash = _end(model, using)
        row.row_hash = chain(row.previous_hash, row.commitment)
        row.save(force_insert=True, using=using)
        written = model._base_manager.using(using).get(pk=row.pk)
        if commit(row.salt, written.content()) != row.commitment:
            raise ValueError(
                f"{model._meta.label}: the database spells this content differently; write numbers as text."
            )
    return row


def verify(model: type[LedgerRow]) -> ChainReport:
    """Walk the whole chain in order, streaming, and stop at the first row that does not fit.

    An end that was cut off leaves no trace in the chain itself; only a head kept elsewhere shows it.
    """
    rows = hashes_only = last_id = 0
    using = router.db_for_read(model)
    head = _beginning(model, using)
    with transaction.atomic(using=using):
        for row in _spelled(model, using):
            if not _fits(row, head):
                if reason := _fault(model._base_manager.using(using).get(pk=row[0]), head, last_id):
                    return ChainReport(model, rows, row[0], reason, hashes_only)
                hashes_only += not row[4]
            rows += 1
            last_id, head = row[0], row[3]
    return ChainReport(model, rows, hashes_only=hashes_only)


def commit(salt: bytes, content: dict[str, Any]) -> str:
    """The salted commitment to a content: without the salt nobody can guess the content from it."""
    return sha256(b"\x00" + salt + canonical_json(content)).hexdigest()


def chain(previous_hash: str, commitment: str) -> str:
    """The hash of a row, which fixes everything before it."""
    return sha256(b"\x01" + bytes.fromhex(previous_hash) + bytes.fromhex(commitment)).hexdigest()


def lock(model: type[LedgerRow]) -> None:
    """Let no one else write to the ledger until the transaction ends."""
    with connections[router.db_for_write(model)].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ledger:{model._meta.db_table}"])


def _spelled(model: type[LedgerRow], using: str) -> Iterator[Spelled]:
    if model.content is not LedgerRow.content:
        return rows_spelled_by_themselves(model, using=using)
    return spelled_rows(model, content_fields(model), using=using)


def _fits(row: Spelled, head: str) -> bool:
    """The quick look, at every row; what it doubts is looked at closely."""
    _id, previous_hash, commitment, row_hash, salt, content = row
    return (
        previous_hash == head
        and bool(salt)
        and sha256(b"\x00" + salt + content).hexdigest() == commitment
        and chain(previous_hash, commitment) == row_hash
    )


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


def _end(model: type[LedgerRow], using: str) -> str:
    """What the next row follows. One statement, whether the ledger is empty or not."""
    table = connections[using].ops.quote_name(model._meta.db_table)
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce((SELECT row_hash FROM {table} ORDER BY id DESC LIMIT 1), ({_FORGOTTEN}), %s)",  # noqa: S608
            [model._meta.label, GENESIS],
        )
        end: str = cursor.fetchone()[0]
    return end


def _beginning(model: type[LedgerRow], using: str) -> str:
    """What the first row follows: nothing, or the last of those that were forgotten after their term."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT coalesce(({_FORGOTTEN}), %s)", [model._meta.label, GENESIS])
        beginning: str = cursor.fetchone()[0]
    return beginning
