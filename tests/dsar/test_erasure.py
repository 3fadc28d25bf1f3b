"""From the preview to the receipt: the copy first, then exactly the confirmed plan, once (policy 17, 18)."""

from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from audit.models import Entry
from audit.trail import Actor
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access import build_package, take_download
from dsar.erasure import Confirmed, confirm_erasure, erasures_to_run, preview, run_erasure
from dsar.models import Package, SubjectRequest
from dsar.queries import events_of
from dsar.refusals import AlreadyUnderWay, CopyNotFetched, CopyUnderWay
from dsar.terms import Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from retention.attention import search_again
from retention.erasure import ErasureBlocked, PlanChanged, plan_erasure
from retention.models import ArchiveRecord, ErasureRun
from retention.receipts import verify_document
from tests.database import as_owner
from tests.dsar.conftest import NOW, File
from tests.people import log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

DELETE = reverse("account-delete")


def digest_of(user: User) -> str:
    return plan_erasure(subject_of_user(user), now=NOW, archive=True).digest


def confirm(user: User, *, objection: bool = False, waive: bool = False, digest: str = "") -> Confirmed:
    return confirm_erasure(
        user=user,
        plan_digest=digest or digest_of(user),
        objection_to_archive=objection,
        waive_copy=waive,
        now=NOW,
    )


def add_something(user: User) -> None:
    EmailAddress.objects.create(user=user, email="anna.b@example.lv")


@pytest.fixture
def anna(client: Client, person: User) -> Client:
    log_in(client, person)
    prove_again(client)
    return client


def confirmation(client: Client, **more: str) -> dict[str, str]:
    page = client.get(DELETE)
    return {"plan": page.context["shown"].plan.digest, "confirm": "on", **more}


@pytest.mark.clause("Q17.1", "Q16.7")
def test_the_page_shows_what_goes_what_stays_and_until_when(anna: Client) -> None:
    page = anna.get(DELETE)
    plan = page.context["shown"].plan
    assert plan.erased
    assert all(line.reason and line.act for line in plan.kept)
    text = page.content.decode()
    assert "VDAR 5. panta 2. punkts, 17. panta 3. punkta" in text
    assert "GDPR Art." not in text
    assert 'name="objection"' in text
    assert "checked" not in text


@pytest.mark.clause("Q18.3")
def test_the_page_offers_the_copy_first(anna: Client) -> None:
    text = anna.get(DELETE).content.decode()
    assert f'action="{reverse("privacy:request-new")}"' in text
    assert 'value="access"' in text


def test_the_page_knows_that_the_copy_was_fetched(anna: Client, package: Package) -> None:
    assert anna.get(DELETE).context["shown"].copy_fetched_at is None
    b"".join(take_download(package, now=NOW))
    page = anna.get(DELETE)
    assert page.context["shown"].copy_fetched_at == NOW
    assert f'action="{reverse("privacy:request-new")}"' in page.content.decode()


@pytest.mark.clause("Q18.3")
def test_an_erasure_waits_for_a_copy_under_way(person: User, file: File) -> None:
    file(Right.ACCESS)
    assert preview(person, now=NOW).copy_is_under_way
    with pytest.raises(CopyUnderWay):
        confirm(person)


@pytest.mark.clause("Q18.3")
def test_a_copy_that_waits_is_fetched_or_given_up(person: User, package: Package) -> None:
    with pytest.raises(CopyNotFetched):
        confirm(person)
    assert confirm(person, waive=True).case.stage == Stage.EXECUTING


@pytest.mark.requirement("E1")
def test_a_plan_that_was_not_shown_is_not_carried_out(person: User) -> None:
    digest = digest_of(person)
    add_something(person)
    with pytest.raises(PlanChanged):
        confirm(person, digest=digest)
    assert not SubjectRequest.objects.exists()


def test_a_second_confirmation_while_one_runs_is_refused(person: User) -> None:
    first = confirm(person)
    with pytest.raises(AlreadyUnderWay) as refusal:
        confirm(person)
    assert refusal.value.number == first.case.number


def test_a_filed_erasure_is_the_one_that_is_confirmed(person: User, file: File) -> None:
    case = file(Right.ERASURE)
    assert confirm(person).case.pk == case.pk


