"""Verifies a ledger of leaves: each content against its commitment, each batch against its seal (security L4)."""

from binascii import unhexlify
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Any, Final

from django.apps import apps
from django.db import router, transaction
from django.db.models import Field, Max, QuerySet

from audit.merkle import root_of
from audit.rows import ChainReport, LeafRow, commit, content_fields
from audit.spelling import read_all
from datamap.canonical import canonical_json

Ranges = list[list[int]]
"""Numbers as pairs of first and last."""

_NO_HASH: Final = b""
_UNSEALED: Final = 0


@dataclass(frozen=True, slots=True)
class _Fault:
    """What does not fit: in the batch of which seal, the first row concerned, a sentence."""

    seal: int
    row: int
    reason: str

    @property
    def order(self) -> tuple[bool, int]:
        """The batches in their order, what has no seal behind them."""
        return self.seal == _UNSEALED, self.seal


@dataclass(frozen=True, slots=True)
class _Batch:
    """What was read of the rows that carry one seal: how many, a hash of their numbers, their root, the first."""

    rows: int = 0
    numbers: bytes = _NO_HASH
    root: str = ""
    first: int = 0


def verify_leaves(model: type[LeafRow]) -> ChainReport:
    """Read all rows, batch by batch, and name the first that does not fit; those without a seal come last."""
    using = router.db_for_read(model)
    with transaction.atomic(using=using):
        newest = _seals_of(model).aggregate(newest=Max("number"))["newest"] or 0
        walk = _Walk()
        read_all(model, walk.step, using=using)
        walk.end_batch()
        looks = (_of_rows(model, walk), _of_faded(model), _of_seals(model, walk.batches, newest))
        faults = [_first(found) for found in looks]
    first = min((fault for fault in faults if fault), key=lambda fault: fault.order, default=None)
    if first:
        return ChainReport(model, walk.rows, first.row, first.reason, walk.hashes_only)
    return ChainReport(model, walk.rows, hashes_only=walk.hashes_only)


def _first(faults: Generator[_Fault, None, None]) -> _Fault | None:
    with closing(faults):  # and with it the cursor that it reads from
        return next(faults, None)


def as_ranges(ids: Iterable[int]) -> Ranges:
    """Ascending numbers as pairs of first and last, gaps left out."""
    ranges: Ranges = []
    for number in ids:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


def numbers_in(ranges: Ranges) -> Iterator[int]:
    """The numbers of such pairs."""
    return chain.from_iterable(range(first, last + 1) for first, last in ranges)


class _Walk:
    """The quick look, at every row and every batch; nothing is asked while the rows stream in."""

    def __init__(self) -> None:
        self.batches: dict[int, _Batch] = {}
        self.doubts: list[tuple[int, int]] = []
        self.rows = self.hashes_only = 0
        self._seal = _UNSEALED
        self._ids: list[int] = []
        self._commitments: list[bytes] = []

    def step(self, content: bytes, proof: tuple[bytes, ...]) -> None:
        salt, commitment, seal, id_ = proof
        if (number := int(seal)) != self._seal:
            self.end_batch()
            self._seal = number
        row = int(id_)
        if not salt:
            self.hashes_only += 1
        elif sha256(b"\x00" + unhexlify(salt) + content).hexdigest().encode() != commitment:
            self.doubts.append((number, row))
        self._ids.append(row)
        self._commitments.append(commitment)
        self.rows += 1

    def end_batch(self) -> None:
        """The rows of one seal have been read. Of those without one there is nothing to compare."""
        if self._seal != _UNSEALED:
            self.batches[self._seal] = _Batch(
                len(self._ids), _hash_of(as_ranges(self._ids)), _root(self._commitments), self._ids[0]
            )
        self._ids, self._commitments = [], []


def _of_rows(model: type[LeafRow], walk: _Walk) -> Generator[_Fault, None, None]:
    """The close look at the rows that did not pass the quick one."""
    for seal, number in walk.doubts:
        row = model._base_manager.get(pk=number)
        if commit(bytes(row.salt), row.content()) != row.commitment:
            yield _Fault(seal, number, f"Row {number} was altered: its content no longer gives its commitment.")


def _of_faded(model: type[LeafRow]) -> Generator[_Fault, None, None]:
    """The first row whose salt is gone but not its content: what it says now, nothing proves."""
    faded = model._base_manager.filter(salt=b"")
    if model.CONTENT_MAY_GO:
        faded = faded.exclude(**{field.attname: _blank(field) for field in content_fields(model) if field.name != "at"})
    for row in faded.order_by(*model.READ_BY)[:1]:
        yield _Fault(row.seal or _UNSEALED, row.pk, f"Row {row.pk} was altered: its salt is gone.")


def _blank(field: Field) -> Any:
    return {} if field.get_internal_type() == "JSONField" else ""


def _of_seals(model: type[LeafRow], batches: dict[int, _Batch], newest: int) -> Generator[_Fault, None, None]:
    """The batches that are not what their seal says, in their order; rows that carry a seal that is gone.

    A seal that is younger than `newest` was made while the rows were read: the next verification looks at it.
    """
    seals = _seals_of(model)
    for seal in seals.filter(number__lte=newest).order_by("number").iterator(100):
        batch = batches.get(seal.number, _Batch())
        if batch.numbers != _hash_of(seal.ids):
            yield _stranger(model, seal)
        elif (batch.root, batch.rows) != (seal.root, seal.rows):
            yield _Fault(
                seal.number,
                seal.first_id,
                f"Rows {seal.first_id} to {seal.last_id} do not give the root of seal {seal.number}: a row was altered"
                " together with its commitment, or the seal was.",
            )
    for number in sorted(batches.keys() - set(seals.values_list("number", flat=True))):
        row = batches[number].first
        yield _Fault(number, row, f"Row {row} carries seal {number}, which is gone.")


def _stranger(model: type[LeafRow], seal: Any) -> _Fault:
    """The first row that should be under the seal and is not, or the other way round."""
    there = set(model._base_manager.filter(seal=seal.number).values_list("pk", flat=True))
    row = min(set(numbers_in(seal.ids)) ^ there)
    if row in there:
        return _Fault(seal.number, row, f"Row {row} was put under seal {seal.number} after it was closed.")
    what = "carries another seal now, or none" if model._base_manager.filter(pk=row).exists() else "is gone"
    return _Fault(seal.number, row, f"Row {row}, one of {seal.rows} under seal {seal.number}, {what}.")


def _seals_of(model: type[LeafRow]) -> QuerySet[Any]:
    # By its name: the models are made of what verifies them.
    return apps.get_model("audit", "Seal")._base_manager.filter(ledger=model._meta.label)


def _hash_of(ranges: Ranges) -> bytes:
    return sha256(canonical_json(ranges)).digest()


def _root(commitments: list[bytes]) -> str:
    """Empty where a commitment is no hash: no seal has such a root."""
    try:
        return root_of([bytes.fromhex(item.decode()) for item in commitments]).hex()
    except ValueError:
        return ""
