"""What can be opened for a dispute: records of the six-year archive, and rows that a legal hold keeps of somebody gone.

There is no list of them and no search in them: one is found by its own number, by the exact address, or by its hold.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Protocol
from uuid import UUID

from django.db.models import Q, QuerySet

from retention.archive import openable_records, seal_context
from retention.aside import content_of
from retention.models import ArchiveRecord, HeldCopy, OpeningKind
from vault.keys import unseal
from vault.tokens import email_tokens


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed record as an opening knows it: whose it is, and whether an act forbids to tell her (Art. 23)."""

    id: UUID
    email_token: str
    subject_id: UUID | None = None
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """What a sealed record says, for the one page that shows it; `ends_at` is None where a hold decides."""

    kept_since: datetime
    ends_at: datetime | None
    tables: Mapping[str, list[dict[str, Any]]]


class Openable(Protocol):
    """One kind of sealed records: who may open them, how they are found, what they say.

    `permission` names the permission, `trail` begins the actions in the audit trail.
    """

    permission: ClassVar[str]
    trail: ClassVar[str]

    def found(self, reference: str, *, now: datetime) -> list[Sealed]:
        """The records that a number or an exact address leads to."""

    def get(self, record_id: UUID, *, now: datetime) -> Sealed | None:
        """The record, unless it is gone or its time is over."""

    def open(self, record_id: UUID, *, now: datetime) -> OpenedRecord | None:
        """What it says. Raises KeyDestroyed."""


class Archive:
    """The six-year archive (policy clause 10)."""

    permission: ClassVar[str] = "retention.open_archive"
    trail: ClassVar[str] = "archive"

    def found(self, reference: str, *, now: datetime) -> list[Sealed]:
        number, tokens = _read(reference)
        condition = Q(email_token__in=tokens) if number is None else Q(pk=number)
        return [_of_record(item) for item in openable_records(now=now).filter(condition).order_by("created_at")]

    def get(self, record_id: UUID, *, now: datetime) -> Sealed | None:
        record = self._records(record_id, now).first()
        return None if record is None else _of_record(record)

    def open(self, record_id: UUID, *, now: datetime) -> OpenedRecord | None:
        record = self._records(record_id, now).first()
        if record is None:
            return None
        content = json.loads(unseal(record.id, bytes(record.sealed), context=seal_context(record)))
        return OpenedRecord(record.created_at, record.ends_at, content["tables"])

    def _records(self, record_id: UUID, now: datetime) -> QuerySet[ArchiveRecord]:
        return openable_records(now=now).filter(pk=record_id)


class Held:
    """Rows of an erased account that a legal hold keeps for a claim (Art. 17(3))."""

    permission: ClassVar[str] = "retention.open_held"
    trail: ClassVar[str] = "hold"

    def found(self, reference: str, *, now: datetime) -> list[Sealed]:
        number, tokens = _read(reference)
        condition = Q(email_token__in=tokens) if number is None else Q(pk=number) | Q(hold_id=number)
        return [_of_copy(item) for item in HeldCopy.objects.filter(condition).select_related("hold")]

    def get(self, record_id: UUID, *, now: datetime) -> Sealed | None:
        copy = HeldCopy.objects.select_related("hold").filter(pk=record_id).first()
        return None if copy is None else _of_copy(copy)

    def open(self, record_id: UUID, *, now: datetime) -> OpenedRecord | None:
        copy = HeldCopy.objects.select_related("hold").filter(pk=record_id).first()
        return None if copy is None else OpenedRecord(copy.kept_at, None, {copy.hold.table: content_of(copy)["rows"]})


SOURCES: Final[dict[OpeningKind, Openable]] = {OpeningKind.ARCHIVE: Archive(), OpeningKind.HELD: Held()}


def permitted_kinds(person: Any) -> list[OpeningKind]:
    """The kinds of sealed records that a member of the staff may have to do with."""
    return [kind for kind, source in SOURCES.items() if person.is_active and person.has_perm(source.permission)]


def _read(reference: str) -> tuple[UUID | None, set[str]]:
    """A number, or else the tokens of an address."""
    try:
        return UUID(reference.strip()), set()
    except ValueError:
        return None, email_tokens([reference])


def _of_record(record: ArchiveRecord) -> Sealed:
    return Sealed(record.id, record.email_token)


def _of_copy(copy: HeldCopy) -> Sealed:
    return Sealed(copy.id, copy.email_token, copy.subject_id, is_secret=bool(copy.hold.secrecy))