@pytest.mark.clause("Q16.7", "Q18.1")
def test_the_worker_erases_answers_and_sends_the_receipt(person: User) -> None:
    confirmed = confirm(person, objection=True)
    assert erasures_to_run() == [confirmed.case.pk]
    receipt = run_erasure(confirmed.case.pk, now=NOW)
    case = SubjectRequest.objects.get()
    assert receipt is not None
    assert receipt.document["state"] == "done", receipt.document["state_label"]
    assert (case.stage, case.outcome, case.user, case.email) == (Stage.ANSWERED, "fulfilled", None, "")
    assert (bytes(case.sealed_contact), case.contact_key) == (b"", None)
    assert not User.objects.exists()
    letter = OutgoingMessage.objects.get(forget_after_delivery=True)
    assert letter.to_address == "anna@example.lv"
    assert "/privacy/receipts/" in open_letter(letter).text
    assert erasures_to_run() == []


def test_a_confirmed_erasure_promises_no_page_and_no_way_back(person: User) -> None:
    run_erasure(confirm(person).case.pk, now=NOW)
    letter = open_letter(OutgoingMessage.objects.get())
    assert "/privacy/receipts/" in letter.text
    assert "/privacy/requests/" not in letter.text


def test_an_erasure_that_ran_runs_no_second_time(person: User) -> None:
    case = confirm(person).case
    run_erasure(case.pk, now=NOW)
    assert run_erasure(case.pk, now=NOW) is None
    assert [event.action for event in events_of(case)].count("erased") == 1


