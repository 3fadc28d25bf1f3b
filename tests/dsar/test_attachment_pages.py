"""Files through the pages: handed in with and without an account, added and opened at the desk with a reason (Q3.1)."""

import zipfile
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from audit.revealing import RevealReason
from datamap.terms import Right
from dsar import documents
from dsar.attachments import Incoming, keep
from dsar.cases import case_key
from dsar.inbound import set_aside_mails
from dsar.models import Attachment, CaseMessage, Intake, SubjectRequest
from dsar.queries import events_of
from dsar.terms import AttachmentPurpose, CameBy
from tests.dsar.conftest import NOW, File
from tests.dsar.test_attachments import PDF, WHY, asked, by, doubted, with_document
from tests.dsar.test_desk_pages import allow, page_address, reveal, step_address
from tests.mailing.calls import configured, deliver, mail
from tests.people import log_in, prove_again
from vault.files import read_sealed, sealed_files

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

Upload = Callable[..., HttpResponseBase]


@pytest.fixture(autouse=True)
def _site(settings: Any, tmp_path: Path) -> None:
    configured(settings)
    settings.VAR_DIR = tmp_path


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    allow(officer, "change_subjectrequest", "view_subjectrequest", "approve_subjectrequest")
    log_in(client, officer)
    prove_again(client)
    return client


def pdf(name: str = "pase.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def at(case: SubjectRequest, name: str = "case") -> str:
    return reverse(f"privacy:{name}", args=[case_key(case)])


def hand_in(client: Client, case: SubjectRequest, *files: SimpleUploadedFile, purpose: str = "evidence") -> Any:
    return client.post(at(case, "case-files"), {"file-chosen": list(files), "file-purpose": purpose}, follow=True)


def file_address(case: SubjectRequest, file: Attachment) -> str:
    return reverse("admin:dsar_subjectrequest_file", args=[case.pk, file.pk])


@pytest.mark.requirement("I9")
def test_the_page_of_a_request_takes_a_document_only_when_it_was_asked_for(officer: User) -> None:
    case, browser = doubted(officer), Client(enforce_csrf_checks=True)
    assert hand_in(browser, case, pdf(), purpose="identity").status_code == 400
    assert not Attachment.objects.exists()
    documents.ask_document(case.pk, "Please show us …", WHY, step=by(officer))
    page = browser.get(at(case)).content.decode()
    assert "enctype" in page
    answer = hand_in(browser, case, pdf(), purpose="identity")
    assert answer.status_code == 200
    kept = Attachment.objects.get()
    assert (kept.purpose, kept.name, kept.size, kept.came_by) == ("identity", "pase.pdf", len(PDF), "person")
    assert "pase.pdf" not in answer.content.decode()  # nobody has shown yet whose request this is
    assert not browser.cookies


def test_a_logged_in_person_hands_in_evidence_and_never_an_identity_document(
    client: Client, file: File, person: User, other_person: User
) -> None:
    case, address = file(Right.RECTIFICATION), reverse("privacy:request-files", args=[file(Right.OBJECTION).number])
    log_in(client, person)
    refused = client.post(address, {"file-chosen": [pdf()], "file-purpose": "identity"})
    assert refused.status_code == 400
    taken = client.post(address, {"file-chosen": [pdf("līgums.pdf")], "file-purpose": "evidence"}, follow=True)
    assert "līgums.pdf" in taken.content.decode()
    assert case.attachments.count() == 0
    log_in(browser := Client(), other_person)
    assert browser.post(address, {"file-chosen": [pdf()], "file-purpose": "evidence"}).status_code == 404


@pytest.mark.requirement("H7")
def test_bad_files_get_a_sentence_and_leave_nothing(officer: User, client: Client) -> None:
    case = doubted(officer)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", b"\0" * 50_000_000)
    bad: list[list[SimpleUploadedFile]] = [
        [pdf("lapa.pdf", b"<html><script>alert(1)</script></html>")],
        [pdf("bumba.pdf", archive.getvalue())],
        [pdf("liels.pdf", b"%PDF-" + b"\0" * 30_000_000)],
        [pdf("tukss.pdf", b"")],
        [pdf(f"{number}.pdf") for number in range(10)],
        [pdf("labs.pdf"), pdf("slikts.pdf", b"MZ")],
        [],
    ]
    for files in bad:
        answer = hand_in(client, case, *files)
        assert answer.status_code == 400, [file.name for file in files]
        assert 'class="error"' in answer.content.decode()
    assert not Attachment.objects.exists()
    assert list(sealed_files()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b.pdf", "pase\u202efdp.exe", "C:\\pase.pdf"])
def test_a_hostile_name_names_no_file_of_ours(name: str, officer: User, client: Client, tmp_path: Path) -> None:
    case = doubted(officer)
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file-purpose"\r\n\r\nevidence\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file-chosen"; filename="%b"\r\n\r\n%b\r\n--b--\r\n'
    ) % (name.encode(), PDF)
    client.post(at(case, "case-files"), body, content_type="multipart/form-data; boundary=b")
    for file in Attachment.objects.all():
        assert not set(file.name) & set("/\\\x00\u202e")
    assert {path.parent.name for path in tmp_path.rglob("*") if path.is_file()} <= {"sealed"}
    assert all(len(entry.name) == 64 for entry in sealed_files())


def test_a_file_without_a_name_is_no_file(officer: User, client: Client) -> None:
    case = doubted(officer)
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file-chosen"; filename=""\r\n\r\n%b\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file-purpose"\r\n\r\nevidence\r\n--b--\r\n'
    ) % PDF
    address = at(case, "case-files")
    assert client.post(address, body, content_type="multipart/form-data; boundary=b").status_code == 400


