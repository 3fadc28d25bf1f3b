"""The trail forgets its oldest rows after three years, keeps the chain whole, and nothing goes sooner (T21, R3)."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from audit import purging
from audit.ledger import ChainReport, verify
from audit.models import Entry, Forgetting
from audit.trail import Actor, record
from datamap.registry import registry
from datamap.sweeping import SweepCounts

pytestmark = pytest.mark.django_db
OLD = datetime(2019, 5, 1, tzinfo=UTC)


def written(*moments: datetime) -> list[int]:
    return [record("viewed", actor=Actor.system("test"), now=at).pk for at in moments]


def purge(*, now: datetime | None = None, apply: bool = True) -> SweepCounts:
    return purging.purge(registry().holding(Entry), now=now or timezone.now(), apply=apply)


@pytest.mark.requirement("R8")
def test_without_apply_it_only_counts() -> None:
    written(OLD, OLD, timezone.now())
    assert purge(apply=False) == SweepCounts(due=2, deleted=0, oldest_at=OLD)
    assert Entry.objects.count() == 3


def test_the_oldest_rows_go_and_the_chain_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    recent = timezone.now() - timedelta(days=30)
    *_, kept = written(OLD, OLD, OLD, recent)
    assert purge() == SweepCounts(due=3, deleted=3, oldest_at=recent)
    assert list(Entry.objects.values_list("pk", flat=True)) == [kept]
    assert (verify(Entry), verify(Forgetting)) == (ChainReport(Entry, rows=1), ChainReport(Forgetting, rows=2))
    written(recent)
    assert verify(Entry) == ChainReport(Entry, rows=2)


def test_an_emptied_ledger_goes_on_where_it_ended() -> None:
    written(OLD)
    purge()
    written(timezone.now())
    assert verify(Entry) == ChainReport(Entry, rows=1)
    assert Entry.objects.get().previous_hash == Forgetting.objects.get().last_hash


def test_an_old_row_behind_a_young_one_waits() -> None:
    written(timezone.now(), OLD)
    assert purge().deleted == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("F18")
def test_what_another_purge_takes_meanwhile_is_not_called_held() -> None:
    written(OLD, OLD)
    others: list[SweepCounts] = []

    def beside() -> None:
        others.append(purge())
        connections.close_all()

    def after_the_first_look(execute: Any, sql: str, *more: Any) -> Any:
        found = execute(sql, *more)
        if "audit_entry" in sql and not others:
            thread = Thread(target=beside)
            thread.start()
            thread.join()
        return found

    with connection.execute_wrapper(after_the_first_look):
        ours = purge()
    assert others[0].deleted == 2
    assert (ours.deleted, ours.held) == (0, 0)


@pytest.mark.requirement("R6")
def test_a_clock_that_runs_ahead_forgets_nothing() -> None:
    written(timezone.now())
    assert purge(now=timezone.now() + timedelta(days=4000)).due == 0


@pytest.mark.requirement("L1")
def test_the_site_cannot_forget_what_is_young_or_has_no_term() -> None:
    last = written(OLD, timezone.now())[-1]
    purge()
    for table, up_to in (("audit_entry", last), ("audit_forgetting", 10**9), ("vault_datakey", 1), ("no; table", 1)):
        with pytest.raises(DatabaseError, match=r"append-only|no ledger"), transaction.atomic():
            forget(table, up_to)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Entry.objects.all().delete()


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("table", ["probe", "audit_entry"])
def test_a_table_of_the_sites_own_does_not_lend_it_the_owners_rights(entries: list[Entry], table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {table} (id bigint)")
        cursor.execute(f"INSERT INTO pg_temp.{table} VALUES (0)")
        cursor.execute(
            "CREATE FUNCTION pg_temp.climb() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RAISE EXCEPTION ''climbed to %'', current_user; END'"
        )
        cursor.execute(
            f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON pg_temp.{table} "
            "FOR EACH ROW EXECUTE FUNCTION pg_temp.climb()"
        )
        with pytest.raises(DatabaseError, match="climbed"), transaction.atomic():
            cursor.execute(f"DELETE FROM pg_temp.{table}")
    with pytest.raises(DatabaseError, match=r"append-only|no ledger"), transaction.atomic():
        forget(table, entries[-1].pk)


def forget(table: str, up_to: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_forget(%s, %s)", [table, up_to])
