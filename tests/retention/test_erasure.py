"""One transaction, exactly once, of one person only, and nothing left (Art. 17; policy clauses 17 and 18)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import LoginEvent, User
from accounts.services import register_person
from audit.ledger import verify
from audit.models import Entry
from audit.trail import Actor
from datamap.registry import model_of, registry
from datamap.terms import Erasure
from datamap.trace import Subject, subject_of_user
from mailing.models import OutgoingMessage
from retention.erasure import ErasureRunning, PlanChanged, execute_erasure, finish, plan_erasure
from retention.models import ArchiveRecord, ErasureReceipt, ErasureRun, RunState
from retention.plan import plan_erasure as plan
from tests.database import as_owner
from tests.people import PASSWORD
from tests.retention.conftest import NOW, everything_about
from vault.keys import KeyDestroyed, has_key, seal, unseal

Erase = Callable[..., ErasureReceipt]


def execute(sql: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(sql)


def break_inserts_into(table: str) -> None:
    """Plant a fault: the database refuses the next row of this table."""
    execute(
        "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fault'; END $$;"
        f"CREATE TRIGGER fault BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fault()"
    )


def left_anywhere(word: str) -> set[str]:
    """The tables and columns of the whole database that still hold this word, found without the map."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'uuid', 'inet')"
        )
        places = cursor.fetchall()
        found = set()
        for table, column in places:
            cursor.execute(f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE %s LIMIT 1', [f"%{word}%"])
            if cursor.fetchone():
                found.add(f"{table}.{column}")
    return found


@pytest.mark.clause("Q18.2", "Q10.2")
@pytest.mark.requirement("E7", "X1")
def test_no_table_holds_a_word_of_hers_afterwards(anna: Subject, erase: Erase) -> None:
    words = ("anna@example.lv", "Bērziņa", "Kanārija-anna")
    assert all(left_anywhere(word) for word in words)
    assert erase(anna).document["state"] == RunState.DONE
    assert {word: left_anywhere(word) for word in words} == {word: set() for word in words}


@pytest.mark.clause("Q10.3")
@pytest.mark.requirement("X2")
def test_her_number_is_left_only_where_the_map_says_so(anna: Subject, erase: Erase) -> None:
    erase(anna)
    kept = {
        f"{model_of(item)._meta.db_table}.{field.column}"
        for item in registry().holdings
        for field in model_of(item)._meta.concrete_fields
        if field.name in item.kept
    }
    left = left_anywhere(str(anna.user_id))
    assert "retention_erasurerun.subject_id" in left
    assert left <= kept


@pytest.mark.requirement("E9")
def test_the_other_person_is_untouched(anna: Subject, janis: Subject, erase: Erase) -> None:
    before = everything_about(janis)
    assert before["accounts.Profile"]
    erase(anna)
    assert everything_about(janis) == before


@pytest.mark.requirement("E12")
def test_twice_is_once_and_gives_the_same_receipt(anna: Subject, erase: Erase) -> None:
    first = erase(anna)
    assert erase(anna).pk == first.pk
    assert (ErasureRun.objects.count(), ArchiveRecord.objects.count()) == (1, 1)


@pytest.mark.requirement("E12", "E2")
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_are_one(anna: Subject) -> None:
    digest = plan_erasure(anna, now=NOW, archive=True).digest

    def run(_number: int) -> int | None:
        try:
            return execute_erasure(
                case_number="Q-1",
                subject=anna,
                plan_digest=digest,
                objection_to_archive=False,
                actor=Actor.system("test"),
                now=NOW,
            ).pk
        except ErasureRunning:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        receipts = set(pool.map(run, range(8))) - {None}
    assert len(receipts) == 1
    assert (ErasureRun.objects.count(), ArchiveRecord.objects.count()) == (1, 1)
    assert (ErasureReceipt.objects.count(), Entry.objects.filter(action="erasure.executed").count()) == (1, 1)


@pytest.mark.requirement("E12")
@pytest.mark.django_db(transaction=True)
def test_a_second_erasure_while_one_runs_is_answered_with_a_sentence(anna: Subject, erase: Erase) -> None:
    def try_it() -> str:
        try:
            with translation.override("en"):
                with pytest.raises(ErasureRunning) as refused:
                    erase(anna, case="Q-2")
                return str(refused.value)
        finally:
            connections.close_all()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"erasure:{anna.user_id}"])
    with ThreadPoolExecutor(1) as pool:
        assert "already running" in pool.submit(try_it).result()
    assert User.objects.filter(email="anna@example.lv").exists()


@pytest.mark.requirement("E1")
def test_a_changed_plan_is_refused_and_nothing_goes(anna: Subject, person: User) -> None:
    seen = plan_erasure(anna, now=NOW, archive=True)
    EmailAddress.objects.create(user=person, email="anna.two@example.lv")
    before = everything_about(anna)
    with translation.override("en"), pytest.raises(PlanChanged, match="changed"):
        execute_erasure(
            case_number="Q-1",
            subject=anna,
            plan_digest=seen.digest,
            objection_to_archive=False,
            actor=Actor.system("test"),
            now=NOW,
        )
    assert everything_about(anna) == before


