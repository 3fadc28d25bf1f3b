"""The two kinds of ledger rows: chained one after another, or leaves that a later seal joins (Art. 5(2), 7(1), 24).

A row's commitment is SHA-256(0x00 | salt | canonical JSON of its content). Personal values never stand in a ledger; a
person appears as an opaque identifier.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from datamap.canonical import canonical_json

CHAIN_FIELDS: Final = ("id", "salt", "commitment", "previous_hash", "row_hash")
LEAF_FIELDS: Final = ("id", "salt", "commitment", "seal")
_IS_HASH: Final = "^[0-9a-f]{64}$"


class CommittedRow(models.Model):
    """A row of a ledger. Write it with `audit.ledger.append`, never with `save`.

    `CONTENT_MAY_GO` allows rows whose content and salt were blanked: of those only the hashes are verified.
    `ADDED_LATER` names fields that came after the first release: they are left out of the content while they hold their
    default, so that the rows from before keep their commitments.
    """

    CONTENT_MAY_GO: ClassVar[bool] = False
    ADDED_LATER: ClassVar[frozenset[str]] = frozenset()
    PROOF_FIELDS: ClassVar[tuple[str, ...]]
    """What the commitment does not cover, because it is made of it."""
    PROOF: ClassVar[tuple[str, ...]]
    """What verification reads beside the content, in SQL: the salt first, the id last."""
    READ_BY: ClassVar[tuple[str, ...]]
    """The columns in whose order a ledger is verified."""

    id = models.BigAutoField(primary_key=True)
    salt = models.BinaryField(_("salt"))
    commitment = models.CharField(_("commitment"), max_length=64)

    class Meta:
        abstract = True

    def content(self) -> dict[str, Any]:
        """What the commitment covers: all but the proof's own fields. An override makes verification slower."""
        values = {}
        for field in content_fields(type(self)):
            value = getattr(self, field.attname)
            if field.attname not in self.ADDED_LATER or value != field.get_default():
                values[field.attname] = value
        return values

    def proof(self) -> Iterator[str]:
        """The same as `PROOF` of a row that is read already."""
        raise NotImplementedError


class LedgerRow(CommittedRow):
    """A row whose hash is SHA-256(0x01 | hash of the row before | commitment): the order of all rows is proved, and
    writers wait for each other. Guard its table with `audit.operations.AppendOnly`.
    """

    PROOF_FIELDS = CHAIN_FIELDS
    PROOF = ("encode(salt, 'hex')", "previous_hash", "commitment", "row_hash", "id")
    READ_BY = ("id",)
    is_judged_alone: ClassVar[bool] = True
    """False where several rows are judged together when the transaction ends: who appends them checks before."""

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
                condition=models.Q(row_hash__regex=_IS_HASH, previous_hash__regex=_IS_HASH),
            )
        ]

    def proof(self) -> Iterator[str]:
        yield from (bytes(self.salt).hex(), self.previous_hash, self.commitment, self.row_hash, str(self.pk))


class LeafRow(CommittedRow):
    """A row that is written without waiting for anybody; soon afterwards a seal joins it with others (`audit.sealing`).

    `seal` is the number of that seal: a row that was still being written when the others were sealed is simply in the
    next one. Guard its table with `audit.operations.AppendOnly` and `audit.operations.SealedInBatches`.
    """

    PROOF_FIELDS = LEAF_FIELDS
    PROOF = ("encode(salt, 'hex')", "commitment", "coalesce(seal, 0)", "id")
    READ_BY = ("seal", "id")  # what has no seal comes last

    seal = models.PositiveBigIntegerField(_("seal"), null=True, editable=False)
    at = models.DateTimeField(_("at"), db_index=True)

    class Meta:
        abstract = True
        ordering = ["id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["id"], name="%(app_label)s_%(class)s_unsealed", condition=models.Q(seal=None))]
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_is_committed",
                condition=models.Q(commitment__regex=_IS_HASH) & (models.Q(seal=None) | models.Q(seal__gt=0)),
            )
        ]

    def proof(self) -> Iterator[str]:
        yield from (bytes(self.salt).hex(), self.commitment, str(self.seal or 0), str(self.pk))


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What was verified: the rows read, how many of them by their hashes alone, the first broken row."""

    model: type[CommittedRow]
    rows: int
    broken_at: int | None = None
    reason: str = ""
    hashes_only: int = 0

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def content_fields(model: type[CommittedRow]) -> list[models.Field]:
    """The fields that a commitment covers."""
    return [field for field in model._meta.concrete_fields if field.attname not in model.PROOF_FIELDS]


def commit(salt: bytes, content: dict[str, Any]) -> str:
    """The salted commitment to a content: without the salt nobody can guess the content from it."""
    return sha256(b"\x00" + salt + canonical_json(content)).hexdigest()
