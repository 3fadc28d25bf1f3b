"""What the release of a hold sets free: the rest of every erasure it had stopped, each with a new receipt (Art. 17)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import translation

from datamap.registry import registry
from datamap.terms import Erasure
from retention import archive, receipts
from retention.aside import content_of
from retention.journal import line_in_words
from retention.models import ArchiveRecord, ErasureRun, RunState
from retention.plan_lines import held_line
from retention.planned import ARCHIVE
from retention.standing import HeldCopy, LegalHold
from vault.keys import destroy_key


def let_go(hold: LegalHold, *, now: datetime) -> int:
    """Carry out the rest of every erasure that the hold stopped, and issue the new receipts; how many erasures."""
    return _let_archive_go(hold, now=now) if hold.table == ARCHIVE else _let_copies_go(hold, now=now)


def _let_copies_go(hold: LegalHold, *, now: datetime) -> int:
    # Under lock: the verification that ends an erasure must not issue a receipt with the old list meanwhile.
    runs = ErasureRun.objects.select_for_update().filter(pk__in=hold.copies.values("erasure")).order_by("pk")
    before = {run: still_held(run, hold.table) for run in runs}
    for copy in hold.copies.all():
        destroy_key(copy.pk, now=now)
        copy.delete()
    for run, held in before.items():
        left = still_held(run, hold.table)
        gone = sum(held.values()) - sum(left.values())
        with translation.override(run.language):
            rewrite(run, list(_lines_without_copies(run, hold, gone, left)), now=now)
    return len(before)


def still_held(run: ErasureRun, table: str) -> dict[LegalHold, int]:
    """How many rows each hold keeps; a row under two of them counts with the older one, as in the plan."""
    copies = HeldCopy.objects.filter(erasure=run, hold__table=table).select_related("hold")
    counted: set[str] = set()
    held: dict[LegalHold, int] = {}
    for copy in copies.order_by("hold__placed_at", "hold__pk"):
        keys = set(content_of(copy)["keys"]) - counted
        counted |= keys
        if keys:
            held[copy.hold] = held.get(copy.hold, 0) + len(keys)
    return held


def _lines_without_copies(
    run: ErasureRun, hold: LegalHold, gone: int, left: dict[LegalHold, int]
) -> Iterator[dict[str, Any]]:
    """The list without what the hold kept: gone now, or kept for a younger hold that covers the same rows."""
    counts_rows = any(line.get("kept_as") == str(hold.pk) for line in run.lines["lines"])
    for line in run.lines["lines"]:
        if line["table"] != hold.table or not line.get("kept_as") or not counts_rows:
            yield line
        elif line["kept_as"] == str(hold.pk):
            if gone:
                yield _freed_line(line, registry().holding(hold.table).erasure, gone)
            yield from (line_in_words(held_line(item, count, label=line["label"])) for item, count in left.items())


def _let_archive_go(hold: LegalHold, *, now: datetime) -> int:
    """Destroy the records whose time an objection had ended. A record under two holds goes with the second, and then
    the lines of the first are rewritten as well."""
    archive.destroy_ended(Q(**hold.query), now=now)
    concluded = 0
    for released in LegalHold.objects.filter(table=ARCHIVE, released_at__isnull=False):
        if not ArchiveRecord.objects.filter(Q(**released.query), ends_at__lte=now).exists():
            runs = ErasureRun.objects.filter(lines__lines__contains=[{"kept_as": str(released.pk)}])
            for run in runs.select_for_update().order_by("pk"):
                _conclude(run, released.pk, Erasure.DELETE, now=now)
                concluded += 1
    return concluded


def _conclude(run: ErasureRun, hold: UUID, action: Erasure, *, now: datetime) -> None:
    """Rewrite the list of the erasure: what the hold kept is gone now."""
    with translation.override(run.language):
        lines = [
            _freed_line(line, action, line["count"]) if line.get("kept_as") == str(hold) else line
            for line in run.lines["lines"]
        ]
        rewrite(run, lines, now=now)


def _freed_line(line: dict[str, Any], action: Erasure, count: int) -> dict[str, Any]:
    words = {"action": action.value, "action_label": str(action.label), "count": count}
    return {**line, **words, "reason": "", "act": "", "until": None, "term": "", "kept_as": None}


def rewrite(run: ErasureRun, lines: list[dict[str, Any]], *, now: datetime) -> None:
    """Change what the erasure says of its rows, and issue the receipt of that, in the active language."""
    if lines == run.lines["lines"]:
        return
    run.lines = {**run.lines, "lines": lines}
    run.save(update_fields=["lines"])
    if run.state != RunState.EXECUTED:  # that one gets its receipt when it is finished
        receipts.issue(run, now=now)
