"""Opens one sealed record for one dispute: a case number, a reason, a second person, and a trace (policy clause 10).

What can be opened, and how it is found, says `retention.openable`: the six-year archive, and rows under a legal hold.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import F, Min
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from audit import trail
from audit.trail import Actor
from datamap.catalogue import length_of, period
from datamap.declarations import Holding
from datamap.sweeping import Ended, SweepCounts, end_together
from datamap.terms import Text
from retention.models import Opening, OpeningGround, OpeningKind
from retention.openable import SOURCES, OpenedRecord, Sealed
from vault.keys import KeyDestroyed, destroy_keys, seal, unseal
from vault.tokens import email_token

READABLE: Final = timedelta(hours=24)
READ_LIMIT: Final = 3

_CASE_NUMBER: Final = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./_-]{2,39}")


class OpeningRefused(Exception):
    """The record stays closed; `message` says why."""

    message: Text = ""

    def __str__(self) -> str:
        return str(self.message)


class CaseNumberMissing(OpeningRefused):
    """No dispute, no opening."""

    message = _(
        "A sealed record is opened for a case only: write its number, with a digit, without names or addresses."
    )


class OpeningReasonMissing(OpeningRefused):
    """Each opening says why."""

    message = _("Please write down why.")


class NoSealedRecord(OpeningRefused):
    """Nothing lies sealed under this address or number, or its time is over."""

    message = _("There is no sealed record under this address or number.")


class SecondPersonNeeded(OpeningRefused):
    """The one who asks never decides."""

    message = _("Someone other than the person who asked for the opening must decide about it.")


class OwnRecord(OpeningRefused):
    """Staff decide nothing about their own record."""

    message = _("This record is about you. Somebody else must deal with it.")


class NotAllowed(OpeningRefused):
    """Only holders of the permission have to do with sealed records of this kind."""

    message = _("You may not open these records.")


class NotOpen(OpeningRefused):
    """Not approved, approved too long ago, read too often, or asked for by somebody else."""

    message = _("This opening cannot be read: it waits for approval, its 24 hours are over, or it has been used up.")


class NotPending(OpeningRefused):
    """Approved or declined already, or left lying for more than a week."""

    message = _("Nothing can be decided about this opening any more. Ask for a new one if the record is still needed.")


class RecordGone(OpeningRefused):
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


def request_opening(
    reference: str, *, why: Why, by: models.Model, now: datetime, kind: OpeningKind = OpeningKind.ARCHIVE
) -> list[Opening]:
    """Ask for the records of an exact address, or for the one with this number; each opening is approved by itself.

    A search that finds nothing is in the trail as well. Raises NotAllowed, NoSealedRecord, OwnRecord.
    """
    _check_permission(by, kind)
    source = SOURCES[kind]
    with transaction.atomic():
        records = source.found(reference, now=now)
        if any(_is_about(by, record) for record in records):
            raise OwnRecord
        openings = [_write(record, kind, why, by=by, now=now) for record in records]
        if not openings:
            trail.record(f"{source.trail}.not_found", actor=Actor.of(by), reason=why.case_number, now=now)
    if not openings:
        raise NoSealedRecord
    return openings


def approve_opening(opening: Opening, *, by: models.Model, now: datetime) -> Opening:
    """The second person opens the record for the first, for 24 hours.

    Raises NotAllowed, SecondPersonNeeded, OwnRecord, NotPending, RecordGone.
    """
    with transaction.atomic():
        current, record = _to_decide(opening, by=by, now=now)
        if record is None:
            raise RecordGone
        current.approved_by, current.approved_at = by.pk, now
        current.save(update_fields=["approved_by", "approved_at"])
        _trace("opening_approved", current, record, by=by, now=now)
    return current


def decline_opening(opening: Opening, *, by: models.Model, reason: str, now: datetime) -> Opening:
    """The second person says no, and why; the record stays closed for this case unless it is asked for anew.

    Raises NotAllowed, SecondPersonNeeded, OwnRecord, NotPending, OpeningReasonMissing.
    """
    if not reason.strip():
        raise OpeningReasonMissing
    with transaction.atomic():
        current, record = _to_decide(opening, by=by, now=now)
        current.declined_by, current.declined_at = by.pk, now
        current.sealed_decline = seal(current.id, reason.strip().encode(), context=_context(current, "decline"))
        current.save(update_fields=["declined_by", "declined_at", "sealed_decline"])
        _trace("opening_declined", current, record, by=by, now=now)
    return current


def read_opening(opening: Opening, *, by: models.Model, now: datetime) -> OpenedRecord:
    """Give the record to the one who asked, at most three times within 24 hours; each reading is in the trail first.

    Raises NotAllowed, NotOpen, RecordGone.
    """
    _check_permission(by, opening.kind)
    source = SOURCES[OpeningKind(opening.kind)]
    with transaction.atomic():
        # One statement judges and counts, so that ten at once read three times.
        taken = Opening.objects.filter(
            pk=opening.pk, requested_by=by.pk, approved_at__gt=now - READABLE, reads__lt=READ_LIMIT
        ).update(reads=F("reads") + 1, first_read_at=Coalesce("first_read_at", now), last_read_at=now)
        if not taken:
            raise NotOpen
        record = source.get(opening.record_id, now=now)
        if record is None:
            raise RecordGone
        _trace("opened", opening, record, by=by, now=now)
        return _read(opening, now=now)


def is_pending(opening: Opening, *, now: datetime) -> bool:
    """Waits for the second person, and not for too long."""
    is_open = opening.approved_at is None and opening.declined_at is None
    return is_open and now < opening.requested_at + length_of("OPENING")


def is_readable(opening: Opening, *, now: datetime) -> bool:
    """Approved within the last 24 hours and not used up."""
    return opening.approved_at is not None and now < opening.approved_at + READABLE and opening.reads < READ_LIMIT


def reason_of(opening: Opening) -> str:
    """Why the record is needed, in the words of the one who asked."""
    return unseal(opening.id, bytes(opening.sealed_reason), context=_context(opening, "reason")).decode()


def decline_of(opening: Opening) -> str:
    """Why it was declined, in the words of the second person; empty where it was not."""
    if opening.declined_at is None:
        return ""
    return unseal(opening.id, bytes(opening.sealed_decline), context=_context(opening, "decline")).decode()


def purge(_holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Openings whose time is over, each with the key of its reason; without `apply` only count them."""
    due = Opening.objects.filter(ends_at__lte=now).order_by("pk")
    count = due.count()
    keys = list(due.values_list("pk", flat=True))
    ended = end_together(keys, partial(_destroy, now=now)) if apply else Ended()
    oldest = Opening.objects.aggregate(oldest=Min("ends_at"))["oldest"]
    return ended.counts(due=count, oldest_at=oldest)


