"""Asks for an identity document as the last step, and sorts, opens and takes in the files of requests (D7-D9; I9)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from audit.revealing import RevealReason
from datamap.catalogue import length_of
from dsar import letters
from dsar.attachments import (
    LARGEST,
    MOST_AT_ONCE,
    READABLE,
    Incoming,
    empty,
    frames_of,
    is_readable,
    keep,
    open_ask,
    room_in,
)
from dsar.cases import move, note, person_of
from dsar.casework import refuse_blanks, say, take_up
from dsar.deadlines import Channel, PauseKind
from dsar.identity import refuse_doubt
from dsar.inbound import original_of
from dsar.models import Attachment, CasePause, DocumentAsk, SubjectRequest
from dsar.queries import is_represented
from dsar.refusals import (
    DocumentAskedAlready,
    DocumentTooEarly,
    FileGone,
    FileTooLarge,
    IdentityAlreadyShown,
    NoDocumentAsked,
    NotReadable,
    TooManyAttempts,
    TooManyFiles,
    WrongStage,
)
from dsar.steps import Step
from dsar.terms import DOUBTS, UNHEARD, AttachmentPurpose, CameBy, Direction, Stage, WhyDestroyed
from retention.attempts import Limit, take
from vault.keys import VaultError
from vault.tokens import token

FILES_A_DAY: Final = Limit(4, length_of("ATTEMPTS"))
"""So often may somebody hand in files for one request in a day."""


def ask_document(case_id: UUID, question: str, why: str, *, step: Step) -> DocumentAsk:
    """Ask for a masked copy of an identity document; `why` says why nothing lighter was enough, and is kept.

    Raises IdentityAlreadyShown for who was logged in, DocumentTooEarly where no other check left a doubt,
    DocumentAskedAlready.
    """
    refuse_blanks(question)
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.channel == Channel.PORTAL_AUTH:
            raise IdentityAlreadyShown
        refuse_doubt(case)
        if not case.identity_checks.filter(outcome__in=DOUBTS).exists():
            raise DocumentTooEarly
        if open_ask(case) is not None:
            raise DocumentAskedAlready
        if case.stage != Stage.IDENTITY_PENDING:
            case = move(
                case_id, Stage.IDENTITY_PENDING, action="asked_id", actor=step.actor, now=step.now, reason=step.reason
            )
        if not case.pauses.filter(answered_at__isnull=True).exists():
            CasePause.objects.create(case=case, kind=PauseKind.IDENTITY, asked_at=step.now)
        ask = DocumentAsk.objects.create(case=case, why=why, asked_at=step.now, asked_by=step.by.pk)
        note(case, "asked_document", actor=step.actor, now=step.now, reason=why)
        say(case, Direction.TO_PERSON, question, step=step)
        letters.ask(case, question, now=step.now)
    return ask


def purposes_for(case: SubjectRequest) -> tuple[AttachmentPurpose, ...]:
    """What a file that is handed in for this request now can be for."""
    found = [AttachmentPurpose.EVIDENCE]
    if open_ask(case) is not None:
        found.insert(0, AttachmentPurpose.IDENTITY)
    if is_represented(case):
        found.append(AttachmentPurpose.AUTHORITY)
    return tuple(found)


def hand_in(case: SubjectRequest, files: Sequence[Incoming], purpose: AttachmentPurpose, *, now: datetime) -> None:
    """Take files from the page of a request: all of them or none.

    Raises WrongStage for a request that is over, NoDocumentAsked, TooManyFiles, FileTooLarge, NotReadable for what is
    neither PDF nor picture by its content, TooManyAttempts.
    """
    with transaction.atomic():
        current = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if (current.is_closed and current.stage not in UNHEARD) or current.stage == Stage.EXECUTING:
            raise WrongStage
        if purpose not in purposes_for(current):
            raise NoDocumentAsked
        if len(files) > min(MOST_AT_ONCE, room_in(current)):
            raise TooManyFiles
        if any(len(file.content) > LARGEST for file in files):
            raise FileTooLarge
        if any(file.kind not in READABLE for file in files):
            raise NotReadable
        if not take(token(str(case.pk), purpose="dsar.files"), FILES_A_DAY, now=now):
            raise TooManyAttempts
        for file in files:
            keep(current, file, purpose, came_by=CameBy.PERSON, now=now)
        note(current, "file_from_person", actor=person_of(current), now=now)


def add_file(case_id: UUID, file: Incoming, purpose: AttachmentPurpose, *, step: Step) -> Attachment:
    """A scan of a letter, added by staff. Raises NoDocumentAsked, TooManyFiles, FileTooLarge."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if purpose is AttachmentPurpose.IDENTITY and open_ask(case) is None:
            raise NoDocumentAsked
        if not room_in(case):
            raise TooManyFiles
        if len(file.content) > LARGEST:
            raise FileTooLarge
        kept = keep(case, file, purpose, came_by=CameBy.STAFF, now=step.now, by=step.by.pk)
        note(case, "file_added", actor=step.actor, now=step.now, reason=step.reason)
    return kept


def sort_file(case_id: UUID, file_id: UUID, purpose: AttachmentPurpose, *, step: Step) -> None:
    """Say what a file is that nobody had looked at. An identity document that nobody asked for is destroyed at once.

    Raises FileGone.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        file = unsorted_files(case).select_for_update().filter(pk=file_id).first()
        if file is None or purpose is AttachmentPurpose.UNSORTED:
            raise FileGone
        note(case, "file_sorted", actor=step.actor, now=step.now, reason=step.reason)
        file.purpose, ask = purpose, open_ask(case)
        if purpose is AttachmentPurpose.IDENTITY:
            if ask is None:
                empty(file, WhyDestroyed.NOT_ASKED, now=step.now)
                Attachment.objects.filter(pk=file.pk).update(purpose=purpose)
                note(case, "document_destroyed", actor=step.actor, now=step.now)
                return
            file.ask = ask
        else:
            file.ends_at = case.ends_at
        file.save(update_fields=["purpose", "ask", "ends_at"])


def unsorted_files(case: SubjectRequest) -> QuerySet[Attachment]:
    """What came by mail and nobody has looked at yet."""
    return Attachment.objects.filter(case=case, purpose=AttachmentPurpose.UNSORTED, destroyed_at__isnull=True)


def open_file(case_id: UUID, file_id: UUID, *, step: Step) -> tuple[Attachment, Iterator[bytes]]:
    """A file for one look, with its reason in the record of the request. Raises FileGone where it was destroyed, or is
    an identity document whose check is over, or that is to be opened for anything else.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        file = case.attachments.select_related("ask").filter(pk=file_id).first()
        if file is None or not is_readable(file):
            raise FileGone
        if file.purpose == AttachmentPurpose.IDENTITY and step.reason != RevealReason.IDENTITY:
            raise FileGone
        try:
            frames = frames_of(file)
        except (VaultError, FileNotFoundError):
            raise FileGone from None
        note(case, "file_opened", actor=step.actor, now=step.now, reason=step.reason)
    return file, frames


def open_original(case_id: UUID, *, step: Step) -> bytes:
    """The message that opened a request, as it was kept, for one look. Raises FileGone."""
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if case.intake is None or not case.intake.raw_file:
            raise FileGone
        try:
            original = original_of(case.intake)
        except (VaultError, FileNotFoundError):
            raise FileGone from None
        note(case, "original_opened", actor=step.actor, now=step.now, reason=step.reason)
    return original
