"""What is due goes, exactly then, once, and with a report (policy clause 5.2)."""

import dataclasses
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, connections

from accounts.models import LoginEvent, User
from audit.ledger import verify
from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.registry import registry
from datamap.sweeping import SweepCounts
from datamap.trace import Subject
from retention import sweeps
from retention.models import ArchiveRecord, ErasureReceipt, SweepRun
from retention.queries import overdue
from retention.rules import due_rows, is_swept, rule_version, swept_holdings, swept_stores
from retention.sweeps import sweep, sweep_all
from retention.tasks import purge
from tests.database import as_owner
from tests.retention.conftest import NOW
from vault.keys import has_key

LOG_INS = "accounts.LoginEvent"
TERM = timedelta(weeks=20)


def log_in(user: User, at: datetime, *, browser: str = "") -> LoginEvent:
    return LoginEvent.objects.create(user=user, at=at, kind="login", ip="192.0.2.1", user_agent=browser)


def log_ins(user: User, at: datetime, *, times: int) -> None:
    LoginEvent.objects.bulk_create(
        LoginEvent(user=user, at=at + timedelta(seconds=number), kind="login") for number in range(times)
    )


def refuse_to_delete(value: str, *, table: str = "accounts_loginevent", column: str = "user_agent") -> None:
    """Plant a row that the database will not give up."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF OLD.{column}::text = %s THEN RAISE EXCEPTION 'no'; END IF; RETURN OLD; END $$",
            [value],
        )
        cursor.execute(f"CREATE TRIGGER refuse BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")


@pytest.mark.clause("Q5.10", "Q5.13")
@pytest.mark.requirement("R1")
def test_the_boundary_is_inclusive_to_the_microsecond(person: User) -> None:
    log_in(person, NOW - TERM)
    younger = log_in(person, NOW - TERM + timedelta(microseconds=1))
    report = sweep(registry().holding(LOG_INS), now=NOW, apply=True)
    assert list(LoginEvent.objects.all()) == [younger]
    assert (report.due, report.deleted, report.failed, report.oldest_at) == (1, 1, 0, younger.at)


@pytest.mark.clause("Q5.11")
@pytest.mark.requirement("R8")
def test_a_dry_run_says_what_the_real_one_does_and_changes_nothing(person: User) -> None:
    log_ins(person, NOW - 2 * TERM, times=3)
    dry = sweep(registry().holding(LOG_INS), now=NOW, apply=False)
    assert (dry.due, dry.deleted) == (3, 0)
    assert (LoginEvent.objects.count(), SweepRun.objects.count()) == (3, 0)
    assert sweep(registry().holding(LOG_INS), now=NOW, apply=True).deleted == 3


@pytest.mark.clause("Q5.11")
def test_a_second_run_deletes_nothing(person: User) -> None:
    log_ins(person, NOW - 2 * TERM, times=3)
    sweep_all(now=NOW, apply=True)
    assert sum(run.deleted for run in sweep_all(now=NOW, apply=True)) == 0


@pytest.mark.clause("Q5.11")
@pytest.mark.requirement("R3")
def test_more_than_one_batch_goes_in_one_run(person: User) -> None:
    log_ins(person, NOW - 2 * TERM, times=2 * sweeps.BATCH + 1)
    assert sweep(registry().holding(LOG_INS), now=NOW, apply=True).deleted == 2 * sweeps.BATCH + 1


@pytest.mark.clause("Q5.11")
def test_a_row_that_fails_is_set_aside_and_the_others_go(person: User) -> None:
    stuck = log_in(person, NOW - 2 * TERM, browser="stuck")
    log_ins(person, NOW - 2 * TERM, times=3)
    refuse_to_delete("stuck")
    report = sweep(registry().holding(LOG_INS), now=NOW, apply=True)
    assert (report.due, report.deleted, report.failed, report.failure) == (4, 3, 1, "RaiseException")
    assert list(LoginEvent.objects.all()) == [stuck]


def full_disk(_rule: Holding, **_how: object) -> SweepCounts:
    raise OSError("/var/secret: no space left")


@pytest.mark.clause("Q5.11")
def test_a_rule_whose_purge_breaks_reports_the_kind_of_error_and_no_word_of_it(person: User) -> None:
    broken = dataclasses.replace(registry().holding(LOG_INS), purge_with=f"{__name__}.full_disk")
    report = sweep(broken, now=NOW, apply=True)
    assert (report.deleted, report.failed, report.failure) == (0, 1, "OSError")


@pytest.mark.clause("Q5.11", "Q10.4")
def test_an_archive_record_that_cannot_go_keeps_no_other(
    anna: Subject, janis: Subject, erase: Callable[..., ErasureReceipt]
) -> None:
    for number, subject in (("Q-1", anna), ("Q-2", janis)):
        erase(subject, case=number)
    stuck, _free = ArchiveRecord.objects.order_by("pk")
    refuse_to_delete(str(stuck.pk), table="retention_archiverecord", column="id")
    report = sweep(registry().holding(ArchiveRecord), now=stuck.ends_at, apply=True)
    assert (report.due, report.deleted, report.failed, report.failure) == (2, 1, 1, "RaiseException")
    assert ArchiveRecord.objects.get() == stuck
    assert has_key(stuck.pk), "the key of a record that stayed is gone"


@pytest.mark.clause("Q5.11")
def test_the_command_fails_when_a_row_failed(person: User) -> None:
    log_in(person, datetime(2020, 1, 1, tzinfo=UTC), browser="stuck")
    refuse_to_delete("stuck")
    with pytest.raises(CommandError, match="1 rows"):
        call_command("purge", "--apply", stdout=StringIO())


@pytest.mark.clause("Q5.11")
@pytest.mark.requirement("R4")
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_delete_once(person: User) -> None:
    log_ins(person, NOW - 2 * TERM, times=2500)

    def run(_number: int) -> int:
        try:
            return sweep(registry().holding(LOG_INS), now=NOW, apply=True).deleted
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(run, range(2))) == 2500
    assert not LoginEvent.objects.exists()
    assert verify(SweepRun).is_whole


@pytest.mark.clause("Q5.11")
def test_every_rule_reports_into_a_chained_ledger(person: User) -> None:
    runs = sweep_all(now=NOW, apply=True)
    assert {run.table for run in runs} == {item.model for item in swept_holdings()} | {
        item.code for item in swept_stores()
    }
    assert {run.at for run in runs} == {NOW}
    assert len({run.run for run in runs}) == 1
    assert verify(SweepRun).rows == len(runs)


@pytest.mark.clause("Q5.11")
def test_the_task_uses_the_clock_of_the_database(person: User) -> None:
    log_in(person, datetime(2020, 1, 1, tzinfo=UTC))
    purge()
    assert not LoginEvent.objects.exists()
    assert SweepRun.objects.get(table=LOG_INS).deleted == 1


@pytest.mark.clause("Q5.11")
@pytest.mark.requirement("O3")
def test_the_alarm_comes_from_the_data_one_interval_after_the_term(person: User) -> None:
    row = log_in(person, NOW - TERM - timedelta(hours=1) + timedelta(microseconds=1))
    assert overdue(NOW) == []
    (found,) = overdue(NOW + timedelta(microseconds=1))
    assert (found.table, found.rule, found.oldest_at) == (LOG_INS, "VISIT_LOG", row.at)
    sweep_all(now=NOW, apply=True)
    assert overdue(NOW + timedelta(hours=1)) == []


@pytest.mark.clause("Q5.20")
def test_expired_sessions_go_and_living_ones_stay(db: None) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=NOW)
    Session.objects.create(session_key="new", session_data="", expire_date=NOW + timedelta(seconds=1))
    sweep_all(now=NOW, apply=True)
    assert set(Session.objects.values_list("session_key", flat=True)) == {"new"}


@pytest.mark.clause("Q5.20")
@pytest.mark.requirement("R5")
def test_no_table_with_a_term_is_left_out_but_ledgers() -> None:
    left_out = {item.model for item in registry().holdings if period(item.period).term and not is_swept(item)}
    assert left_out <= {item.model for item in registry().holdings if item.ledger}


@pytest.mark.clause("Q5.21")
def test_the_account_plays_no_part_in_a_purge(person: User) -> None:
    log_in(person, NOW - TERM)
    sweep_all(now=NOW, apply=True)
    assert User.objects.filter(pk=person.pk).exists()
    assert not LoginEvent.objects.exists()


@pytest.mark.clause("Q10.1")
def test_nothing_of_a_living_account_is_swept_however_old(person: User) -> None:
    sweep_all(now=NOW + timedelta(days=40 * 365), apply=True)
    assert User.objects.get(pk=person.pk).email == "anna@example.lv"


@pytest.mark.parametrize("code", ["VISIT_LOG", "ARCHIVE", "AUDIT", "INVOICE"])
def test_the_database_agrees_with_the_arithmetic(person: User, code: str) -> None:
    rule = dataclasses.replace(registry().holding(LOG_INS), period=code)
    starts = [
        datetime(year, month, day, 10, tzinfo=UTC)
        for year in (2023, 2024, 2027)
        for month, day in ((1, 1), (2, 28), (3, 1), (6, 15), (12, 31))
    ]
    starts += [datetime(2024, 2, 29, hour, 30, tzinfo=UTC) for hour in (0, 9, 10, 21)]
    for start in starts:
        log_in(person, start)
    steps = [timedelta(days=days, hours=hours) for days in (140, 1095, 2191, 2192) for hours in (0, 1)]
    for now in (start + step for start in starts for step in steps):
        due = set(due_rows(rule, now=now).values_list("at", flat=True))
        assert due == {start for start in starts if period(code).is_due(start, now=now)}, now


def test_another_rule_has_another_version() -> None:
    rule = registry().holding(LOG_INS)
    assert rule_version(rule) != rule_version(dataclasses.replace(rule, period="AUDIT"))


def test_the_command_prints_json(person: User) -> None:
    log_in(person, datetime(2020, 1, 1, tzinfo=UTC))
    out = StringIO()
    call_command("purge", "--json", stdout=out)
    found = {row["table"]: row for row in json.loads(out.getvalue())}
    assert (found[LOG_INS]["due"], found[LOG_INS]["deleted"], found[LOG_INS]["applied"]) == (1, 0, False)