@pytest.mark.clause("Q3.1")
@pytest.mark.requirement("G6", "D5")
def test_a_file_is_opened_at_the_desk_with_a_reason_and_that_is_recorded(desk: Client, officer: User) -> None:
    case = doubted(officer)
    html = b"<html><script>alert(1)</script>"
    keep(case, Incoming("lapa.pdf", html), AttachmentPurpose.UNSORTED, came_by=CameBy.MAIL, now=NOW)
    file = Attachment.objects.get()
    assert "lapa.pdf" not in desk.get(page_address(case)).content.decode()
    assert "lapa.pdf" in reveal(desk, case)
    assert desk.get(file_address(case, file)).status_code == 405
    assert desk.post(file_address(case, file)).status_code == 403
    assert not Entry.objects.filter(action="file_opened").exists()
    answer = desk.post(file_address(case, file), {"reason": RevealReason.WORK})
    assert b"".join(answer.streaming_content) == html  # type: ignore[attr-defined]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{case.number}-{file.pk.hex[:8]}.bin"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    entry = Entry.objects.get(action="file_opened")
    assert (entry.object_id, entry.actor_id) == (str(case.pk), str(officer.pk))
    assert RevealReason.WORK in entry.reason
    assert events_of(case).filter(action="file_opened").exists()


def test_who_may_not_work_on_requests_opens_no_file(client: Client, officer: User, colleague: User) -> None:
    case, file = with_document(officer)
    allow(colleague, "view_subjectrequest")
    log_in(client, colleague)
    assert client.post(file_address(case, file), {"reason": RevealReason.IDENTITY}).status_code == 403
    assert Client().post(file_address(case, file), {"reason": RevealReason.IDENTITY}).status_code == 403


@pytest.mark.requirement("I9")
def test_the_desk_asks_takes_shows_and_destroys_a_document(desk: Client, officer: User) -> None:
    case = doubted(officer)
    form = {"question": "Please show us …", "reason": WHY}
    assert desk.post(step_address(case, "ask-document"), form).status_code == 302
    scan = {"file": pdf("vestule.pdf"), "purpose": "identity", "reason": "came by letter"}
    assert desk.post(step_address(case, "add-file"), scan).status_code == 302
    file = Attachment.objects.get()
    assert file.added_by == officer.pk
    assert (
        b"".join(
            desk.post(file_address(case, file), {"reason": RevealReason.IDENTITY}).streaming_content  # type: ignore[attr-defined]
        )
        == PDF
    )
    accepted = {"method": "id_document", "reason": "the name is the same", "account_address": ""}
    assert desk.post(step_address(case, "accept-identity"), accepted).status_code == 302
    page = desk.get(page_address(case)).content.decode()
    assert "22. nov" in page or "2026" in page
    assert Attachment.objects.get().destroyed_at is not None
    assert "vestule.pdf" not in reveal(desk, case)
    gone = desk.post(file_address(case, file), {"reason": RevealReason.IDENTITY})
    assert gone.status_code == 302


