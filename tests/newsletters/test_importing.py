"""An old list is taken over line by line, with proof or not at all, and never beats a person (K12, Q13.10)."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.models import Entry as TrailEntry
from audit.trail import Actor
from consent.models import ConsentEvent
from consent.services import current_text, give, withdraw
from datamap.catalogue import length_of
from datamap.gate import may_process
from datamap.registry import registry
from datamap.trace import Subject, subject_of_user
from mailing.models import OutgoingMessage
from mailing.services import suppress
from newsletters.audience import audience
from newsletters.campaigns import advance
from newsletters.importing import ATTEMPTS, PART, Reader
from newsletters.lists import contents_of, hand_in, purge
from newsletters.models import ListImport, Subscription
from newsletters.old_lists import UnfitFile
from newsletters.stopping import WayOut, stop
from newsletters.tasks import read_lists
from newsletters.terms import ImportState
from tests.database import as_owner
from tests.newsletters.test_campaigns import HOW, started
from tests.newsletters.test_stopping import erase
from vault.files import delete_sealed, sealed_files
from vault.keys import has_key
from vault.tokens import email_token, new_secret

STAFF = Actor.system("test")
PAGE = reverse("admin:newsletters_campaign_import")
OUTCOMES = ("taken", "unknown", "suppressed", "decided", "refused")
HEAD = "email,language,consented_at,how,wording"

_STUMBLES = """
CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.language = 'en' THEN RAISE EXCEPTION 'no room' USING ERRCODE = '23514'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stumble BEFORE INSERT ON newsletters_subscription FOR EACH ROW EXECUTE FUNCTION stumble();
"""

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def version() -> str:
    return current_text("MARKETING_EMAIL", language="lv", on=timezone.now().date()).version


def line(address: str, **more: str) -> str:
    cells = {"language": "lv", "consented_at": "2024-05-31T14:30", "how": "newsletter_form", "wording": version()}
    return ",".join([address, *(cells | more).values()])


def handed_in(data: bytes, *, once: str = "", check_only: bool = False) -> ListImport:
    return hand_in(data, once=once or new_secret(), check_only=check_only, actor=STAFF, now=timezone.now())


def taken_over(data: bytes, **how: Any) -> ListImport:
    row = handed_in(data, **how)
    read_lists()
    row.refresh_from_db()
    return row


def content(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode()


def counts(row: ListImport) -> dict[str, int]:
    """What came of the lines, without the noughts."""
    return {name: count for name in OUTCOMES if (count := getattr(row, name))}


def take(*lines: str, head: str = HEAD) -> dict[str, int]:
    row = taken_over(content(*lines, head=head))
    assert (row.state, row.percent, row.lines_left) == (ImportState.DONE, 100, 0)
    return counts(row)


def faults(*lines: str) -> dict[int, str]:
    row = taken_over(content(*lines))
    return {refused.line: refused.sentence for refused in row.refused_lines.all()}


def wanted(address: str) -> bool:
    return bool(may_process(Subject(emails=frozenset({address})), "MARKETING_EMAIL", now=timezone.now()))


def test_a_line_with_its_evidence_is_a_consent_on_record() -> None:
    sha256 = current_text("MARKETING_EMAIL", language="ru", on=timezone.now().date()).sha256
    found = take(line("Liga@Example.lv"), line("rita@example.lv", language="ru", wording=sha256))
    assert found == {"taken": 2}
    assert wanted("liga@example.lv")
    event = ConsentEvent.objects.get(subject_token=email_token("liga@example.lv"))
    assert (event.state, event.method, event.place) == ("given", "newsletter_form", "import")
    assert event.evidence["consented_at"] == "2024-05-31T11:30:00+00:00", "Riga time"
    assert event.evidence["line"] == 2
    assert len(event.evidence["list"]) == 64
    assert ConsentEvent.objects.get(subject_token=email_token("rita@example.lv")).text_sha256 == sha256
    assert audience(now=timezone.now()).count == 2


@pytest.mark.parametrize("missing", ["consented_at", "how", "wording"])
def test_without_one_piece_of_evidence_a_line_is_unknown_and_permits_nothing(missing: str) -> None:
    assert take(line("liga@example.lv", **{missing: ""})) == {"unknown": 1}
    assert not wanted("liga@example.lv")
    assert not Subscription.objects.exists()


def test_a_wording_that_is_not_in_force_proves_nothing() -> None:
    assert take(line("liga@example.lv", wording="1999-01"), line("rita@example.lv", wording="f" * 64)) == {"unknown": 2}
    assert not ConsentEvent.objects.exists()


def test_a_list_of_addresses_alone_is_unknown_as_a_whole() -> None:
    assert take("liga@example.lv", "rita@example.lv", head="email") == {"unknown": 2}
    assert audience(now=timezone.now()).count == 0


@pytest.mark.clause("Q13.10")
@pytest.mark.django_db(transaction=True)
def test_after_an_erasure_no_list_brings_advertising_back(person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    erase(subject_of_user(person), case="Q-1")
    assert take(line("anna@example.lv"), line("liga@example.lv")) == {"taken": 1, "suppressed": 1}
    campaign = started()
    while advance(campaign.pk, now=timezone.now()):
        pass
    assert list(OutgoingMessage.objects.values_list("to_address", flat=True)) == ["liga@example.lv"]


def test_what_a_person_decided_here_beats_the_list(person: User, other_person: User) -> None:
    give(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    withdraw(person.pk, "MARKETING_EMAIL", **HOW, now=timezone.now())
    take(line("liga@example.lv"))
    stop(WayOut(email_token("liga@example.lv")), language="lv", place="/", now=timezone.now())
    suppress("grumpy@example.lv", reason="unsubscribed", now=timezone.now())
    lines = [line(one) for one in (person.email, "liga@example.lv", "grumpy@example.lv", other_person.email)]
    assert take(*lines) == {"taken": 1, "suppressed": 2, "decided": 1}
    assert not wanted(person.email)
    assert not wanted("liga@example.lv")
    assert wanted(other_person.email), "she has an account and has not decided anything there"


def test_the_same_list_twice_adds_nothing() -> None:
    take(line("liga@example.lv"))
    assert take(line("liga@example.lv")) == {"decided": 1}
    assert (ConsentEvent.objects.count(), Subscription.objects.count()) == (1, 1)


def test_of_ten_thousand_broken_lines_each_is_named_and_the_good_one_between_them_is_taken_over() -> None:
    broken = [
        "nobody",
        line("=cmd@example.lv"),
        line("a@example.lv", how="guessed"),
        "a@example.lv,lv",
        '"x@example.lv',
    ]
    found = faults(*(broken * 1000), line("liga@example.lv"), *(broken * 1000))
    assert sorted(found) == [number for number in range(2, 10_003) if number != 5002]
    assert all(found.values())
    assert [one.email for one in Subscription.objects.all()] == ["liga@example.lv"]


@pytest.mark.parametrize(
    "bad",
    [
        "liga@example.lv\x00",
        "li\x07ga@example.lv",
        "liga@example.lv\u202e",
        "@SUM(A1)",
        "+liga@example.lv",
        "-liga@example.lv",
        "two@example.lv;three@example.lv",
        "liga@example.lv\r\nBcc: all@example.lv",
        "",
    ],
)
def test_formulas_control_characters_and_what_is_no_address_are_refused(bad: str) -> None:
    assert set(faults(line("rita@example.lv"), line(bad))) >= {3}
    assert [one.email for one in Subscription.objects.all()] == ["rita@example.lv"]


@pytest.mark.parametrize(
    "more",
    [
        {"consented_at": "yesterday"},
        {"consented_at": "2999-01-01"},
        {"consented_at": "0001-01-01"},
        {"consented_at": "2024-02-30"},
        {"language": "de"},
        {"wording": "a b"},
        {"how": "=1+1"},
    ],
)
def test_what_cannot_be_read_is_named_and_not_guessed(more: dict[str, str]) -> None:
    assert list(faults(line("liga@example.lv", **more))) == [2]


@pytest.mark.parametrize("more", ["x" * 400, "y" * 3_000, "👩‍🌾", "مريم"])
def test_what_is_too_long_or_in_other_letters_is_refused_by_a_sentence_of_its_own(more: str) -> None:
    found = faults(line(f"{more}@example.lv"), line("liga@example.lv"))
    assert list(found) == [2]
    assert more not in found[2]


BROKEN_FILES = {
    "no columns": b"e-mail,how\na@example.lv,",
    "twice": b"email,email\na@example.lv,",
    "no address": b"language\nlv",
    "other columns": b"email,phone\na@example.lv,1",
    "open quote": b'"email\na@example.lv',
    "blank": b" \n\n",
    "only the first line": HEAD.encode(),
    "too large": b"email\n" + b"a@example.lv\n" * 900_000,
    "UTF-16": "email\na@example.lv".encode("utf-16"),
    "a workbook": b"PK\x03\x04rest of it",
    "noughts": b"ema\0il\na@example.lv",
    "no line ends": b"email\ra@example.lv\r",
    "a page": b"<!doctype html><p>Hello</p>",
}


@pytest.mark.parametrize("data", BROKEN_FILES.values(), ids=BROKEN_FILES)
def test_what_is_no_list_is_refused_by_a_sentence_before_anything_is_kept(data: bytes) -> None:
    with pytest.raises(UnfitFile) as unfit:
        handed_in(data)
    assert str(unfit.value.sentence)
    assert not ListImport.objects.exists()
    assert not sealed_files()


def test_other_spellings_of_a_file_are_read() -> None:
    text = f"\ufeff{HEAD}\r\n\r\n{line('liga@example.lv')}\r\n".replace(",", ";")
    assert counts(taken_over(text.encode())) == {"taken": 1}
    assert set(faults(line("a@example.lv"), line("a@example.lv"))) == {3}
    assert counts(taken_over(content(line("b@example.lv")) + b"\n\xff\xfe@example.lv,,,,")) == {
        "taken": 1,
        "refused": 1,
    }


def test_the_file_is_sealed_while_it_waits_and_gone_with_its_last_line(django_capture_on_commit_callbacks: Any) -> None:
    row = handed_in(content(line("liga@example.lv")))
    (file,) = sealed_files()
    assert b"liga@example.lv" not in Path(file.path).read_bytes()
    assert b"liga@example.lv" in contents_of(row)
    with django_capture_on_commit_callbacks(execute=True):
        read_lists()
    assert not sealed_files()
    assert not has_key(row.pk)


def test_a_list_that_nobody_reads_is_given_up_within_a_day(django_capture_on_commit_callbacks: Any) -> None:
    row = handed_in(content(line("liga@example.lv")))
    (store,) = (one for one in registry().stores if one.code == "old_lists")
    later = timezone.now() + length_of("OLD_LIST")
    assert purge(store, now=timezone.now(), apply=True).due == 0
    assert purge(store, now=later, apply=False).due == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert purge(store, now=later, apply=True).deleted == 1
    assert not sealed_files()
    assert not has_key(row.pk)
    read_lists()
    row.refresh_from_db()
    assert (row.state, counts(row)) == (ImportState.FAILED, {})


def test_a_reader_goes_on_where_another_one_stopped() -> None:
    addresses = [f"lasitajs{number}@example.lv" for number in range(2 * PART + 1)]
    row = handed_in(content(*map(line, addresses)))
    first, second = Reader(row.pk), Reader(row.pk)
    assert first.advance(now=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.lines_done, row.lines_left) == (ImportState.READING, PART, PART + 1)
    assert row.percent == 100 * PART // (2 * PART + 1)
    assert second.advance(now=timezone.now())
    assert not first.advance(now=timezone.now())
    assert not second.advance(now=timezone.now())
    assert ConsentEvent.objects.count() == Subscription.objects.count() == len(addresses)
    assert sorted(event.evidence["line"] for event in ConsentEvent.objects.all()) == list(range(2, len(addresses) + 2))


def test_a_list_whose_file_is_gone_is_given_up_and_the_next_one_read() -> None:
    lost = handed_in(content(line("rita@example.lv")))
    delete_sealed(lost.file_name)
    assert take(line("liga@example.lv")) == {"taken": 1}
    lost.refresh_from_db()
    assert lost.state == ImportState.FAILED


def test_a_list_that_kills_its_readers_is_given_up() -> None:
    row = handed_in(content(line("liga@example.lv")))
    ListImport.objects.update(attempts=ATTEMPTS)
    read_lists()
    row.refresh_from_db()
    assert (row.state, Subscription.objects.count()) == (ImportState.FAILED, 0)


def test_a_line_that_cannot_be_recorded_keeps_no_other_from_it() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(_STUMBLES)
    found = faults(line("liga@example.lv"), line("rita@example.lv", language="en"), line("anna@example.lv"))
    assert list(found) == [3]
    assert wanted("liga@example.lv")
    assert wanted("anna@example.lv")
    assert not wanted("rita@example.lv")


def test_one_form_and_one_list_at_a_time_are_one_import() -> None:
    data, once = content(line("liga@example.lv")), new_secret()
    row = handed_in(data, once=once)
    assert handed_in(data, once=once) == row
    assert handed_in(data) == row, "another tab"
    assert handed_in(data, check_only=True) != row
    read_lists()
    assert handed_in(data, once=once) == row, "the answer was lost and the form sent again"
    assert counts(taken_over(data)) == {"decided": 1}
    assert (ConsentEvent.objects.count(), Subscription.objects.count()) == (1, 1)


def test_staff_hand_it_in_on_a_page_that_names_lines_and_no_addresses(client: Client, officer: User) -> None:
    client.force_login(officer)
    assert client.get(PAGE).status_code == 403
    officer.user_permissions.add(Permission.objects.get(codename="run_campaign"))
    client.force_login(User.objects.get(pk=officer.pk))
    assert client.get(PAGE).status_code == 200
    answer = client.post(PAGE, {"file": upload(line("liga@example.lv"), line("rita.of.nowhere")), "once": "x"})
    row = ListImport.objects.get()
    address = reverse("admin:newsletters_campaign_list", args=[row.pk])
    assert (answer.status_code, answer["Location"]) == (302, address)
    waits = client.get(address).content.decode()
    assert "data-again" in waits
    assert "progress.js" in waits
    read_lists()
    shown = client.get(address).content.decode()
    assert "data-again" not in shown
    assert "rita.of.nowhere" not in shown
    assert "3. rinda" in shown
    assert TrailEntry.objects.get(action="newsletter.list_handed_in").actor_id == str(officer.pk)
    assert TrailEntry.objects.get(action="newsletter.imported").details["taken"] == 1
    assert client.get(PAGE).content.decode().count(address) == 1


def test_the_page_says_what_is_wrong_with_a_file(client: Client, officer: User) -> None:
    officer.user_permissions.add(Permission.objects.get(codename="run_campaign"))
    client.force_login(officer)
    answer = client.post(PAGE, {"file": SimpleUploadedFile("list.csv", b"PK\x03\x04")})
    assert answer.status_code == 400
    assert "Šis nav CSV fails" in answer.content.decode()
    checked = client.post(PAGE, {"file": upload(line("liga@example.lv")), "check_only": "on"})
    read_lists()
    assert "Nekas vēl nav pārņemts" in client.get(checked["Location"]).content.decode()
    assert not Subscription.objects.exists()


def upload(*lines: str) -> Any:
    return SimpleUploadedFile("list.csv", content(*lines))


def test_the_command_checks_first_and_names_what_is_broken(tmp_path: Path) -> None:
    file, out, errors = tmp_path / "list.csv", StringIO(), StringIO()
    file.write_text("\n".join([HEAD, line("liga@example.lv")]))
    call_command("import_subscribers", str(file), stdout=out)
    assert "1 taken over" in out.getvalue()
    assert not Subscription.objects.exists()
    call_command("import_subscribers", str(file), "--apply", stdout=out)
    assert Subscription.objects.count() == 1
    file.write_text("\n".join([HEAD, line("rita@example.lv"), "broken"]))
    call_command("import_subscribers", str(file), "--apply", stdout=out, stderr=errors)
    assert errors.getvalue().startswith("3: ")
    assert Subscription.objects.count() == 2
    file.write_bytes(b"%PDF-1.4")
    with pytest.raises(CommandError):
        call_command("import_subscribers", str(file), "--apply", stdout=out)