@pytest.mark.requirement("E3")
def test_a_worker_that_died_after_erasing_is_finished_by_the_next(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = confirm(person).case
    monkeypatch.setattr("dsar.erasure._conclude", lambda *_args, **_kwargs: None)
    run_erasure(case.pk, now=NOW)
    monkeypatch.undo()
    assert erasures_to_run() == [case.pk]
    run_erasure(case.pk, now=NOW)
    case.refresh_from_db()
    assert case.stage == Stage.ANSWERED


@pytest.mark.requirement("E1")
def test_data_that_changed_after_the_confirmation_stop_everything(person: User) -> None:
    case = confirm(person).case
    add_something(person)
    assert run_erasure(case.pk, now=NOW) is None
    case.refresh_from_db()
    assert (case.stage, bytes(case.sealed_contact)) == (Stage.OPEN, b"")
    assert User.objects.filter(pk=person.pk).exists()
    assert confirm(person).case.pk == case.pk


def test_the_address_lies_sealed_while_the_worker_is_awaited(person: User) -> None:
    case = confirm(person).case
    assert person.email.encode() not in bytes(case.sealed_contact)


def test_confirming_logs_out_and_shows_the_progress(anna: Client, person: User) -> None:
    answer = anna.post(DELETE, confirmation(anna), follow=True)
    (address, _status), *_ = answer.redirect_chain
    assert '<meta http-equiv="refresh"' in answer.content.decode()
    assert anna.get(reverse("account")).status_code == 302
    run_erasure(SubjectRequest.objects.get().pk, now=NOW)
    page = Client().get(address)
    assert page.status_code == 200
    assert SubjectRequest.objects.get().number in page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    document = Client().get(f"{address}receipt.json").json()
    assert verify_document(document)


def test_nothing_is_deleted_without_the_tick(anna: Client) -> None:
    answer = anna.post(DELETE, {**confirmation(anna), "confirm": ""})
    assert (answer.status_code, SubjectRequest.objects.count()) == (400, 0)


@pytest.mark.parametrize("plan", ["", "x", "0" * 63, "'; DROP TABLE", "0" * 64])
def test_a_plan_that_is_none_is_refused(anna: Client, plan: str) -> None:
    answer = anna.post(DELETE, {**confirmation(anna), "plan": plan})
    assert answer.status_code in {400, 409}
    assert not SubjectRequest.objects.exists()


def test_a_second_erasure_is_refused_with_a_sentence(anna: Client, person: User) -> None:
    fields = confirmation(anna)
    confirm(person)
    answer = anna.post(DELETE, fields)
    assert answer.status_code == 409
    assert b'role="alert"' in answer.content


def test_the_deletion_page_waits_with_the_person_for_the_copy(anna: Client, file: File) -> None:
    case = file(Right.ACCESS)
    text = anna.get(DELETE).content.decode()
    assert '<meta http-equiv="refresh"' in text
    assert 'name="confirm"' not in text
    build_package(case.pk, now=NOW)
    assert 'name="confirm"' in anna.get(DELETE).content.decode()


@pytest.mark.requirement("I1")
def test_the_deletion_page_asks_for_the_password_again(client: Client, person: User) -> None:
    client.force_login(person)
    for answer in (client.get(DELETE), client.post(DELETE, {})):
        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize("secret", ["x", "0" * 43, "-", "A" * 500])
def test_a_guessed_receipt_is_not_found(client: Client, secret: str) -> None:
    assert client.get(reverse("privacy:receipt", args=[secret])).status_code == 404
    assert client.get(reverse("privacy:receipt-file", args=[secret])).status_code == 404


def test_a_copy_comes_out_of_the_command_too(person: User, tmp_path: Any) -> None:
    target, out = tmp_path / "copy.zip", StringIO()
    call_command("export_subject", f"--email={person.email}", "--reason=QP-1", f"--output={target}", stdout=out)
    assert target.read_bytes()[:2] == b"PK"
    assert target.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_subject", f"--user={person.pk}", "--reason=QP-1", f"--output={target}")


@pytest.mark.parametrize("arguments", [["--user=x"], [f"--user={'0' * 32}"], [], ["--user=x", "--email=y"]])
def test_the_command_refuses_what_names_nobody(arguments: list[str], tmp_path: Any) -> None:
    with pytest.raises(CommandError):
        call_command("export_subject", *arguments, "--reason=QP-1", f"--output={tmp_path / 'copy.zip'}")
    assert not (tmp_path / "copy.zip").exists()


def cling_to(user: User) -> None:
    """A row of somebody else, in a table outside the map, that needs the account."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE clinging (owner uuid REFERENCES accounts_user (id) DEFERRABLE INITIALLY DEFERRED);"
            "GRANT ALL ON clinging TO qlekta_site"
        )
        cursor.execute("INSERT INTO clinging VALUES (%s)", [user.pk])


@pytest.mark.requirement("E6", "E9")
def test_an_erasure_that_another_row_blocks_changes_nothing_and_says_so(
    person: User, caplog: pytest.LogCaptureFixture
) -> None:
    cling_to(person)
    case = confirm(person).case
    assert run_erasure(case.pk, now=NOW) is None
    case.refresh_from_db()
    assert case.stage == Stage.OPEN
    assert User.objects.filter(pk=person.pk).exists()
    assert not ArchiveRecord.objects.exists()
    assert events_of(case).latest("id").action == "erasure_stopped"
    with translation.override(case.language):
        sentence = str(ErasureBlocked.message)
    assert sum(sentence in open_letter(message).text for message in OutgoingMessage.objects.all()) == 1
    assert "clinging" in caplog.text
    assert str(person.pk) not in caplog.text
    assert person.email not in caplog.text
    assert erasures_to_run() == []


@pytest.mark.requirement("E6")
def test_a_blocked_erasure_runs_once_the_row_is_gone(person: User) -> None:
    cling_to(person)
    run_erasure(confirm(person).case.pk, now=NOW)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM clinging")
    receipt = run_erasure(confirm(person).case.pk, now=NOW)
    assert receipt is not None
    assert receipt.document["state"] == "done"


@pytest.mark.requirement("E6", "E7")
def test_staff_who_saw_to_the_remains_let_the_request_be_answered(person: User, officer: User) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (note text); GRANT ALL ON forgotten TO qlekta_site")
        cursor.execute("INSERT INTO forgotten VALUES (%s)", [f"wrote to {person.email}"])
    case = confirm(person).case
    run_erasure(case.pk, now=NOW)
    run = ErasureRun.objects.get()
    assert erasures_to_run() == []
    assert not search_again(run, by=Actor.of(officer), reason="looked", now=NOW)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM forgotten")
    assert search_again(run, by=Actor.of(officer), reason="the note is gone", now=NOW)
    assert erasures_to_run() == [case.pk]
    run_erasure(case.pk, now=NOW)
    case.refresh_from_db()
    assert case.stage == Stage.ANSWERED
    assert set(Entry.objects.filter(action="erasure.searched_again").values_list("reason", flat=True)) == {
        "looked",
        "the note is gone",
    }
