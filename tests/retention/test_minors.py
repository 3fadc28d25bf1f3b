"""A child's account goes at once with everything in it; only a data-free record remains (Q6.2, X15)."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import LoginEvent, User
from audit.models import Entry
from audit.trail import Actor
from consent.models import ConsentEvent
from consent.services import give
from datamap.catalogue import catalogue
from datamap.declarations import Holding, Personal
from datamap.registry import registry
from datamap.terms import BLANK, Category, Erasure, LawfulBasis, Source
from datamap.trace import Subject
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from replay import kinds
from replay.models import JournalEntry
from replay.segments import GENESIS, Line
from retention import holds, minors
from retention.aside import content_of
from retention.erasure import PlanChanged
from retention.holds import NewHold
from retention.journal import reason_of
from retention.minors import SERIES, StaffAccount, erase_child, plan_for_child
from retention.models import ArchiveRecord, ErasureReceipt, ErasureRun, HeldCopy, RunState
from retention.plan import erasure_of
from retention.restriction import place
from retention.standing import HoldGround, LegalHold, RestrictionGround
from retention.sweeps import sweep
from tests.people import PASSWORD, prove_again
from tests.retention.conftest import NOW
from vault.models import DataKey


def erase(user: User) -> ErasureReceipt:
    plan = plan_for_child(user, now=NOW)
    return erase_child(user, plan_digest=plan.digest, reason="the school wrote", actor=Actor.system("test"), now=NOW)


def hold(person: User, officer: User) -> LegalHold:
    row = LoginEvent.objects.create(user=person, at=NOW, kind="login", user_agent="stranger")
    new = NewHold(
        table="accounts.LoginEvent",
        query={"pk": row.pk},
        case_number="K-1",
        reason="a report of a crime",
        ground=HoldGround.CRIME_REPORT,
        act="GDPR Art. 17(3)(e)",
        owner=officer.pk,
        review_on=date(2027, 2, 1),
    )
    return holds.place(new, by=officer, now=NOW)


@pytest.mark.clause("Q6.2", "X15")
def test_everything_goes_at_once_without_an_archive(anna: Subject, person: User) -> None:
    receipt = erase(person)
    assert receipt.document["state"] == RunState.DONE
    assert receipt.document["archive_until"] is None
    assert not ArchiveRecord.objects.exists()
    assert not User.objects.filter(pk=person.pk).exists()
    assert receipt.case_number.startswith(f"{SERIES}-2026-")
    kept = [line for line in receipt.document["lines"] if line["action"] == Erasure.KEEP]
    assert kept
    assert all(line["reason"] and line["act"] for line in kept)


@pytest.mark.clause("Q6.2")
def test_the_evidence_names_nobody(anna: Subject, person: User) -> None:
    number = erase(person).case_number
    entries = Entry.objects.filter(action__in=["child.erased", "erasure.executed"])
    assert {entry.reason for entry in entries} == {number}
    assert {entry.subject for entry in entries} == {None}
    assert "anna" not in str([entry.details for entry in entries])


@pytest.mark.clause("Q6.2", "Q6.3")
@pytest.mark.usefixtures("published_texts")
def test_the_consents_are_declared_invalid(anna: Subject, person: User) -> None:
    give(person.pk, "PROFILING", language="lv", method="account", place="/", now=NOW)
    erase(person)
    last = ConsentEvent.objects.latest("id")
    assert (last.purpose, last.state, last.evidence) == ("PROFILING", "invalidated", {"reason": "child"})


@pytest.mark.clause("Q6.2")
def test_what_is_published_is_deleted_and_not_only_parted_from_the_name() -> None:
    post = Holding(
        model="accounts.Profile",
        label="posts",
        about={"user": "user"},
        purposes=("OFFER",),
        basis=LawfulBasis.CONTRACT,
        source=Source.PROVIDED,
        period="PUBLIC_CONTENT",
        personal={"street": Personal(Category.PUBLIC_CONTENT, on_erasure=BLANK)},
    )
    assert erasure_of(post, child=False) is Erasure.BLANK
    assert erasure_of(post, child=True) is Erasure.DELETE


@pytest.mark.clause("Q6.2", "X15")
def test_a_hold_of_one_person_gives_way_and_that_of_two_stands(anna: Subject, person: User, officer: User) -> None:
    second = User.objects.create_user("maris@qlekta.example", None, given_name="Māris", is_staff=True)
    held = hold(person, officer)
    assert not [line for line in plan_for_child(person, now=NOW).kept if line.hold]
    assert plan_for_child(person, now=NOW).conflicts
    holds.confirm(held.pk, by=second, reason="the police confirmed", now=NOW)
    document = erase(person).document
    assert [line["table"] for line in document["lines"] if line["kept_as"]] == ["accounts.LoginEvent"]
    (row,) = content_of(HeldCopy.objects.get())["rows"]
    assert row["user_agent"] == "stranger"


@pytest.mark.clause("Q6.2")
def test_a_restriction_does_not_stop_it(anna: Subject, person: User, officer: User) -> None:
    place(person, ground=RestrictionGround.CLAIMS, case_number="Q", reason="x", by=officer, now=NOW)
    document = erase(person).document
    assert len(document["conflicts"]) == 1
    assert not User.objects.filter(pk=person.pk).exists()


def test_an_account_of_staff_is_refused(officer: User) -> None:
    with pytest.raises(StaffAccount):
        erase(officer)


def test_an_erasure_that_was_cut_off_is_finished_by_the_next_run(
    anna: Subject, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object, **_kwargs: object) -> None:
        raise SystemExit

    with monkeypatch.context() as fault:
        fault.setattr("retention.erasure.find_remains", killed)
        with pytest.raises(SystemExit):
            erase(person)
    assert ErasureRun.objects.get().state == RunState.EXECUTED
    assert minors.finish_cut_off(now=NOW) == 1
    assert ErasureRun.objects.get().state == RunState.DONE


@pytest.mark.clause("Q6.2", "Q10.9")
@pytest.mark.requirement("F25", "X2")
def test_after_a_restore_the_repeated_erasure_still_says_why(anna: Subject, person: User) -> None:
    backup = transaction.savepoint()
    erase(person)
    entry = JournalEntry.objects.get(kind="retention.erased")
    transaction.savepoint_rollback(backup)
    assert "school" not in str(entry.details)
    line = Line(1, entry.pk, entry.kind, entry.at, entry.subject, entry.born, entry.details, GENESIS)
    kinds.repeat(line, now=NOW)
    assert reason_of(ErasureRun.objects.get()) == "the school wrote"


@pytest.mark.requirement("G7")
@pytest.mark.clause("Q6.2")
def test_staff_see_the_plan_and_confirm_it(anna: Subject, person: User, officer: User, client: Client) -> None:
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    page = reverse("admin:retention_erase_child", args=[person.pk])
    assert client.get(page).status_code == 403
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    assert page in client.get(reverse("admin:accounts_user_change", args=[person.pk])).content.decode()
    assert client.get(page).headers["Location"].startswith(reverse("account_reauthenticate"))
    prove_again(client)
    form = client.get(page).context["form"]
    assert client.post(page, {"plan": form.initial["plan"], "reason": "told"}).status_code == 200
    assert User.objects.filter(pk=person.pk).exists()
    answer = client.post(page, {"plan": form.initial["plan"], "reason": "the school wrote", "sure": "on"})
    assert answer.status_code == 302
    assert not User.objects.filter(pk=person.pk).exists()


@pytest.mark.clause("Q6.2", "Q6.3")
@pytest.mark.usefixtures("published_texts")
def test_an_outdated_plan_changes_nothing_at_all(anna: Subject, person: User) -> None:
    give(person.pk, "PROFILING", language="lv", method="account", place="/", now=NOW)
    with pytest.raises(PlanChanged):
        erase_child(person, plan_digest="old", reason="told", actor=Actor.system("test"), now=NOW)
    assert ConsentEvent.objects.latest("id").state == "given"
    assert not OutgoingMessage.objects.exclude(body_sealed=None).exists()


@pytest.mark.clause("Q6.2")
def test_why_stays_sealed_beside_the_run_and_ends_with_it(
    anna: Subject, person: User, officer: User, client: Client
) -> None:
    erase(person)
    run = ErasureRun.objects.get()
    assert run.state == RunState.DONE
    assert b"the school wrote" not in bytes(run.sealed_reason)
    client.force_login(officer)
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    page = client.get(reverse("admin:retention_erasurerun_change", args=[run.pk])).content.decode()
    assert "the school wrote" in page
    keys = DataKey.objects.filter(destroyed_at=None).count()
    assert sweep(registry().holding(ErasureRun), now=run.ends_at, apply=True).deleted == 1
    assert DataKey.objects.filter(destroyed_at=None).count() == keys - 1


@pytest.mark.clause("Q6.2")
def test_the_operator_hears_of_it_at_once_and_of_nobody_by_name(anna: Subject, person: User) -> None:
    number = erase(person).case_number
    (message,) = OutgoingMessage.objects.filter(to_address=catalogue().controller.email)
    text = open_letter(message).text
    assert number in text
    assert "anna" not in text
    assert "the school wrote" not in text


def test_the_command_is_dry_unless_told(anna: Subject, person: User) -> None:
    out = StringIO()
    call_command("erase_child", "--user", str(person.pk), "--reason", "told", stdout=out)
    assert "Nothing was erased" in out.getvalue()
    call_command("erase_child", "--user", str(person.pk), "--reason", "told", "--apply", stdout=out)
    assert not User.objects.filter(pk=person.pk).exists()
    with pytest.raises(CommandError, match="no account"):
        call_command("erase_child", "--user", str(person.pk), "--reason", "told")
