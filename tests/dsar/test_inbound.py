"""Any mail to the privacy address is one request with its true moment of arrival; what loops is kept, not answered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from audit.trail import Actor
from datamap.periods import RIGA
from datamap.terms import Right
from datamap.trace import Subject
from dsar.cases import move
from dsar.deadlines import PauseKind
from dsar.identity import show_identity
from dsar.inbound import set_aside_mails
from dsar.inbound_words import language_of, right_in
from dsar.models import Attachment, CaseMessage, CasePause, IdentityCheck, Intake, SubjectRequest
from dsar.queries import events_of
from dsar.silence import follow_questions
from dsar.sweeping import erase_intakes
from dsar.terms import Direction, IdentityMethod, Outcome, Stage
from mailing.models import OutgoingMessage, State
from mailing.sealing import open_letter
from tests.mailing.calls import NOW, configured, deliver, mail, report
from vault.files import read_sealed, sealed_files

pytestmark = pytest.mark.django_db
SITE = Actor.system("test")
LIGA = "liga@example.lv"


@pytest.fixture(autouse=True)
def _webhooks(settings: Any, time_machine: Any, tmp_path: Any) -> None:
    configured(settings)
    settings.VAR_DIR = tmp_path
    time_machine.move_to(NOW, tick=False)


def the_case() -> SubjectRequest:
    return SubjectRequest.objects.get()


def letters_to(address: str = LIGA) -> list[str]:
    return [open_letter(item).text for item in OutgoingMessage.objects.filter(to_address=address)]


@pytest.mark.clause("Q19.2")
def test_a_mail_of_saturday_night_has_that_day_as_its_receipt(time_machine: Any) -> None:
    arrived = datetime(2026, 11, 21, 23, 59, 59, tzinfo=RIGA)
    time_machine.move_to(arrived + timedelta(hours=2), tick=False)
    assert deliver(mail(), at=arrived) == 200
    case = the_case()
    assert case.received_at == arrived
    assert case.received_at.astimezone(RIGA).date().isoformat() == "2026-11-21"
    assert (case.channel, case.right, case.language, case.stage) == ("email", Right.GENERAL, "lv", Stage.OPEN)
    (letter,) = letters_to()
    assert case.number in letter


@pytest.mark.clause("Q19.2", "Q19.3")
@pytest.mark.parametrize(
    "subject",
    ["Personas datu apstrāde", "Processing of personal data", "RE: Fwd: PERSONAS DATU APSTRĀDE", "jautājums", ""],
)
def test_any_subject_opens_a_case(subject: str) -> None:
    assert deliver(mail(subject=subject)) == 200
    message = CaseMessage.objects.get(case=the_case())
    assert "Lūdzu, atbildiet." in message.text
    assert (message.direction, message.at) == ("from_person", NOW)


@pytest.mark.clause("Q19.3")
def test_one_right_in_the_words_is_that_right_and_waits_for_the_code() -> None:
    deliver(mail("Please send me a copy of my data.", subject="Hello"))
    case = the_case()
    assert (case.right, case.language, case.stage) == (Right.ACCESS, "en", Stage.IDENTITY_PENDING)
    assert not IdentityCheck.objects.exists()
    assert right_in("", "Please delete my account and send a copy of my data") == Right.GENERAL
    assert right_in("", "> please delete my account\nThanks") == Right.GENERAL
    assert language_of("", "Здравствуйте, удалите мои данные") == "ru"


def test_the_original_lies_sealed_and_goes_with_its_person() -> None:
    raw = mail("slepeni vārdi").as_bytes()
    deliver(raw)
    intake = Intake.objects.get()
    assert b"".join(read_sealed(intake.pk, intake.raw_file, context="dsar_intake|raw_file")) == raw
    assert intake.raw_size == len(raw)
    assert the_case().text == ""
    erase_intakes(Subject(emails=frozenset({LIGA})), now=NOW)
    assert not Intake.objects.exists()


def test_the_same_mail_twice_is_one_case() -> None:
    again = mail(number="m1").as_bytes()
    assert {deliver(again), deliver(again), deliver(again, call="x")} == {200}
    assert SubjectRequest.objects.count() == Intake.objects.count() == CaseMessage.objects.count() == 1
    assert len(letters_to()) == len(list(sealed_files())) == 1


@pytest.mark.django_db(transaction=True)
def test_two_hundred_deliveries_at_once_are_one_case() -> None:
    raw = mail(number="m1").as_bytes()

    def once(number: int) -> int:
        try:
            return deliver(raw, call=f"call {number % 20}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(once, range(200))) == {200}
    assert SubjectRequest.objects.count() == CaseMessage.objects.count() == len(letters_to()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.lv>"},
        {"Return_Path": "<>"},
    ],
)
def test_what_a_robot_wrote_is_kept_and_not_answered(headers: dict[str, str]) -> None:
    assert deliver(mail("Esmu atvaļinājumā.", **headers)) == 200
    assert not SubjectRequest.objects.exists()
    assert not OutgoingMessage.objects.exists()
    (kept,) = set_aside_mails()
    assert kept.raw_file
    assert kept.ends_at is not None


@pytest.mark.parametrize(
    ("sender", "envelope"),
    [(LIGA, ""), (LIGA, "<>"), ("privacy@qlekta.example", "privacy@qlekta.example"), ("nobody", "x@example.lv")],
)
def test_a_loop_or_a_mail_without_an_address_is_set_aside(sender: str, envelope: str) -> None:
    assert deliver(mail(sender=sender), envelope=envelope) == 200
    assert set_aside_mails().count() == 1
    assert not OutgoingMessage.objects.exists()


def test_many_mails_of_one_address_are_all_kept_with_few_cases_and_letters() -> None:
    for number in range(30):
        assert deliver(mail(f"vēstule {number}")) == 200
    assert Intake.objects.count() == CaseMessage.objects.count() == 30
    assert SubjectRequest.objects.count() == 20
    assert len(letters_to()) == 10


def test_an_answer_goes_on_in_its_case_only_from_its_own_address() -> None:
    deliver(mail(), at=NOW - timedelta(hours=3))
    case = the_case()
    move(case.pk, Stage.CLARIFICATION_PENDING, action="asked_clar", actor=SITE, now=NOW)
    pause = CasePause.objects.create(case=case, kind=PauseKind.CLARIFICATION, asked_at=NOW - timedelta(hours=2))
    stranger = mail(sender="x@example.lv", subject=f"Re: {case.number}")
    deliver(stranger, envelope="x@example.lv")
    pause.refresh_from_db()
    assert pause.answered_at is None
    assert SubjectRequest.objects.count() == 2
    deliver(mail("Es domāju fotogrāfijas.", subject=f"Re: {case.number.lower()}"), at=NOW - timedelta(minutes=5))
    case.refresh_from_db()
    assert case.stage == Stage.OPEN
    assert list(case.pauses.values_list("answered_at", flat=True)) == [NOW - timedelta(minutes=5)]
    assert case.messages.count() == 2
    assert not set_aside_mails().exists()


@pytest.mark.clause("Q19.3")
def test_a_forged_mail_restarts_nothing_once_it_was_shown_whose_request_it_is() -> None:
    deliver(mail("Lūdzu, izlabojiet manu adresi."), at=NOW - timedelta(hours=3))
    case = the_case()
    show_identity(case.pk, IdentityMethod.EMAIL_CODE, actor=SITE, now=NOW)
    move(case.pk, Stage.CLARIFICATION_PENDING, action="asked_clar", actor=SITE, now=NOW)
    asked_at = NOW - timedelta(hours=2)
    CasePause.objects.create(case=case, kind=PauseKind.CLARIFICATION, asked_at=asked_at)
    deliver(mail("Rakstiet Zagļu ielu 1.", subject=f"Re: {case.number}"), at=NOW - timedelta(minutes=5))
    case.refresh_from_db()
    assert case.stage == Stage.CLARIFICATION_PENDING
    assert case.pauses.get(kind=PauseKind.CLARIFICATION).answered_at is None
    assert [item.direction for item in case.messages.all()] == [Direction.FROM_PERSON, Direction.UNPROVEN]
    assert any("pieprasījuma lapā" in letter for letter in letters_to())
    follow_questions(now=NOW + timedelta(days=40))
    case.refresh_from_db()
    assert case.stage == Stage.CLARIFICATION_PENDING, "words that may be hers are no silence"


def test_an_answer_to_our_letter_opens_an_unidentified_case_again() -> None:
    deliver(mail("Please send me a copy of my data."))
    case = the_case()
    move(case.pk, Stage.CLOSED_UNIDENTIFIED, action="closed_unidentified", actor=SITE, now=NOW)
    letter = OutgoingMessage.objects.get()
    deliver(mail("It is me.", subject="Re: Your code", In_Reply_To=f"<{letter.pk}@qlekta.example>"))
    case.refresh_from_db()
    assert case.stage == Stage.IDENTITY_PENDING
    assert case.closed_at is None
    assert list(case.pauses.values_list("answered_at", flat=True)) == [NOW, None]
    assert len(letters_to()) == 2


@pytest.mark.requirement("F28")
def test_an_answer_that_came_back_is_no_answer() -> None:
    deliver(mail())
    case = the_case()
    move(case.pk, Stage.ANSWERED, action="answered", actor=SITE, now=NOW, answered_at=NOW, outcome=Outcome.FULFILLED)
    OutgoingMessage.objects.update(state=State.SENT, handed_over_at=NOW, body_sealed=None)
    letter = OutgoingMessage.objects.get()
    assert report(str(letter.pk), "somebody@example.lv") == 200
    assert report(str(letter.pk), LIGA, severity="temporary") == 200
    assert report(str(letter.pk), LIGA, key="forged") == 400
    assert report("no number", LIGA) == 200
    case.refresh_from_db()
    assert case.stage == Stage.ANSWERED
    assert report(str(letter.pk), LIGA) == report(str(letter.pk), LIGA) == 200
    case.refresh_from_db()
    letter.refresh_from_db()
    assert (case.stage, case.answered_at, letter.bounced_at) == (Stage.OPEN, None, NOW)
    assert [event.action for event in events_of(case)][-3:] == ["notice_bounced", "reopened", "taken_up"]


def test_a_bounce_that_comes_as_mail_is_heard_too() -> None:
    deliver(mail())
    case = the_case()
    OutgoingMessage.objects.update(state=State.SENT, handed_over_at=NOW, body_sealed=None)
    letter = OutgoingMessage.objects.get()
    bounce = (
        "From: MAILER-DAEMON@mx.example.lv\r\nContent-Type: multipart/report; boundary=b\r\n"
        "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Final-Recipient: rfc822; {LIGA}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{letter.pk}@qlekta.example>\r\n\r\n--b--\r\n"
    )
    assert deliver(bounce.encode(), envelope="") == 200
    letter.refresh_from_db()
    assert letter.bounced_at == NOW
    assert "notice_bounced" in [event.action for event in events_of(case)]


def test_thirty_megabytes_are_a_case_and_a_sentence() -> None:
    message = mail("Skatiet pielikumu.")
    message.add_attachment(b"\x00" * 30_000_000, maintype="application", subtype="zip", filename="bomb.zip")
    assert deliver(message) == 200
    intake = Intake.objects.get()
    assert intake.raw_size > 30_000_000
    assert sum(map(len, read_sealed(intake.pk, intake.raw_file, context="dsar_intake|raw_file"))) <= 1024 * 1024
    written = CaseMessage.objects.get().text
    assert "Skatiet pielikumu." in written
    assert not Attachment.objects.exists()
    assert len(letters_to()) == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"From: liga@example.lv\r\nSubject: \x00\xff\r\n\r\n\x00\x00",
        b"From: liga@example.lv\r\n\r\n" + "\u202e=HYPERLINK(1)<script>".encode(),
        b"From: liga@example.lv\r\n\r\n" + b"line\r\n" * 10_000,
        b"From: liga@example.lv\r\nMessage-ID: \xff\x00\r\nIn-Reply-To: <" + b"0" * 32 + b"@x>\x00\r\n\r\n",
        b"From: liga@example.lv\r\nReferences: <\x00@x>\r\n\r\nx",
        b"From: " + b"a" * 300 + b"@example.lv\r\n\r\nx",
        b"",
        b"\r\n\r\n",
        b"From: liga@example.lv\r\nSubject: QP-2026-000001-AA\r\n\r\n",
    ],
)
def test_hostile_mails_are_kept_and_never_an_error(raw: bytes) -> None:
    assert deliver(raw) == 200
    assert Intake.objects.count() == 1
    assert all("\x00" not in message.text and len(message.text) <= 20_000 for message in CaseMessage.objects.all())


def test_a_mail_can_be_handed_over_without_mailgun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=BytesIO(mail().as_bytes())))
    call_command("receive_mail")
    assert the_case().received_at == NOW.astimezone(UTC)