@pytest.mark.requirement("E2")
@pytest.mark.parametrize("table", ["retention_archiverecord", "retention_erasurerun", "audit_entry"])
def test_a_fault_in_between_leaves_everything_as_it_was(anna: Subject, erase: Erase, table: str) -> None:
    assert anna.user_id is not None
    seal(anna.user_id, b"x", context="test")
    before = everything_about(anna)
    break_inserts_into(table)
    with pytest.raises(DatabaseError, match="fault"):
        erase(anna)
    assert everything_about(anna) == before
    assert (ErasureRun.objects.count(), ArchiveRecord.objects.count()) == (0, 0)
    assert has_key(anna.user_id)


@pytest.mark.requirement("E2", "E12")
def test_a_kill_before_the_verification_is_finished_by_the_next_call(anna: Subject, erase: Erase) -> None:
    break_inserts_into("retention_erasurereceipt")
    with pytest.raises(DatabaseError, match="fault"):
        erase(anna)
    assert ErasureRun.objects.get().state == RunState.EXECUTED
    execute("DROP TRIGGER fault ON retention_erasurereceipt")
    assert erase(anna).document["state"] == RunState.DONE
    assert ErasureRun.objects.get().state == RunState.DONE


@pytest.mark.requirement("E7")
def test_what_lies_outside_the_map_is_found_and_the_erasure_is_not_done(anna: Subject, erase: Erase) -> None:
    execute("CREATE TABLE forgotten (note text); GRANT ALL ON forgotten TO qlekta_site")
    execute("INSERT INTO forgotten VALUES ('wrote to Anna@example.lv.'), ('wrote to joanna@example.lv')")
    receipt = erase(anna)
    run = ErasureRun.objects.get()
    assert (receipt.document["state"], run.state) == (RunState.NEEDS_ATTENTION, RunState.NEEDS_ATTENTION)
    assert run.findings == [{"table": "forgotten", "column": "note", "rows": 1}]
    execute("DELETE FROM forgotten")
    assert finish(run, now=NOW).document["state"] == RunState.DONE


@pytest.mark.requirement("X2", "C2")
def test_what_was_searched_for_is_forgotten_when_nothing_was_found(anna: Subject, erase: Erase) -> None:
    erase(anna)
    run = ErasureRun.objects.get()
    assert bytes(run.sealed_subject) == b""
    assert not has_key(run.id)


def test_her_key_is_destroyed(anna: Subject, person: User, erase: Erase) -> None:
    sealed = seal(person.id, b"secret", context="test")
    erase(anna)
    with pytest.raises(KeyDestroyed):
        unseal(person.id, sealed, context="test")


@pytest.mark.clause("Q18.1")
@pytest.mark.requirement("E13")
def test_her_open_session_and_her_password_are_dead_at_once(anna: Subject, client: Client, erase: Erase) -> None:
    assert client.post(reverse("account_login"), {"login": "anna@example.lv", "password": PASSWORD}).status_code == 302
    assert client.get(reverse("account")).status_code == 200
    erase(anna)
    assert not Session.objects.exists()
    assert client.get(reverse("account")).status_code == 302
    assert client.post(reverse("account_login"), {"login": "anna@example.lv", "password": PASSWORD}).status_code == 200


@pytest.mark.clause("Q18.2")
def test_the_same_address_makes_a_new_unlinked_account(anna: Subject, erase: Erase) -> None:
    erase(anna)
    again = register_person(
        email="anna@example.lv", password=PASSWORD, given_name="Anna", family_name="Bērziņa", now=NOW
    )
    assert again.pk != anna.user_id
    assert {line.table for line in plan(subject_of_user(again), now=NOW, archive=True).erased} <= {
        item.model for item in registry().holdings if item.model.startswith(("accounts.", "account."))
    }


def test_the_number_of_statements_does_not_grow_with_the_rows(anna: Subject, janis: Subject, erase: Erase) -> None:
    LoginEvent.objects.bulk_create(LoginEvent(user_id=anna.user_id, at=NOW, kind="login") for _ in range(1000))
    with CaptureQueriesContext(connection) as many:
        erase(anna)
    with CaptureQueriesContext(connection) as few:
        erase(janis, case="Q-2")
    assert len(many) == len(few)


def test_somebody_known_by_address_alone_can_be_erased(db: None, erase: Erase) -> None:
    OutgoingMessage.objects.create(
        to_address="guest@example.lv", purpose="SERVICE", language="lv", subject="x", created_at=NOW
    )
    receipt = erase(Subject(emails=frozenset({"guest@example.lv"})))
    assert not OutgoingMessage.objects.exists()
    assert (receipt.document["state"], receipt.document["archive_until"]) == (RunState.DONE, None)


def test_the_trail_says_who_erased_and_never_whom_by_name(anna: Subject, erase: Erase) -> None:
    erase(anna)
    entry = Entry.objects.get(action="erasure.executed")
    assert (entry.actor_id, entry.reason) == ("test", "Q-1")
    assert verify(Entry).is_whole


def test_ledgers_are_never_touched_by_an_erasure() -> None:
    assert {item.model for item in registry().holdings if item.ledger and item.erasure is not Erasure.KEEP} == set()