def attached(*parts: tuple[str, bytes], text: str = "Skatiet pielikumu.") -> Any:
    message = mail(text)
    for name, content in parts:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


@pytest.mark.requirement("I9")
def test_what_is_attached_to_a_mail_lies_under_keys_of_its_own_and_not_in_the_mail(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    secret = b"%PDF-1.7 " + b"PASES NUMURS LV1234567 " * 100
    deliver(attached(("pase.pdf", secret), ("bilde.bin", b"\x89PNG\r\n\x1a\n1")))
    intake = Intake.objects.get()
    original = b"".join(read_sealed(intake.pk, intake.raw_file, context="dsar_intake|raw_file"))
    assert b"Skatiet pielikumu." in original
    assert b"Message-ID" in original
    for form in (secret, secret[:60], b64encode(secret)[:60], b"pase.pdf"):
        assert form not in original
    kept = {file.name: file for file in Attachment.objects.all()}
    assert {name: file.kind for name, file in kept.items()} == {"pase.pdf": "pdf", "bilde.bin": "png"}
    assert {file.purpose for file in kept.values()} == {"unsorted"}
    file = kept["pase.pdf"]
    assert b"".join(read_sealed(file.pk, file.file_name, context=file.context)) == secret
    assert "pase.pdf" not in CaseMessage.objects.get().text


def test_of_a_mail_that_no_person_wrote_nothing_attached_is_kept(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    message = attached(("pase.pdf", PDF))
    message["Auto-Submitted"] = "auto-replied"
    deliver(message)
    intake = set_aside_mails().get()
    original = b"".join(read_sealed(intake.pk, intake.raw_file, context="dsar_intake|raw_file"))
    assert b"Skatiet pielikumu." in original
    assert b64encode(PDF)[:40] not in original
    assert not Attachment.objects.exists()
    assert len(list(sealed_files())) == 1


def test_parts_so_deep_that_only_malice_makes_them_leave_the_head_of_the_mail(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    deep = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(30))
    head = b"From: liga@example.lv\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n"
    deliver(head + deep + b64encode(PDF))
    intake = Intake.objects.get()
    original = b"".join(read_sealed(intake.pk, intake.raw_file, context="dsar_intake|raw_file"))
    assert b"liga@example.lv" in original
    assert b64encode(PDF)[:40] not in original


def test_a_mail_that_answers_the_asking_brings_the_identity_document(officer: User, time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    case = asked(officer)
    message = mail("Lūdzu.", sender=case.email, subject=f"Re: {case.number}")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="pase.pdf")
    deliver(message, envelope=case.email)
    file = Attachment.objects.get()
    assert (file.purpose, file.ask) == ("identity", case.document_asks.get())


@pytest.mark.requirement("H7")
def test_an_archive_is_one_piece_of_bytes_that_nobody_unpacks(time_machine: Any, monkeypatch: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", b"\0" * 200_000_000)

    def unpacked(*_: Any, **__: Any) -> None:
        raise AssertionError("somebody unpacks what a stranger sent")

    monkeypatch.setattr(zipfile, "ZipFile", unpacked)
    monkeypatch.setattr("zlib.decompressobj", unpacked)
    deliver(attached(("bumba.zip", archive.getvalue())))
    file = Attachment.objects.get()
    assert (file.kind, file.size) == ("other", len(archive.getvalue()))
    assert sum(entry.stat().st_size for entry in sealed_files()) < len(archive.getvalue()) + 10_000


def test_the_original_is_opened_at_the_desk_with_a_reason(desk: Client, time_machine: Any) -> None:
    deliver(mail("slepeni vārdi"))
    case = SubjectRequest.objects.get()
    address = reverse("admin:dsar_subjectrequest_original", args=[case.pk])
    assert desk.post(address).status_code == 403
    answer = desk.post(address, {"reason": RevealReason.WORK})
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert b"privacy@qlekta.example" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert Entry.objects.filter(action="original_opened", object_id=str(case.pk)).exists()
