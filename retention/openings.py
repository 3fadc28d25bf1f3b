"""Opens one archive record for one dispute: a case number, a reason, a second person, and a trace (policy clause 10).

There is no list of records and no search in them: a record is found by its own number or by the exact address.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import F, Min, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from audit import trail
from audit.trail import Actor
from datamap.catalogue import length_of, period
from datamap.declarations import Holding
from datamap.sweeping import SweepCounts
from datamap.terms import Text
from retention.archive import openable_records, seal_context
from retention.models import ArchiveOpening, ArchiveRecord, OpeningGround
from vault.keys import KeyDestroyed, destroy_key, seal, unseal
from vault.tokens import email_token

READABLE: Final = timedelta(hours=24)
READ_LIMIT: Final = 3

_CASE_NUMBER: Final = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./_-]{2,39}")


class OpeningRefused(Exception):
    """The archive stays closed; `message` says why."""

    message: Text = ""

    def __str__(self) -> str:
        return str(self.message)


class CaseNumberMissing(OpeningRefused):
    """No dispute, no opening."""

    message = _("The archive is opened for a case only: write its number, with a digit, without names or addresses.")


class OpeningReasonMissing(OpeningRefused):
    """Each opening says why."""

    message = _("Please write down why.")


class NoArchiveRecord(OpeningRefused):
    """Nothing is archived under this address or number, or its six years are over."""

    message = _("There is no archive record under this address or number.")


class SecondPersonNeeded(OpeningRefused):
    """The one who asks never approves."""

    message = _("The opening must be approved by someone other than the person who asked for it.")


class OwnRecord(OpeningRefused):
    """Staff decide nothing about their own record."""

    message = _("This record is about you. Somebody else must deal with it.")


class NotAllowed(OpeningRefused):
    """Only holders of the permission have to do with the archive."""

    message = _("You may not open the archive.")


class NotOpen(OpeningRefused):
    """Not approved, approved too long ago, read too often, or asked for by somebody else."""

    message = _("This opening cannot be read: it waits for approval, its 24 hours are over, or it has been used up.")


class NotPending(OpeningRefused):
    """Approved already, or left lying for more than a week."""

    message = _("This opening cannot be approved any more. Ask for a new one if the record is still needed.")


class ArchiveGone(OpeningRefused):
    """The record was destroyed between the request and now."""

    message = _("The record has been destroyed meanwhile.")


@dataclass(frozen=True, slots=True)
class Why:
    """For which case, on which ground and why in words a record is to be opened. Raises OpeningRefused where it says
    nothing."""

    case_number: str
    ground: OpeningGround
    reason: str

    def __post_init__(self) -> None:
        if not _CASE_NUMBER.fullmatch(self.case_number):
            raise CaseNumberMissing
        if not self.reason.strip():
            raise OpeningReasonMissing


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """What an archive record says, for the one page that shows it."""

    archived_at: datetime
    ends_at: datetime
    content: Mapping[str, Any]


def request_opening(reference: str, *, why: Why, by: models.Model, now: datetime) -> list[ArchiveOpening]:
    """Ask for the records of an exact address, or for the one with this number; each opening is approved by itself.

    A search that finds nothing is in the trail as well. Raises NotAllowed, NoArchiveRecord, OwnRecord.
    """
    _check_permission(by)
    with transaction.atomic():
        records = list(_found(reference, now=now).order_by("created_at"))
        if any(_is_about(by, record.email_token) for record in records):
            raise OwnRecord
        openings = [_write(record, why, by=by, now=now) for record in records]
        if not openings:
            trail.record("archive.not_found", actor=Actor.of(by), reason=why.case_number, now=now)
    if not openings:
        raise NoArchiveRecord
    return openings


def approve_opening(opening: ArchiveOpening, *, by: models.Model, now: datetime) -> ArchiveOpening:
    """The second person opens the record for the first, for 24 hours.

    Raises NotAllowed, SecondPersonNeeded, OwnRecord, NotPending, ArchiveGone.
    """
    _check_permission(by)
    with transaction.atomic():
        current = ArchiveOpening.objects.select_for_update().get(pk=opening.pk)
        if current.requested_by == by.pk:
            raise SecondPersonNeeded
        if _is_about(by, current.email_token):
            raise OwnRecord
        if not is_pending(current, now=now):
            raise NotPending
        if not _record_of(current, now=now):
            raise ArchiveGone
        current.approved_by, current.approved_at = by.pk, now
        current.save(update_fields=["approved_by", "approved_at"])
        _trace("archive.opening_approved", current, by=by, now=now)
    return current


def read_opening(opening: ArchiveOpening, *, by: models.Model, now: datetime) -> OpenedRecord:
    """Give the record to the one who asked, at most three times within 24 hours; each reading is in the trail first.

    Raises NotAllowed, NotOpen, ArchiveGone.
    """
    _check_permission(by)
    with transaction.atomic():
        # One statement judges and counts, so that ten at once read three times.
        taken = ArchiveOpening.objects.filter(
            pk=opening.pk, requested_by=by.pk, approved_at__gt=now - READABLE, reads__lt=READ_LIMIT
        ).update(reads=F("reads") + 1, first_read_at=Coalesce("first_read_at", now), last_read_at=now)
        if not taken:
            raise NotOpen
        record = _record_of(opening, now=now)
        if record is None:
            raise ArchiveGone
        _trace("archive.opened", opening, by=by, now=now)
        return OpenedRecord(record.created_at, record.ends_at, _unsealed(record))


def is_pending(opening: ArchiveOpening, *, now: datetime) -> bool:
    """Waits for the second person, and not for too long."""
    return opening.approved_at is None and now < opening.requested_at + length_of("OPENING")


def is_readable(opening: ArchiveOpening, *, now: datetime) -> bool:
    """Approved within the last 24 hours and not used up."""
    return opening.approved_at is not None and now < opening.approved_at + READABLE and opening.reads < READ_LIMIT


def reason_of(opening: ArchiveOpening) -> str:
    """Why the record is needed, in the words of the one who asked."""
    return unseal(opening.id, bytes(opening.sealed_reason), context=_context(opening)).decode()


def purge(_holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Openings whose time is over, each with the key of its reason; without `apply` only count them."""
    due = ArchiveOpening.objects.filter(ends_at__lte=now).order_by("pk")
    count = due.count()
    deleted = sum(_destroy(key, now=now) for key in list(due.values_list("pk", flat=True))) if apply else 0
    oldest = ArchiveOpening.objects.aggregate(oldest=Min("ends_at"))["oldest"]
    return SweepCounts(due=count, deleted=deleted, oldest_at=oldest)


