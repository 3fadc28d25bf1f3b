"""Twenty weeks to the microsecond, against the real table (Q5.10, Q5.21, X37; R1, R3, R4)."""

import csv
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connections, transaction

from datamap.registry import registry
from datamap.sweeping import SweepCounts
from tests.visits.conftest import hit, plant
from visits import purging, spool
from visits.databases import log_alias
from visits.hits import line_of
from visits.models import Visit
from visits.partitions import VISITS, Day, ensure_days, existing_days, log_connection
from visits.purging import purge

VECTORS = Path(__file__).parent.parent / "data" / "retention_vectors.csv"
TWENTY_WEEKS = timedelta(days=140)
START = datetime(2025, 2, 1, 10, tzinfo=UTC)


def purged(now: datetime, *, apply: bool = True) -> SweepCounts:
    return purge(registry().holding(Visit), now=now, apply=apply)


def vectors() -> list[dict[str, str]]:
    with VECTORS.open(encoding="utf-8", newline="") as source:
        return [row for row in csv.DictReader(source) if row["rule"] == "visit_log_20w"]


@pytest.mark.clause("Q5.10", "X37")
@pytest.mark.requirement("R1")
@pytest.mark.django_db
@pytest.mark.parametrize("vector", vectors(), ids=lambda row: row["id"])
def test_a_visit_goes_when_the_vector_says_so(vector: dict[str, str]) -> None:
    plant(datetime.fromisoformat(vector["start"]))
    counts = purged(datetime.fromisoformat(vector["as_of"]))
    assert Visit.objects.exists() == (vector["expected"] == "keep")
    assert counts.deleted == (0 if vector["expected"] == "keep" else 1)


@pytest.mark.clause("Q5.10", "X37")
@pytest.mark.requirement("R1")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "start",
    [
        datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
        datetime(2025, 12, 31, 22, tzinfo=UTC),
        datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    ],
    ids=str,
)
def test_a_second_before_twenty_weeks_it_stays_and_at_twenty_weeks_it_goes(start: datetime) -> None:
    plant(start)
    assert purged(start + TWENTY_WEEKS - timedelta(seconds=1)).deleted == 0
    assert purged(start + TWENTY_WEEKS).deleted == 1


@pytest.mark.clause("Q5.11")
@pytest.mark.django_db
def test_a_run_reports_what_was_due_and_the_oldest_that_remains() -> None:
    for days in (0, 1, 2, 3):
        plant(START + timedelta(days=days), count=3)
    now = START + TWENTY_WEEKS + timedelta(days=2)
    counts = purged(now)
    assert counts == SweepCounts(due=7, deleted=7, oldest_at=START + timedelta(days=2, microseconds=1))
    assert purged(now).deleted == 0


@pytest.mark.django_db
def test_a_dry_run_counts_the_same_and_deletes_nothing() -> None:
    plant(START, count=3)
    plant(START + timedelta(days=1), count=3)
    now = START + TWENTY_WEEKS + timedelta(days=1)
    dry = purged(now, apply=False)
    assert Visit.objects.count() == 6
    wet = purged(now)
    assert (dry.due, dry.deleted, dry.oldest_at) == (wet.due, 0, wet.oldest_at)


@pytest.mark.clause("Q5.21")
@pytest.mark.django_db
def test_visits_with_and_without_an_account_go_alike() -> None:
    plant(START, user_id=uuid4())
    plant(START + timedelta(seconds=1))
    assert purged(START + TWENTY_WEEKS + timedelta(hours=1)).deleted == 2


@pytest.mark.clause("Q5.20")
@pytest.mark.django_db
def test_what_waits_in_the_spool_ages_as_well() -> None:
    spool.append([line_of(hit(at=START)), line_of(hit(at=START + timedelta(seconds=1)))])
    assert purged(START + TWENTY_WEEKS, apply=False).due == 1
    counts = purged(START + TWENTY_WEEKS)
    assert (counts.deleted, counts.oldest_at) == (1, START + timedelta(seconds=1))


@pytest.mark.requirement("R3")
@pytest.mark.django_db(transaction=True)
def test_days_are_taken_off_without_a_transaction_and_dropped() -> None:
    plant(START, count=5)
    plant(START + timedelta(days=1), count=5)
    counts = purged(START + TWENTY_WEEKS + timedelta(days=1))
    assert counts.deleted == 6
    assert START.date() not in {day.day for day in existing_days(log_connection())}


@pytest.mark.requirement("R3")
@pytest.mark.django_db(transaction=True)
def test_a_run_that_died_between_taking_off_and_dropping_is_finished_by_the_next() -> None:
    plant(START, count=5)
    with log_connection().cursor() as cursor:
        cursor.execute(f"ALTER TABLE visits_visit DETACH PARTITION {Day(START.date()).table} CONCURRENTLY")
    assert not Visit.objects.exists()
    assert purged(START + TWENTY_WEEKS + timedelta(days=1)).deleted == 5
    assert START.date() not in {day.day for day in existing_days(log_connection())}


@pytest.mark.requirement("R3", "R4")
@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_left_for_the_next_run() -> None:
    plant(START, count=3)
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(using=log_alias()):
            Visit.objects.select_for_update().order_by("id").first()
            locked.set()
            release.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(10)
    now = START + TWENTY_WEEKS + timedelta(seconds=1)
    first = purged(now)
    release.set()
    holder.join()
    assert (first.due, first.deleted, first.failed) == (3, 2, 1)
    assert purged(now).deleted == 1


@pytest.mark.requirement("R4")
@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_do_the_work_of_one() -> None:
    for days in range(3):
        plant(START + timedelta(days=days), count=4)
    now = START + TWENTY_WEEKS + timedelta(days=2)
    counts: list[SweepCounts] = []

    def run() -> None:
        counts.append(purged(now))
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(item.deleted for item in counts) == 9
    assert sum(item.failed for item in counts) == 0
    assert Visit.objects.count() == 3


@pytest.mark.django_db
def test_an_empty_log_is_purged_too() -> None:
    ensure_days({START.date()})
    assert purged(START + TWENTY_WEEKS + timedelta(days=3)) == SweepCounts()


@pytest.mark.requirement("R3")
@pytest.mark.django_db(transaction=True)
def test_a_long_reader_stops_neither_the_log_nor_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "_PATIENCE_CONCURRENT", "200ms")
    plant(START, count=4)
    plant(START + timedelta(days=200))
    reading, release = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic(using=log_alias()):
            Visit.objects.count()
            reading.set()
            release.wait(10)
        connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(10)
    now = START + TWENTY_WEEKS + timedelta(days=1)
    assert purged(now).failed == 4
    assert [row.at for row in Visit.objects.all()] == [START + timedelta(days=200)]
    plant(START + timedelta(days=200, hours=1))
    release.set()
    reader.join()
    assert purged(now).deleted == 4
    assert START.date() not in {day.day for day in existing_days(log_connection())}


@pytest.mark.requirement("R3")
@pytest.mark.django_db
def test_a_batch_looks_into_the_boundary_day_only() -> None:
    for days in range(3):
        plant(START + timedelta(days=days))
    with log_connection().cursor() as cursor:
        bounds = {"since": Day(START.date()).start, "cutoff": START + timedelta(hours=1)}
        cursor.execute(f"EXPLAIN {purging._deletion(VISITS)}", bounds)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert set(re.findall(r"visit_\d{8}", plan)) == {f"visit_{START:%Y%m%d}"}
