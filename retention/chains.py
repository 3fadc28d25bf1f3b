"""The whole proof looked at: every chain, its guards, the published heads, the signed reports (security L4)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from audit.ledger import GENESIS, ChainReport, CommittedRow, LeafRow, LedgerRow, ledgers, verify
from audit.models import Forgetting, Seal
from audit.roles import exposed_tables
from retention import heads, reports, sealing
from retention.models import SweepRun
from retention.published import PublishedHead
from retention.signed import is_ours

CHUNK: Final = 2000


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that does not fit: the first row concerned (None where it is no row) and a sentence."""

    row: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """What was found about one ledger."""

    ledger: str
    rows: int
    hashes_only: int
    broken: tuple[Broken, ...]

    @property
    def ok(self) -> bool:
        return not self.broken

    @property
    def broken_at(self) -> int | None:
        """The first broken row."""
        return min((item.row for item in self.broken if item.row is not None), default=None)


def verify_everything(*, now: datetime) -> list[LedgerProof]:
    """Check all ledgers; nothing is changed."""
    chains = [verify(model) for model in ledgers()]
    exposed = exposed_tables([chain.model._meta.db_table for chain in chains])
    published, of_statements = _statements()
    late = sealing.unsealed_too_long(now=now)
    proofs = []
    for chain in chains:
        label = chain.model._meta.label
        found = [*_of_chain(chain, exposed), *_of_heads(chain, published[label])]
        if chain.model is PublishedHead:
            found += of_statements
        elif chain.model is SweepRun:
            found += _of_reports()
        elif chain.model is Seal:
            found += _of_seals()
        if label in late:
            found.append(Broken(late[label], f"Row {late[label]} has waited for its seal too long: does beat run?"))
        proofs.append(LedgerProof(label, chain.rows, chain.hashes_only, tuple(found)))
    return proofs


def _of_chain(chain: ChainReport, exposed: dict[str, str]) -> Iterator[Broken]:
    if not chain.is_whole:
        yield Broken(chain.broken_at, chain.reason)
    if sentence := exposed.get(chain.model._meta.db_table):
        yield Broken(None, sentence)


def _statements() -> tuple[dict[str, list[dict[str, Any]]], list[Broken]]:
    """The heads of every ledger as they were published, from the database and the file; and what is wrong there."""
    broken, trusted = [], {}
    for row in PublishedHead.objects.order_by("id").iterator(CHUNK):
        if is_ours(row.document, kind=heads.TYPE):
            trusted[row.document["signature"]] = row.document
        else:
            broken.append(Broken(row.id, f"The heads published in row {row.id} do not carry our signature."))
    outside = {}
    for number, document in enumerate(heads.file_documents(), start=1):
        if is_ours(document, kind=heads.TYPE):
            outside[document["signature"]] = document
        else:
            broken.append(Broken(None, f"Line {number} of the file of heads does not carry our signature."))
    broken += _differences(trusted, outside)
    published: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in (trusted | outside).values():
        for head in document["heads"]:
            published[head["ledger"]].append({**head, "published": document["at"]})
    return published, broken


def _differences(inside: dict[str, Any], outside: dict[str, Any]) -> Iterator[Broken]:
    if lost := outside.keys() - inside.keys():
        yield Broken(None, f"The database lost {len(lost)} statements that the file of heads still has.")
    if lacking := inside.keys() - outside.keys():
        yield Broken(
            None, f"The file of heads lacks {len(lacking)} statements; after a look at why, publish_heads writes them."
        )


def _of_heads(chain: ChainReport, published: list[dict[str, Any]]) -> Iterator[Broken]:
    """What the ledger no longer has although a head that tells of it was published."""
    if issubclass(chain.model, LeafRow):
        yield from _of_sealed_heads(chain.model, published)
    elif issubclass(chain.model, LedgerRow):
        yield from _of_chained_heads(chain.model, published)


def _of_chained_heads(model: type[LedgerRow], published: list[dict[str, Any]]) -> Iterator[Broken]:
    """The first published head that the ledger no longer has, and a number of rows that shrank."""
    ordered = sorted(published, key=lambda head: (head["last_id"], head["published"]))
    forgotten = _forgotten_up_to(model)
    hashes = _hashes(model, [head["last_id"] for head in ordered])
    for head in ordered:
        if head["last_id"] > forgotten and hashes.get(head["last_id"]) != head["row_hash"]:
            yield Broken(head["last_id"], _sentence(head, is_there=head["last_id"] in hashes))
            return
    most = max((head["rows"] for head in ordered), default=0)
    if (now := heads.head_of(model).rows) < most:
        yield Broken(None, f"There were {most} rows when a head was published; now there are {now}.")


def _of_sealed_heads(model: type[LeafRow], published: list[dict[str, Any]]) -> Iterator[Broken]:
    """The first published head whose seal the ledger no longer has. Heads from before its rows were sealed say nothing
    about seals; they were signed too, so nobody can make a new one look like that."""
    ordered = sorted((head for head in published if head.get("seal")), key=lambda head: head["seal"])
    numbers = {head["seal"] for head in ordered}
    seals = Seal.objects.filter(ledger=model._meta.label, number__in=numbers)
    hashes = {seal.number: seal.hash for seal in seals}
    for head in ordered:
        if hashes.get(head["seal"]) != head["row_hash"]:
            what = "is gone: the end was cut off" if head["seal"] not in hashes else "has another hash now"
            yield Broken(
                head["last_id"],
                f"Seal {head['seal']}, which joined rows up to {head['last_id']} when its head was published on"
                f" {head['published']}, {what}.",
            )
            return


def _sentence(head: dict[str, Any], *, is_there: bool) -> str:
    what = "has another hash now" if is_there else "is gone: the end was cut off"
    return (
        f"Row {head['last_id']}, the last of {head['rows']} when its head was published on {head['published']}, {what}."
    )


def _hashes(model: type[LedgerRow], ids: list[int]) -> dict[int, str]:
    found: dict[int, str] = {0: GENESIS}
    for start in range(0, len(ids), CHUNK):
        rows = model._base_manager.filter(pk__in=ids[start : start + CHUNK])
        found.update(rows.values_list("id", "row_hash"))
    return found


def _forgotten_up_to(model: type[CommittedRow]) -> int:
    last = Forgetting.objects.filter(ledger=model._meta.label).order_by("-id").first()
    return last.last_id if last else 0


def _of_seals() -> Iterable[Broken]:
    """The first seal that is not ours, or does not follow the one before it."""
    forged = sealing.first_forged()
    if forged is None:
        return []
    what = f"Seal {forged.number} of {forged.ledger}"
    return [Broken(forged.pk, f"{what} does not carry our signature, or does not follow the seal before it.")]


def _of_reports() -> Iterable[Broken]:
    """The first signed report whose signature is wrong; reports from before they were signed have none.

    Once one is signed, all that follow are: taking a signature away is found too.
    """
    signing_began = False
    for report in SweepRun.objects.order_by("id").iterator(CHUNK):
        signing_began = signing_began or bool(report.signature)
        if signing_began and not reports.is_verified(report):
            return [Broken(report.id, f"The report in row {report.id} does not carry our signature.")]
    return []
