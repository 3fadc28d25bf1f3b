"""Keeps files of requests, each under a key of its own, and destroys them when they have served (Art. 5(1)(e), 32).

Nothing here is unpacked, shown or believed: a file is bytes, and its kind is what its first bytes say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from datamap.catalogue import period
from datamap.held_files import FileUnreadable, HeldFile
from dsar.models import Attachment, DocumentAsk, SubjectRequest
from dsar.models.attachments import LONGEST_NAME
from dsar.terms import AttachmentPurpose, CameBy, FileKind, WhyDestroyed
from vault.files import delete_on_commit, read_sealed, sealed_writer
from vault.keys import VaultError, destroy_key

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of one file."""
MOST_AT_ONCE: Final = 5
MOST_OF_A_CASE: Final = 40
READABLE: Final = frozenset({FileKind.PDF, FileKind.JPEG, FileKind.PNG})
"""What a person may hand in on her page: what anybody can look at, and nothing that holds files itself."""
EXTENSIONS: Final = {FileKind.PDF: "pdf", FileKind.JPEG: "jpg", FileKind.PNG: "png", FileKind.OTHER: "bin"}

_BEGINNINGS: Final = {
    b"%PDF-": FileKind.PDF,
    b"\xff\xd8\xff": FileKind.JPEG,
    b"\x89PNG\r\n\x1a\n": FileKind.PNG,
}
_UNSURE: Final = (AttachmentPurpose.IDENTITY, AttachmentPurpose.UNSORTED)
# Controls, marks that turn the direction of writing, halves of characters.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file as it came: the name that somebody gave it, and its bytes."""

    name: str
    content: bytes

    @property
    def kind(self) -> FileKind:
        """By its first bytes."""
        return next((kind for start, kind in _BEGINNINGS.items() if self.content.startswith(start)), FileKind.OTHER)


def shown_name(name: str) -> str:
    """The last piece of a name, whatever path was put before it, in letters that everybody sees."""
    piece = _UNSEEN.sub("", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return " ".join(piece.split())[:LONGEST_NAME].strip(" .")


def keep(
    case: SubjectRequest,
    file: Incoming,
    purpose: AttachmentPurpose,
    *,
    came_by: CameBy,
    now: datetime,
    by: UUID | None = None,
) -> Attachment:
    """Seal a file in the caller's transaction. An identity document belongs to the open asking for it, or is refused
    by the database; what nobody has looked at yet goes at the end of its term.
    """
    ask = open_ask(case) if purpose is AttachmentPurpose.IDENTITY else None
    kept = Attachment(
        case=case,
        ask=ask,
        purpose=purpose,
        came_by=came_by,
        name=shown_name(file.name),
        kind=file.kind,
        size=len(file.content),
        received_at=now,
        added_by=by,
        ends_at=period("UNCHECKED_DOCUMENT").ends_at(now) if purpose in _UNSURE else case.ends_at,
    )
    with sealed_writer(kept.pk, context=kept.context) as sealed:
        sealed.write(file.content)
    kept.file_name = sealed.name
    kept.save(force_insert=True)
    return kept


def room_in(case: SubjectRequest) -> int:
    """How many more files this request takes; those that were destroyed count too."""
    return max(0, MOST_OF_A_CASE - case.attachments.count())


def open_ask(case: SubjectRequest) -> DocumentAsk | None:
    """The asking for an identity document that has come to nothing yet."""
    return case.document_asks.filter(settled_at__isnull=True).first()


def is_readable(file: Attachment) -> bool:
    """Whether staff may open it: an identity document only for the check that asked for it."""
    if not file.is_there:
        return False
    if file.purpose != AttachmentPurpose.IDENTITY:
        return True
    return file.ask is not None and file.ask.settled_at is None


def frames_of(file: Attachment) -> Iterator[bytes]:
    """The content, frame by frame. Raises VaultError and FileNotFoundError where key or file is gone."""
    return read_sealed(file.pk, file.file_name, context=file.context)


def files_in_copy(rows: QuerySet[Any]) -> Iterator[HeldFile]:
    """What a person handed in; not an identity document, which waits for its check and for nothing else."""
    found = rows.filter(destroyed_at__isnull=True).exclude(purpose=AttachmentPurpose.IDENTITY)
    for file in found.iterator():
        yield HeldFile(f"{file.pk}.{EXTENSIONS[FileKind(file.kind)]}", partial(_pieces, file))


def _pieces(file: Attachment) -> Iterator[bytes]:
    try:
        yield from frames_of(file)
    except (VaultError, FileNotFoundError, ValueError) as error:
        raise FileUnreadable(type(error).__name__) from None


def settle(case: SubjectRequest, *, now: datetime) -> int:
    """The check is over, however it came out: destroy the identity documents of a request and end their asking.

    In the transaction that records the outcome; returns how many were destroyed.
    """
    case.document_asks.filter(settled_at__isnull=True).update(settled_at=now)
    left = Attachment.objects.filter(case=case, purpose=AttachmentPurpose.IDENTITY, destroyed_at__isnull=True)
    return sum(empty(file, WhyDestroyed.CHECKED, now=now) for file in left.select_for_update())


def empty(file: Attachment, why: WhyDestroyed, *, now: datetime) -> bool:
    """Destroy key, name and content; the row stays and says so. The file itself goes when that is certain."""
    destroy_key(file.pk, now=now)
    delete_on_commit(file.file_name)
    ends_at = SubjectRequest.objects.values_list("ends_at", flat=True).get(pk=file.case_id)
    gone = Attachment.objects.filter(pk=file.pk, destroyed_at__isnull=True)
    return bool(gone.update(destroyed_at=now, destroyed_because=why, file_name="", name="", ends_at=ends_at))


def take_along(case: SubjectRequest) -> None:
    """Files end with their request; those that nobody has looked at end with their own term."""
    case.document_asks.update(ends_at=case.ends_at)
    looked_at = ~Q(purpose__in=_UNSURE) | Q(destroyed_at__isnull=False)
    case.attachments.filter(looked_at).update(ends_at=case.ends_at)


def remove(files: QuerySet[Any], *, now: datetime) -> int:
    """Take keys, rows and contents away, by time or by right; how many rows went."""
    removed = 0
    for file in files.order_by("pk").iterator():
        with transaction.atomic():
            destroy_key(file.pk, now=now)
            delete_on_commit(file.file_name)
            removed += bool(Attachment.objects.filter(pk=file.pk).delete()[0])
    return removed
