"""Files of a request under keys of their own; an identity document comes last and goes with its check (I9)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import User
from audit.revealing import RevealReason
from datamap.registry import registry
from datamap.terms import Right
from datamap.trace import Subject, subject_of_user
from dsar import casework, documents
from dsar.attachments import Incoming, frames_of, keep, shown_name
from dsar.cases import note_of
from dsar.models import Attachment, DocumentAsk, IdentityCheck, SubjectRequest
from dsar.queries import events_of
from dsar.refusals import (
    DocumentAskedAlready,
    DocumentTooEarly,
    FileGone,
    IdentityAlreadyShown,
    NoDocumentAsked,
    NotReadable,
    TooManyFiles,
)
from dsar.services import withdraw_request
from dsar.steps import Step
from dsar.sweeping import erase_attachments, purge_attachments
from dsar.terms import AttachmentPurpose, CameBy, IdentityMethod, IdentityOutcome, Stage, WhyDestroyed
from tests.dsar.conftest import NOW, File, copy_about, copy_of
from tests.dsar.test_identity import by_mail
from vault.files import sealed_files
from vault.keys import has_key

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 pase ar aizklatu fotografiju"
WHY = "The facts named were of another order; no invoice is on record."


@pytest.fixture(autouse=True)
def _var(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def by(user: User, *, reason: str = RevealReason.IDENTITY) -> Step:
    return Step(by=user, reason=reason, now=NOW)


def doubted(officer: User, right: Right = Right.OBJECTION) -> SubjectRequest:
    (case,) = by_mail(right)
    casework.doubt(case.pk, IdentityOutcome.DOUBTED, step=by(officer, reason="the facts do not fit"))
    return SubjectRequest.objects.get(pk=case.pk)


def asked(officer: User, right: Right = Right.OBJECTION) -> SubjectRequest:
    case = doubted(officer, right)
    documents.ask_document(case.pk, "Please show us …", WHY, step=by(officer))
    return SubjectRequest.objects.get(pk=case.pk)


def with_document(officer: User) -> tuple[SubjectRequest, Attachment]:
    case = asked(officer)
    documents.hand_in(case, [Incoming("pase.pdf", PDF)], AttachmentPurpose.IDENTITY, now=NOW)
    return case, case.attachments.get()


def content(file: Attachment) -> bytes:
    return b"".join(frames_of(file))


@pytest.mark.clause("Q4.2")
@pytest.mark.requirement("I9")
def test_a_document_is_asked_for_last_once_and_with_a_reason(officer: User) -> None:
    (early,) = by_mail(Right.OBJECTION)
    with pytest.raises(DocumentTooEarly):
        documents.ask_document(early.pk, "Please show us …", WHY, step=by(officer))
    case = asked(officer, Right.RECTIFICATION)
    event = events_of(case).get(action="asked_document")
    assert note_of(event, case).reason == WHY
    assert DocumentAsk.objects.get().why == WHY
    assert case.stage == Stage.IDENTITY_PENDING
    with pytest.raises(DocumentAskedAlready):
        documents.ask_document(case.pk, "Please show us …", WHY, step=by(officer))


@pytest.mark.requirement("I9")
def test_nobody_who_was_logged_in_is_asked_for_a_document_not_even_by_the_database(file: File, officer: User) -> None:
    case = file(Right.OBJECTION)
    with pytest.raises(IdentityAlreadyShown):
        documents.ask_document(case.pk, "Please show us …", WHY, step=by(officer))
    with pytest.raises(DatabaseError, match="log-in has shown"), transaction.atomic():
        DocumentAsk.objects.create(case=case, why=WHY, asked_at=NOW, asked_by=officer.pk)


@pytest.mark.requirement("I9")
def test_no_document_is_taken_that_nobody_asked_for(officer: User) -> None:
    case = doubted(officer)
    with pytest.raises(NoDocumentAsked):
        documents.hand_in(case, [Incoming("pase.pdf", PDF)], AttachmentPurpose.IDENTITY, now=NOW)
    with pytest.raises(NoDocumentAsked):
        documents.add_file(case.pk, Incoming("pase.pdf", PDF), AttachmentPurpose.IDENTITY, step=by(officer))
    with pytest.raises(IntegrityError, match="dsar_no_document_unasked"), transaction.atomic():
        keep(case, Incoming("pase.pdf", PDF), AttachmentPurpose.IDENTITY, came_by=CameBy.STAFF, now=NOW)
    assert not Attachment.objects.exists()


@pytest.mark.requirement("I9")
@pytest.mark.parametrize("ending", ["shown", "doubted", "failed", "closed", "withdrawn"])
def test_a_document_is_gone_with_its_key_however_the_check_ends(
    ending: str, officer: User, django_capture_on_commit_callbacks: Any
) -> None:
    case, file = with_document(officer)
    assert content(file) == PDF
    ways: dict[str, Any] = {
        "shown": lambda: casework.accept_identity(case.pk, IdentityMethod.ID_DOCUMENT, step=by(officer)),
        "doubted": lambda: casework.doubt(case.pk, IdentityOutcome.DOUBTED, step=by(officer)),
        "failed": lambda: casework.doubt(case.pk, IdentityOutcome.FAILED, step=by(officer)),
        "closed": lambda: casework.close_unidentified(case.pk, step=by(officer)),
        "withdrawn": lambda: withdraw_request(case, now=NOW),
    }
    with django_capture_on_commit_callbacks(execute=True):
        ways[ending]()
    gone = Attachment.objects.get()
    assert (gone.destroyed_at, gone.destroyed_because, gone.name) == (NOW, WhyDestroyed.CHECKED, "")
    assert not has_key(gone.pk)
    assert list(sealed_files()) == []
    assert DocumentAsk.objects.get().settled_at == NOW
    assert "document_destroyed" in [event.action for event in events_of(case)]
    with pytest.raises(FileGone):
        documents.open_file(case.pk, gone.pk, step=by(officer))


@pytest.mark.requirement("I9")
def test_the_database_lets_no_outcome_be_committed_beside_a_document(officer: User) -> None:
    case, _file = with_document(officer)
    with pytest.raises(DatabaseError, match="outlive its check"), transaction.atomic():
        IdentityCheck.objects.create(
            case=case, method=IdentityMethod.KNOWN_FACTS, outcome=IdentityOutcome.SHOWN, at=NOW, by=officer.pk
        )


@pytest.mark.requirement("I10")
def test_the_record_says_that_a_document_was_shown_and_not_what_stood_in_it(officer: User) -> None:
    case, _file = with_document(officer)
    casework.accept_identity(case.pk, IdentityMethod.ID_DOCUMENT, step=by(officer))
    check = IdentityCheck.objects.get(case=case, outcome=IdentityOutcome.SHOWN)
    assert (check.method, check.by) == (IdentityMethod.ID_DOCUMENT, officer.pk)
    assert Attachment.objects.get().name == ""


def test_a_document_is_opened_for_the_check_of_the_identity_and_for_nothing_else(officer: User) -> None:
    case, file = with_document(officer)
    with pytest.raises(FileGone):
        documents.open_file(case.pk, file.pk, step=by(officer, reason=RevealReason.WORK))
    _file, frames = documents.open_file(case.pk, file.pk, step=by(officer))
    assert b"".join(frames) == PDF
    assert note_of(events_of(case).get(action="file_opened"), case).by == str(officer.pk)


def test_a_document_that_nobody_checked_goes_at_its_term_and_the_request_shows_it(
    officer: User, django_capture_on_commit_callbacks: Any
) -> None:
    case, _file = with_document(officer)
    holding = registry().holding(Attachment)
    early = purge_attachments(holding, now=NOW + timedelta(days=29), apply=True)
    assert (early.due, early.deleted) == (0, 0)
    with django_capture_on_commit_callbacks(execute=True):
        counts = purge_attachments(holding, now=NOW + timedelta(days=30), apply=True)
    assert (counts.due, counts.deleted) == (1, 1)
    gone = Attachment.objects.get()
    assert (gone.destroyed_because, gone.ends_at) == (WhyDestroyed.UNCHECKED, None)
    assert list(sealed_files()) == []
    assert events_of(case).filter(action="file_destroyed").exists()


def test_what_came_unlooked_at_is_sorted_and_an_unasked_document_is_destroyed_at_once(officer: User) -> None:
    case = doubted(officer)
    for name in ("ligums.pdf", "pase.pdf"):
        keep(case, Incoming(name, PDF), AttachmentPurpose.UNSORTED, came_by=CameBy.MAIL, now=NOW)
    proof, passport = Attachment.objects.order_by("received_at", "pk")
    assert proof.ends_at == NOW + timedelta(days=30)
    documents.sort_file(case.pk, proof.pk, AttachmentPurpose.EVIDENCE, step=by(officer))
    documents.sort_file(case.pk, passport.pk, AttachmentPurpose.IDENTITY, step=by(officer))
    for file in (proof, passport):
        file.refresh_from_db()
    assert proof.purpose == AttachmentPurpose.EVIDENCE
    assert proof.is_there
    assert Attachment.objects.get(pk=proof.pk).ends_at is None
    assert (passport.purpose, passport.destroyed_because) == (AttachmentPurpose.IDENTITY, WhyDestroyed.NOT_ASKED)
    assert content(proof) == PDF
    assert not has_key(passport.pk)


def test_evidence_ends_with_its_request(officer: User, django_capture_on_commit_callbacks: Any) -> None:
    case = doubted(officer)
    documents.hand_in(case, [Incoming("a.pdf", PDF)], AttachmentPurpose.EVIDENCE, now=NOW)
    closed = casework.close_unidentified(case.pk, step=by(officer))
    file = Attachment.objects.get()
    assert file.ends_at == closed.ends_at is not None
    assert content(file) == PDF
    with django_capture_on_commit_callbacks(execute=True):
        purge_attachments(registry().holding(Attachment), now=closed.ends_at, apply=True)
    assert not Attachment.objects.exists()
    assert list(sealed_files()) == []
    assert not has_key(file.pk)


def test_a_person_gets_her_files_in_her_copy_and_nobody_elses(
    file: File, person: User, other_person: User, officer: User
) -> None:
    mine, his = file(Right.OBJECTION), file(Right.OBJECTION, user=other_person)
    documents.hand_in(mine, [Incoming("mans līgums.pdf", PDF + b"anna")], AttachmentPurpose.EVIDENCE, now=NOW)
    documents.hand_in(his, [Incoming("viņa.pdf", PDF + b"janis")], AttachmentPurpose.EVIDENCE, now=NOW)
    with copy_of(person) as copy:
        name = f"files/{mine.attachments.get().pk}.pdf"
        assert [item for item in copy.namelist() if item.startswith("files/")] == [name]
        assert copy.read(name) == PDF + b"anna"
        assert name in json.loads(copy.read("manifest.json"))["files"]
        assert "mans līgums.pdf" in copy.read("data.json").decode()
        assert b"janis" not in b"".join(map(copy.read, copy.namelist()))


def test_a_copy_says_when_a_file_could_not_be_read(file: File, person: User) -> None:
    documents.hand_in(file(Right.OBJECTION), [Incoming("a.pdf", PDF)], AttachmentPurpose.EVIDENCE, now=NOW)
    Path(next(iter(sealed_files())).path).write_bytes(b"QLS1 broken")
    with copy_of(person) as copy:
        failed = {item["table"] for item in json.loads(copy.read("manifest.json"))["tables"] if item["failed"]}
    assert failed == {"dsar.Attachment"}


def test_an_identity_document_is_in_no_copy(officer: User) -> None:
    case, _file = with_document(officer)
    with copy_about(Subject(emails=frozenset({case.email}))) as copy:
        assert PDF not in b"".join(map(copy.read, copy.namelist()))


def test_an_erasure_takes_files_and_keys_of_this_person_only(
    file: File, person: User, other_person: User, django_capture_on_commit_callbacks: Any
) -> None:
    for user in (person, other_person):
        case = file(Right.OBJECTION, user=user)
        documents.hand_in(case, [Incoming("a.pdf", PDF)], AttachmentPurpose.EVIDENCE, now=NOW)
    mine = Attachment.objects.get(case__user=person)
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_attachments(subject_of_user(person), now=NOW) == 1
    assert not has_key(mine.pk)
    assert content(Attachment.objects.get()) == PDF
    assert len(list(sealed_files())) == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Anna\\pase.pdf", "pase.pdf"),
        ("pase\u202efdp.exe", "pasefdp.exe"),
        ("a\x00b.pdf\r\n", "ab.pdf"),
        ("...", ""),
        ("", ""),
        ("x" * 500, "x" * 150),
    ],
)
def test_a_name_is_the_last_piece_of_it_in_letters_that_everybody_sees(given: str, shown: str) -> None:
    assert shown_name(given) == shown


@pytest.mark.requirement("H7")
@pytest.mark.parametrize(
    ("name", "bytes_of_it"),
    [("lapa.pdf", b"<html><script>alert(1)</script>"), ("bumba.pdf", b"PK\x03\x04" + b"\0" * 99), ("tukss.pdf", b"")],
)
def test_a_file_is_judged_by_its_content_and_not_by_its_name(name: str, bytes_of_it: bytes, file: File) -> None:
    with pytest.raises(NotReadable):
        documents.hand_in(file(Right.OBJECTION), [Incoming(name, bytes_of_it)], AttachmentPurpose.EVIDENCE, now=NOW)


def test_ten_files_at_once_are_none(file: File) -> None:
    with pytest.raises(TooManyFiles):
        documents.hand_in(
            file(Right.OBJECTION), [Incoming(f"{n}.pdf", PDF) for n in range(10)], AttachmentPurpose.EVIDENCE, now=NOW
        )
    assert not Attachment.objects.exists()
