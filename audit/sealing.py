"""Joins the leaves of a ledger under signed Merkle roots, and proves that one of them is among them (Art. 5(2), 7(1)).

A receipt carries an `Inclusion`: whoever has it and the site's public key can check it without the site. Which rows a
seal joins is decided by what can be seen at that moment; a row that is committed later is in the next seal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from django.db import connections, router, transaction

from audit.leaves import as_ranges
from audit.ledger import GENESIS, LeafRow, append, ledgers, lock
from audit.merkle import path_of, root_by_path, root_of
from audit.models import SEAL_TYPE, Seal
from audit.triggers import MARK_SEALED
from datamap.canonical import canonical_json

BATCH: Final = 10_000
"""Rows under one seal at most, so that neither memory nor the path of a proof grows with the load."""


class SealRefused(RuntimeError):
    """The database marked other rows than the seal names; nothing was sealed."""


@dataclass(frozen=True, slots=True)
class Signer:
    """The site's key, lent by whoever may use it: its name, and what signs bytes."""

    key_id: str
    sign: Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The proof that a row is one of those under a seal: hashes as hex, `index` counted from 0, the signed seal."""

    leaf: str
    index: int
    path: tuple[str, ...]
    seal: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As JSON, for a receipt."""
        return {"leaf": self.leaf, "index": self.index, "path": list(self.path), "seal": dict(self.seal)}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Back from JSON. Raises ValueError for anything of another shape."""
        leaf, index, path, seal = (document.get(name) for name in ("leaf", "index", "path", "seal"))
        match leaf, index, path, seal:
            case str(), int(), list(), dict() if all(isinstance(item, str) for item in path):
                return cls(leaf, index, tuple(path), seal)
        raise ValueError("This is no proof of inclusion.")


def leaf_ledgers() -> list[type[LeafRow]]:
    """The ledgers whose rows wait for seals."""
    return [model for model in ledgers() if issubclass(model, LeafRow)]


def seal(model: type[LeafRow], *, signer: Signer, now: datetime) -> list[Seal]:
    """Seal every row that can be seen and has no seal yet, in batches that each commit.

    Two sealers at once seal each row once: the second waits, then finds what is left.
    """
    made = []
    while (found := _seal_batch(model, signer, now)) is not None:
        made.append(found)
        if found.rows < BATCH:
            break
    return made


def last_seal(model: type[LeafRow]) -> Seal | None:
    """The newest seal of a ledger."""
    return Seal.objects.filter(ledger=model._meta.label).order_by("-number").first()


def inclusion(event: LeafRow) -> Inclusion | None:
    """The proof for one row, as the database has it now; None while it has no seal. Raises DoesNotExist."""
    model = type(event)
    row = model._base_manager.only("seal", "commitment").get(pk=event.pk)
    if row.seal is None:
        return None
    joined = Seal.objects.get(ledger=model._meta.label, number=row.seal)
    rows = model._base_manager.filter(seal=row.seal, pk__range=(joined.first_id, joined.last_id)).order_by("pk")
    pairs = list(rows.values_list("pk", "commitment"))
    index = [pk for pk, _ in pairs].index(row.pk)
    path = path_of(_as_bytes([commitment for _, commitment in pairs]), index)
    return Inclusion(row.commitment, index, tuple(item.hex() for item in path), joined.document())


def verify_inclusion(proof: Inclusion) -> bool:
    """True where the path leads from the leaf to the root that the seal names. Pure; asks no database.

    The signature under the seal is checked apart (`signed_part`), and so is that the leaf is that of the content:
    `audit.ledger.commit(salt, content)`.
    """
    root, rows = proof.seal.get("root"), proof.seal.get("rows")
    if proof.seal.get("type") != SEAL_TYPE or not isinstance(root, str) or not isinstance(rows, int):
        return False
    try:
        reached = root_by_path(bytes.fromhex(proof.leaf), index=proof.index, size=rows, path=_as_bytes(proof.path))
    except ValueError:
        return False
    return reached is not None and reached.hex() == root


def signed_part(document: Mapping[str, Any]) -> tuple[bytes, str]:
    """The bytes that a seal's signature covers, and the signature. Raises KeyError without one."""
    signature = str(document["signature"])
    return canonical_json({name: value for name, value in document.items() if name != "signature"}), signature


@transaction.atomic
def _seal_batch(model: type[LeafRow], signer: Signer, now: datetime) -> Seal | None:
    lock(Seal)
    rows = list(model._base_manager.filter(seal=None).order_by("pk").values_list("pk", "commitment")[:BATCH])
    if not rows:
        return None
    before = last_seal(model)
    made = Seal(
        at=now,
        ledger=model._meta.label,
        number=before.number + 1 if before else 1,
        rows=len(rows),
        first_id=rows[0][0],
        last_id=rows[-1][0],
        ids=as_ranges([pk for pk, _ in rows]),
        root=root_of(_as_bytes([commitment for _, commitment in rows])).hex(),
        previous_seal=before.hash if before else GENESIS,
        key_id=signer.key_id,
    )
    made.signature = signer.sign(canonical_json(made.statement()))
    append(made)
    _mark(model, made)
    return made


def _mark(model: type[LeafRow], made: Seal) -> None:
    with connections[router.db_for_write(model)].cursor() as cursor:
        cursor.execute(f"SELECT {MARK_SEALED}(%s, %s, %s)", [model._meta.db_table, made.ledger, made.number])
        (marked,) = cursor.fetchone()
    if marked != made.rows:
        raise SealRefused(f"{marked} rows of {made.ledger} were marked, {made.rows} are under seal {made.number}.")


def _as_bytes(hashes: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(item) for item in hashes]
