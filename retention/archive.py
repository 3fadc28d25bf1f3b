"""The six-year archive: written once with the deletion, sealed under its own key, then destroyed (policy clause 10).

Nothing here opens a record: `retention.openings` does, for a case number, a reason and a second person.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet, Value
from django.db.models.functions import Greatest

from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.registry import registry
from datamap.standstill import deleting, due_and_held, without_kept
from datamap.sweeping import Ended, SweepCounts, end_together
from datamap.trace import Subject, rows_about
from replay.journal import note
from retention.models import ArchiveRecord
from retention.planned import ARCHIVE
from retention.standing import LegalHold
from vault.keys import destroy_keys, seal
from vault.tokens import email_token, email_tokens

BATCH: Final = 1000
OBJECTED: Final = "retention.archive_objected"


def seal_archive(subject: Subject, *, email: str, now: datetime) -> ArchiveRecord:
    """Write the archive record of an account that is deleted at `now`, in the caller's transaction, before its rows go.

    It holds the account's id, the deletion time and the fields declared with `archive=True`, nothing else (Q10.6).
    `email` is the address under which an objection finds the record later.
    """
    ends_at = period("ARCHIVE").ends_at(now)
    if ends_at is None:
        raise TypeError("The archive needs a period with an end.")
    record = ArchiveRecord(id=uuid4(), email_token=email_token(email), created_at=now, ends_at=ends_at)
    content = {"account_id": subject.user_id, "deleted_at": now, "tables": _whitelisted(subject)}
    plaintext = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    record.sealed = seal(record.id, plaintext, context=seal_context(record))
    record.save(force_insert=True)
    return record


def seal_context(record: ArchiveRecord) -> str:
    """What binds the sealed bytes to their row."""
    return f"retention_archiverecord|sealed|{record.id}"


def records_under(email: str) -> QuerySet[ArchiveRecord]:
    """The records of accounts that were deleted with this address."""
    return ArchiveRecord.objects.filter(email_token__in=email_tokens([email])).order_by("created_at", "pk")


def openable_records(*, now: datetime) -> QuerySet[ArchiveRecord]:
    """The records whose time is not over, judged now, whatever the last sweep did; and those that a legal hold keeps
    for a claim, which they must then be able to serve."""
    holding = registry().holding(ArchiveRecord)
    free = without_kept(ArchiveRecord.objects.order_by(), holding)
    return ArchiveRecord.objects.filter(Q(ends_at__gt=now) | ~Q(pk__in=free.values("pk")))


def erase_on_objection(email: str, *, now: datetime) -> int:
    """Destroy the records found under this address at once: an objection years later needs no account (Q10.5)."""
    with transaction.atomic():
        found = records_under(email).exists()
        destroyed = destroy_under(email, now=now)
        if found:
            note(OBJECTED, at=now, sealed={"email": email})
    return destroyed


def destroy_under(email: str, *, now: datetime) -> int:
    """What an objection does, and does again after a restore. The time of a record that a hold keeps is over now, so
    that the purge after the release takes it: nobody has to object twice."""
    destroyed = _destroy(records_under(email), now=now)
    _end(records_under(email), now=now)
    return destroyed


def destroy_older(subject: Subject, holds: Iterable[LegalHold], *, now: datetime) -> int:
    """Destroy the records of a person's earlier accounts, whose erasure now objects to any archive, in its transaction.

    What one of the `holds` covers stays for its claim; its time is over, so that it goes with the release.
    """
    records = rows_about(registry().holding(ArchiveRecord), subject, owned_only=True)
    held = Q()
    for hold in holds:
        if hold.table == ARCHIVE:
            held |= Q(**hold.query)
    gone = list((records.exclude(held) if held else records).select_for_update().values_list("pk", flat=True))
    destroy_keys(gone, now=now)
    ArchiveRecord.objects.filter(pk__in=gone).delete()
    _end(records, now=now)
    return len(gone)


def destroy_ended(condition: Q, *, now: datetime) -> int:
    """Destroy what a released hold had kept beyond its time, unless another one still covers it."""
    return _destroy(ArchiveRecord.objects.filter(condition, ends_at__lte=now), now=now)


def _end(records: QuerySet[ArchiveRecord], *, now: datetime) -> None:
    # Also where the clock stands at their creation or before it: nobody has to object twice.
    first = F("created_at") + timedelta(microseconds=1)
    records.filter(ends_at__gt=Greatest(Value(now), first)).order_by().update(ends_at=Greatest(Value(now), first))


def purge(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Destroy rows and keys whose six years are over (Q10.4); without `apply` only count them."""
    due = ArchiveRecord.objects.filter(ends_at__lte=now)
    count, held = due_and_held(due, holding)
    keys, ended = list(due.order_by("pk").values_list("pk", flat=True)) if apply else [], Ended()
    for start in range(0, len(keys), BATCH):
        ended += end_together(keys[start : start + BATCH], lambda some: _destroy(due.filter(pk__in=some), now=now))
    oldest = ArchiveRecord.objects.aggregate(oldest=Min("ends_at"))["oldest"]
    return ended.counts(due=count, held=held, oldest_at=oldest)


def _destroy(records: QuerySet[ArchiveRecord], *, now: datetime) -> int:
    """A record under a legal hold stays, also against an objection (Art. 17(3)(e), 21(1))."""
    with transaction.atomic():
        deleting()
        records = without_kept(records, registry().holding(ArchiveRecord))
        keys = list(records.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:BATCH])
        destroy_keys(keys, now=now)
        return ArchiveRecord.objects.filter(pk__in=keys).delete()[0]


def _whitelisted(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for holding in registry().holdings:
        if fields := [name for name, item in holding.personal.items() if item.archive]:
            rows = list(rows_about(holding, subject, owned_only=True).values(*fields))
            if rows:
                found[holding.model] = rows
    return found
