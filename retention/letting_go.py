"""What the release of a hold sets free: the rest of every erasure it had stopped, each with a new receipt (Art. 17)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import translation

from datamap.registry import registry
from datamap.terms import Erasure
from retention import archive, receipts
from retention.aside import content_of
from retention.models import ArchiveRecord, ErasureRun, RunState
from retention.planned import ARCHIVE
from retention.standing import HeldCopy, LegalHold
from vault.keys import destroy_key


@dataclass(frozen=True, slots=True)
class _Freed:
    """What becomes of the lines that a hold kept: so many rows are gone, or with None all of them."""

    hold: UUID
    action: Erasure
    gone: int | None = None


def let_go(hold: LegalHold, *, now: datetime) -> int:
    """Carry out the rest of every erasure that the hold stopped, and issue the new receipts; how many erasures."""
    return _let_archive_go(hold, now=now) if hold.table == ARCHIVE else _let_copies_go(hold, now=now)


def _let_copies_go(hold: LegalHold, *, now: datetime) -> int:
    runs = {copy.erasure for copy in hold.copies.select_related("erasure") if copy.erasure is not None}
    before = {run: _held_keys(run, hold.table) for run in runs}
    for copy in hold.copies.all():
        destroy_key(copy.pk, now=now)
        copy.delete()
    action = registry().holding(hold.table).erasure
    for run, keys in before.items():
        _conclude(run, _Freed(hold.pk, action, len(keys - _held_keys(run, hold.table))), now=now)
    return len(runs)


def _let_archive_go(hold: LegalHold, *, now: datetime) -> int:
    """Destroy the records whose time an objection had ended. A record under two holds goes with the second, and then
    the lines of the first are rewritten as well."""
    archive.destroy_ended(Q(**hold.query), now=now)
    concluded = 0
    for released in LegalHold.objects.filter(table=ARCHIVE, released_at__isnull=False):
        if not ArchiveRecord.objects.filter(Q(**released.query), ends_at__lte=now).exists():
            for run in ErasureRun.objects.filter(lines__lines__contains=[{"kept_as": str(released.pk)}]):
                _conclude(run, _Freed(released.pk, Erasure.DELETE), now=now)
                concluded += 1
    return concluded


def _held_keys(run: ErasureRun, table: str) -> set[str]:
    copies = HeldCopy.objects.filter(erasure=run, hold__table=table)
    return {key for copy in copies for key in content_of(copy)["keys"]}


def _conclude(run: ErasureRun, freed: _Freed, *, now: datetime) -> None:
    """Rewrite the list of the erasure: what the hold kept is gone now, but for rows that another hold keeps too."""
    lines = []
    with translation.override(run.language):
        for line in run.lines["lines"]:
            gone = line["count"] if freed.gone is None else freed.gone
            if line.get("kept_as") != str(freed.hold):
                lines.append(line)
            elif gone:
                words = {"action": freed.action.value, "action_label": str(freed.action.label), "count": gone}
                lines.append({**line, **words, "reason": "", "act": "", "until": None, "term": "", "kept_as": None})
        run.lines = {**run.lines, "lines": lines}
        run.save(update_fields=["lines"])
        if run.state != RunState.EXECUTED:  # that one gets its receipt when it is finished
            receipts.issue(run, now=now)
