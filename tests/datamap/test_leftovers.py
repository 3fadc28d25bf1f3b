"""A deleted row leaves the server's files soon, not just the answers to queries (Art. 17, 32; security X3)."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
import yaml
from django.core.checks import run_checks
from django.core.checks.registry import Tags
from django.db import connection

from accounts.models import User
from datamap.leftovers import UNFIT, settle, unsettled
from runner.places import PROJECT
from tests.database import as_owner, truncate
from visits.models import Visit
from visits.partitions import ensure_days

MAY: Final = datetime(2026, 5, 11, 9, tzinfo=UTC)
CANARY: Final = "zilonis-77"
PATIENCE: Final = 120.0


@pytest.fixture
def restless(transactional_db: None) -> Iterator[None]:
    """The server looks for dead rows each second instead of each minute; nothing else is changed."""
    with as_owner():
        truncate(connection)  # what the tests before this one deleted would be cleared first
        _execute("ALTER SYSTEM SET autovacuum_naptime = 1", "SELECT pg_reload_conf()")
        yield
        _execute("ALTER SYSTEM RESET autovacuum_naptime", "SELECT pg_reload_conf()")


@pytest.mark.requirement("X3")
def test_every_declared_table_and_each_new_day_is_cleared_at_once(transactional_db: None) -> None:
    ensure_days({MAY.date()})
    assert unsettled() == []
    assert found() == []


@pytest.mark.requirement("X3")
def test_a_table_that_nobody_told_is_seen_and_mended(transactional_db: None) -> None:
    with as_owner():
        _execute("ALTER TABLE accounts_user RESET (vacuum_index_cleanup)")
        assert found() == ["datamap.W001"]
        assert settle() == ["accounts_user"]
        assert unsettled() == []


@pytest.mark.requirement("X3")
@pytest.mark.usefixtures("restless")
def test_the_bytes_of_deleted_rows_leave_the_files_the_statistics_and_the_log_of_changes() -> None:
    ensure_days({MAY.date()})
    for name in (CANARY, "janis-ozols-1", "liga-liepa-22"):
        User.objects.create(email=f"{name}@example.lv", given_name=name, family_name="Ozols")
        Visit.objects.create(at=MAY, path=f"/{name}", status=200, response_ms=1, kind="page", platform="other")
    tables = {"accounts_user", "visit_days.visit_20260511"}
    for table in tables:
        _execute(f"ANALYZE {table}")
    assert all(_in_files(table) for table in tables)
    assert _in_log()
    assert _in_statistics()

    User.objects.filter(given_name=CANARY)._raw_delete("default")
    Visit.objects.filter(path=f"/{CANARY}").delete()

    _execute("SELECT pg_stat_force_next_flush()", "SELECT 1")
    _wait(lambda: not any(_in_files(table) for table in tables))
    _wait(lambda: not _in_statistics())
    _execute("SELECT pg_switch_wal()", "CHECKPOINT")
    assert not _in_log()


def test_both_ways_to_start_the_server_tell_it_to_forget(db: None) -> None:
    described = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]["postgres"]["command"]
    with connection.cursor() as cursor:
        for name in UNFIT.keys() - {"autovacuum"}:
            cursor.execute(f"SELECT setting FROM pg_settings WHERE name = '{name}'")
            assert f"{name}={cursor.fetchone()[0]}" in described


def found() -> list[str | None]:
    named = [finding.id for finding in run_checks(tags=[Tags.database], databases=["default"])]
    return [name for name in named if name and name.startswith("datamap.")]


def _in_files(table: str) -> bool:
    """Whether the canary stands in the file of the table or of one of its indexes, as they lie on the disk."""
    _execute("CHECKPOINT")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_filepath(%s) UNION ALL"
            " SELECT pg_relation_filepath(indexrelid) FROM pg_index WHERE indrelid = %s::regclass",
            [table, table],
        )
        paths = [_data() / row[0] for row in cursor.fetchall()]
    return any(CANARY.encode() in path.read_bytes() for path in paths)


def _in_log() -> bool:
    return any(CANARY.encode() in path.read_bytes() for path in (_data() / "pg_wal").glob("0*"))


def _in_statistics() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_statistic WHERE pg_statistic::text LIKE %s", [f"%{CANARY}%"])
        return bool(cursor.fetchone()[0])


def _data() -> Path:
    return Path(os.environ["QLEKTA_TEST_STORES"]) / "postgres"


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline, "The server did not clear up."
        time.sleep(0.2)


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
