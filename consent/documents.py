"""Consents given or withdrawn by letter or mail: staff record them, with the document as sealed evidence (Q19.5).

The document is sealed under a key of its own, so that it outlives the account, and ends with the proof it belongs to.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audit.trail import Actor, record
from consent.models import ConsentDocument, ConsentEvent
from consent.purging import free_events
from consent.queries import events_of
from consent.services import give, withdraw
from consent.terms import Method
from datamap.declarations import Holding
from datamap.sweeping import Ended, SweepCounts, end_each
from datamap.terms import Text
from vault.files import delete_on_commit, delete_sealed, read_sealed, sealed_writer
from vault.keys import destroy_key
from vault.tokens import subject_token

LARGEST: Final = 10 * 1024 * 1024
WAYS: Final = (Method.PAPER, Method.EMAIL)
_PLACE: Final = "/admin/consent/consentdocument/new/"


class DocumentRefused(ValueError):
    """Nothing was recorded; says why in the language of the page."""

    message: Text = ""

    def __str__(self) -> str:
        return str(self.message)


class NoDocument(DocumentRefused):
    message = _("Without the document there is no proof. Please add the letter or the mail.")


class DocumentTooLarge(DocumentRefused):
    message = _("A document may have at most 10 MB.")


class NotArrivedYet(DocumentRefused):
    message = _("A document cannot have arrived in the future. Please check day and time.")


class DecidedSince(DocumentRefused):
    """What the person decided after she had written holds; a withdrawal is recorded all the same."""

    message = _("Since this document arrived the person has decided anew. That holds; ask her if in doubt.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A document about one consent of one account: what it says, how and when it came, and the document itself.

    `wording` is the hash of the text it agrees to; `shown_by` how it was found out that it comes from this person.
    """

    subject_id: UUID
    purpose: str
    gives: bool
    method: Method
    language: str
    arrived_at: datetime
    content: bytes
    shown_by: str
    wording: str = ""


def record_letter(letter: Letter, *, by: models.Model, now: datetime) -> ConsentDocument:
    """Record the consent or its withdrawal from now on, and keep the document beside the event.

    The very document of an event that came back without it after a restore goes to that event: nothing is decided anew.
    Raises DocumentRefused in its kinds, and whatever `give` and `withdraw` raise.
    """
    repeated = lost_documents().filter(
        subject_token=subject_token(letter.subject_id),
        purpose=letter.purpose,
        evidence__document=_digest(letter.content),
    )
    _judge(letter, is_known=repeated.exists(), now=now)
    number = uuid4()
    with sealed_writer(number, context=_context(number)) as file:
        file.write(letter.content)
    try:
        with transaction.atomic():
            event = repeated.order_by("id").first() or _event(letter, now=now)
            kept = ConsentDocument.objects.create(
                id=number,
                event=event,
                subject_token=event.subject_token,
                file_name=file.name,
                size=len(letter.content),
                sha256=_digest(letter.content),
                arrived_at=letter.arrived_at,
                shown_by=letter.shown_by,
                recorded_by=by.pk,
                recorded_at=now,
            )
            reason = f"consent came by {letter.method.value}"
            record("recorded", actor=Actor.of(by), subject=letter.subject_id, about=kept, reason=reason, now=now)
    except BaseException:
        delete_sealed(file.name)
        raise
    return kept


def lost_documents() -> QuerySet[ConsentEvent]:
    """The consents and withdrawals by letter that a restore repeated, but whose document it could not bring back: its
    digest is on record, and the original on paper or in the mailbox is to be recorded once more.
    """
    repeated = ConsentEvent.objects.filter(documents=None, evidence__has_keys=["document", "repeated"])
    return repeated.exclude(evidence__has_key="request").exclude(subject_token="")


def contents_of(document: ConsentDocument) -> Iterator[bytes]:
    """The document in clear, frame by frame. Raises VaultError and OSError where key or file is gone."""
    return read_sealed(document.pk, document.file_name, context=_context(document.pk))


def purge(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Destroy the documents whose event loses or has lost its content: three years after the consent ended (K10)."""
    # Documents are swept before events: what waited for its event would outlive it until the next sweep.
    ends = models.Q(event__subject_token="") | models.Q(event__in=free_events(now=now))
    due = ConsentDocument.objects.filter(ends)
    count = due.count()
    keys = list(due.order_by("pk").values_list("pk", flat=True))
    ended = end_each(keys, lambda some: sum(_destroy(pk, now=now) for pk in some)) if apply else Ended()
    oldest = ConsentDocument.objects.aggregate(oldest=models.Min("arrived_at"))["oldest"]
    return ended.counts(due=count, oldest_at=oldest)


def _judge(letter: Letter, *, is_known: bool, now: datetime) -> None:
    if letter.method not in WAYS:
        raise ValueError(letter.method)
    if not letter.content:
        raise NoDocument
    if len(letter.content) > LARGEST:
        raise DocumentTooLarge
    if letter.arrived_at > now:
        raise NotArrivedYet
    if is_known:
        return
    if letter.gives and events_of(letter.subject_id, letter.purpose).filter(at__gt=letter.arrived_at).exists():
        raise DecidedSince


def _event(letter: Letter, *, now: datetime) -> ConsentEvent:
    said: dict[str, Any] = {
        "language": letter.language,
        "method": letter.method,
        "place": _PLACE,
        "now": now,
        "evidence": {"document": _digest(letter.content), "arrived": letter.arrived_at.isoformat()},
    }
    if letter.gives:
        return give(letter.subject_id, letter.purpose, wording=letter.wording, **said)
    return withdraw(letter.subject_id, letter.purpose, **said)


def _destroy(number: UUID, *, now: datetime) -> bool:
    with transaction.atomic():
        kept = ConsentDocument.objects.select_for_update().filter(pk=number).first()
        if kept is None:
            return False
        destroy_key(number, now=now)
        delete_on_commit(kept.file_name)
        kept.delete()
    return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _context(number: UUID) -> str:
    return f"consent_consentdocument|file_name|{number}"