def _destroy(keys: list[UUID], *, now: datetime) -> int:
    destroy_keys(keys, now=now)
    return Opening.objects.filter(pk__in=keys).delete()[0]


def _to_decide(opening: Opening, *, by: models.Model, now: datetime) -> tuple[Opening, Sealed | None]:
    """The row, locked, and its record, for the second person's word; the record may be gone."""
    current = Opening.objects.select_for_update().get(pk=opening.pk)
    _check_permission(by, current.kind)
    if current.requested_by == by.pk:
        raise SecondPersonNeeded
    record = SOURCES[OpeningKind(current.kind)].get(current.record_id, now=now)
    if record is not None and _is_about(by, record):
        raise OwnRecord
    if not is_pending(current, now=now):
        raise NotPending
    return current, record


def _write(record: Sealed, kind: OpeningKind, why: Why, *, by: models.Model, now: datetime) -> Opening:
    ends_at = period("AUDIT").ends_at(now)
    if ends_at is None:
        raise TypeError("The record of openings needs a period with an end.")
    opening = Opening(
        id=uuid4(),
        kind=kind,
        record_id=record.id,
        email_token="" if record.is_secret else record.email_token,
        case_number=why.case_number,
        ground=why.ground,
        requested_by=by.pk,
        requested_at=now,
        ends_at=ends_at,
    )
    opening.sealed_reason = seal(opening.id, why.reason.strip().encode(), context=_context(opening, "reason"))
    opening.save(force_insert=True)
    _trace("opening_requested", opening, record, by=by, now=now)
    return opening


def _trace(step: str, opening: Opening, record: Sealed | None, *, by: models.Model, now: datetime) -> None:
    trail.record(
        f"{SOURCES[OpeningKind(opening.kind)].trail}.{step}",
        actor=Actor.of(by),
        subject=None if record is None or record.is_secret else record.subject_id,
        about=opening,
        reason=opening.case_number,
        details={"ground": str(opening.ground)},
        now=now,
    )


def _read(opening: Opening, *, now: datetime) -> OpenedRecord:
    try:
        opened = SOURCES[OpeningKind(opening.kind)].open(opening.record_id, now=now)
    except KeyDestroyed:
        raise RecordGone from None
    if opened is None:
        raise RecordGone
    return opened


def _check_permission(by: Any, kind: str) -> None:
    if not (by.is_active and by.has_perm(SOURCES[OpeningKind(kind)].permission)):
        raise NotAllowed


def _is_about(person: models.Model, record: Sealed) -> bool:
    address = getattr(person, get_user_model().get_email_field_name())
    return record.subject_id == person.pk or email_token(address) == record.email_token


def _context(opening: Opening, what: str) -> str:
    # The name that the table had first: what was sealed then still opens.
    return f"retention_archiveopening|sealed_{what}|{opening.id}"
