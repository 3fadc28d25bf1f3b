"""What an erasure must leave because of a hold: out of use, sealed apart, gone with the release (Art. 17(3), 18).

The live rows go as planned, so that nothing refers to an erased account and nobody sees more than before; of the held
ones a copy stays under a key of its own until two people release the hold.
"""

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import translation

from audit import trail
from audit.trail import Actor
from datamap.declarations import Holding
from datamap.registry import registry
from datamap.terms import Erasure
from datamap.trace import Subject, rows_about
from retention import receipts
from retention.models import ErasureRun, RunState
from retention.standing import HeldCopy, LegalHold
from vault.keys import destroy_key, seal, unseal


def copy_held_rows(subject: Subject, holds: Iterable[LegalHold], *, now: datetime) -> list[HeldCopy]:
    """Seal a copy of each row of the person that one of these holds covers, in the transaction that takes the rows."""
    copies = []
    for hold in holds:
        holding = registry().holding(hold.table)
        if is_taken(holding):
            rows = list(rows_about(holding, subject, owned_only=True).filter(Q(**hold.query)).distinct())
            if rows:
                copies.append(_copy(hold, rows, subject, now=now))
    return copies


def name_erasure(copies: Iterable[HeldCopy], run: ErasureRun) -> None:
    """Write down which erasure the copies were kept from, so that the release can finish it."""
    HeldCopy.objects.filter(pk__in=[copy.pk for copy in copies]).update(erasure=run)


def is_taken(holding: Holding) -> bool:
    """True for tables of which an erasure takes or changes rows; what stays anyway needs no copy."""
    return not holding.ledger and holding.erasure is not Erasure.KEEP


def copies_of(user_ids: Iterable[UUID | None]) -> QuerySet[HeldCopy]:
    """The copies that are kept of these accounts."""
    return HeldCopy.objects.filter(subject_id__in=[item for item in user_ids if item is not None])


def numbers_of_copies(user_ids: Iterable[UUID]) -> set[UUID]:
    """The copies of these accounts that may be told of; of a secret hold nobody learns (Art. 23)."""
    return set(copies_of(user_ids).filter(hold__secrecy="").values_list("pk", flat=True))


def open_copy(copy: HeldCopy, *, by: models.Model, reason: str, now: datetime) -> list[dict[str, Any]]:
    """The rows in clear, for the claim they are kept for; who looked and under which case goes into the trail first."""
    trail.record(
        "hold.copy_opened",
        actor=Actor.of(by),
        subject=copy.subject_id,
        about=copy,
        reason=reason,
        details={"case": copy.hold.case_number, "rows": copy.count},
        now=now,
    )
    rows: list[dict[str, Any]] = _content(copy)["rows"]
    return rows


def let_go(hold: LegalHold, *, now: datetime) -> int:
    """Carry out the rest of every erasure that the hold stopped, and issue the new receipts; how many erasures."""
    runs = {copy.erasure for copy in hold.copies.select_related("erasure") if copy.erasure is not None}
    before = {run: _held_keys(run, hold.table) for run in runs}
    for copy in hold.copies.all():
        destroy_key(copy.pk, now=now)
        copy.delete()
    for run, keys in before.items():
        _conclude(run, hold, gone=len(keys - _held_keys(run, hold.table)))
        if run.state != RunState.EXECUTED:  # that one gets its receipt when it is finished
            with translation.override(run.language):
                receipts.issue(run, now=now)
    return len(runs)


def _copy(hold: LegalHold, rows: list[models.Model], subject: Subject, *, now: datetime) -> HeldCopy:
    copy = HeldCopy(id=uuid4(), hold=hold, subject_id=subject.user_id, count=len(rows), kept_at=now)
    content = {"keys": [str(row.pk) for row in rows], "rows": [_values(row) for row in rows]}
    plaintext = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    copy.sealed = seal(copy.id, plaintext, context=_context(copy))
    copy.save(force_insert=True)
    return copy


def _values(row: models.Model) -> dict[str, Any]:
    return {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def _content(copy: HeldCopy) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(unseal(copy.id, bytes(copy.sealed), context=_context(copy)))
    return content


def _held_keys(run: ErasureRun, table: str) -> set[str]:
    copies = HeldCopy.objects.filter(erasure=run, hold__table=table)
    return {key for copy in copies for key in _content(copy)["keys"]}


def _conclude(run: ErasureRun, hold: LegalHold, *, gone: int) -> None:
    """Rewrite the list of the erasure: what the hold kept is gone now, but for rows that another hold keeps too."""
    lines = []
    for line in run.lines["lines"]:
        if line.get("kept_as") != str(hold.pk):
            lines.append(line)
        elif gone:
            action = registry().holding(hold.table).erasure
            freed = {"action": action.value, "count": gone, "reason": "", "act": "", "until": None, "term": ""}
            with translation.override(run.language):
                lines.append({**line, **freed, "action_label": str(action.label), "kept_as": None})
    run.lines = {**run.lines, "lines": lines}
    run.save(update_fields=["lines"])


def _context(copy: HeldCopy) -> str:
    return f"retention_heldcopy|sealed|{copy.pk}"