def _destroy(key: UUID, *, now: datetime) -> int:
    with transaction.atomic():
        destroy_key(key, now=now)
        return ArchiveOpening.objects.filter(pk=key).delete()[0]


def _found(reference: str, *, now: datetime) -> QuerySet[ArchiveRecord]:
    try:
        return openable_records(now=now).filter(pk=UUID(reference.strip()))
    except ValueError:
        return openable_records(now=now).filter(email_token=email_token(reference))


def _write(record: ArchiveRecord, why: Why, *, by: models.Model, now: datetime) -> ArchiveOpening:
    ends_at = period("AUDIT").ends_at(now)
    if ends_at is None:
        raise TypeError("The record of openings needs a period with an end.")
    opening = ArchiveOpening(
        id=uuid4(),
        archive_id=record.id,
        email_token=record.email_token,
        case_number=why.case_number,
        ground=why.ground,
        requested_by=by.pk,
        requested_at=now,
        ends_at=ends_at,
    )
    opening.sealed_reason = seal(opening.id, why.reason.strip().encode(), context=_context(opening))
    opening.save(force_insert=True)
    _trace("archive.opening_requested", opening, by=by, now=now)
    return opening


def _trace(action: str, opening: ArchiveOpening, *, by: models.Model, now: datetime) -> None:
    trail.record(
        action,
        actor=Actor.of(by),
        about=opening,
        reason=opening.case_number,
        details={"ground": str(opening.ground)},
        now=now,
    )


def _record_of(opening: ArchiveOpening, *, now: datetime) -> ArchiveRecord | None:
    """The record, unless an objection or its term has ended it."""
    return openable_records(now=now).filter(pk=opening.archive_id).first()


def _unsealed(record: ArchiveRecord) -> dict[str, Any]:
    try:
        plaintext = unseal(record.id, bytes(record.sealed), context=seal_context(record))
    except KeyDestroyed:
        raise ArchiveGone from None
    content: dict[str, Any] = json.loads(plaintext)
    return content


def _check_permission(by: Any) -> None:
    if not (by.is_active and by.has_perm("retention.open_archive")):
        raise NotAllowed


def _is_about(person: models.Model, token: str) -> bool:
    return email_token(getattr(person, get_user_model().get_email_field_name())) == token


def _context(opening: ArchiveOpening) -> str:
    return f"retention_archiveopening|sealed_reason|{opening.id}"
