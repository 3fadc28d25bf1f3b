"""Sealed files that no row names go after a day, with a report; nobody's copy and no file in the making does (R5)."""

import fcntl
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from datamap.registry import registry
from datamap.terms import Right
from dsar.access import build_package, take_download
from dsar.deadlines import Channel
from dsar.models import Package
from dsar.services import file_request
from retention.models import SweepRun
from retention.queries import overdue
from retention.rules import swept_stores
from retention.sweeps import sweep, sweep_all
from vault.files import UnclaimedTable, sealed_writer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def sealed_directory(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    (tmp_path / "sealed").mkdir()
    return tmp_path / "sealed"


def plant(directory: Path, *, age: timedelta, ending: str = "") -> Path:
    path = directory / f"{os.urandom(32).hex()}{ending}"
    path.write_bytes(b"QLS1 noise")
    moment = (datetime.now(UTC) - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def purge(*, apply: bool = True) -> SweepRun:
    (store,) = (store for store in swept_stores() if store.code == "vault.sealed_files")
    return sweep(store, now=timezone.now(), apply=apply)


@pytest.mark.clause("Q5.11")
@pytest.mark.requirement("R8")
def test_what_a_killed_worker_left_is_destroyed_after_its_term_and_reported(sealed_directory: Path) -> None:
    old = [plant(sealed_directory, age=DAY, ending=ending) for ending in ("", ".part")]
    young = plant(sealed_directory, age=DAY - timedelta(minutes=1), ending=".part")
    strange = sealed_directory / "README"
    strange.write_text("not ours")
    os.utime(strange, (0, 0))
    dry = purge(apply=False)
    assert (dry.due, dry.deleted, all(path.exists() for path in old)) == (2, 0, True)
    report = purge()
    assert (report.table, report.rule) == ("vault.sealed_files", "UNCLAIMED_FILE")
    assert (report.due, report.deleted, report.held, report.failed) == (2, 2, 0, 0)
    assert report.oldest_at == datetime.fromtimestamp(young.stat().st_mtime, UTC)
    assert sorted(sealed_directory.iterdir()) == sorted([young, strange])


def test_every_sweep_reports_on_it_and_the_alarm_sees_it_without_any_sweep(sealed_directory: Path) -> None:
    path = plant(sealed_directory, age=DAY + timedelta(hours=2))
    assert [item.table for item in overdue(timezone.now())] == ["vault.sealed_files"]
    assert "vault.sealed_files" in {report.table for report in sweep_all(apply=True)}
    assert not path.exists()
    assert overdue(timezone.now()) == []


def test_a_file_that_a_running_process_writes_is_never_touched(sealed_directory: Path) -> None:
    with sealed_writer(uuid4(), context="dsar_package|file|1") as writer:
        writer.write(b"slow")
        (path,) = sealed_directory.iterdir()
        os.utime(path, (0, 0))
        report = purge()
        assert (report.due, report.deleted, report.held, path.exists()) == (1, 0, 1, True)
        assert overdue(timezone.now()) == []
    assert (sealed_directory / writer.name).exists()


def test_a_lock_ends_with_its_process(sealed_directory: Path) -> None:
    path = plant(sealed_directory, age=DAY)
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert purge().held == 1
    assert purge().deleted == 1


def test_a_copy_that_somebody_can_fetch_stays(person: User, sealed_directory: Path, published_texts: None) -> None:
    now = timezone.now()
    case = file_request(user=person, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=now)
    build_package(case.pk, now=now)
    (path,) = sealed_directory.iterdir()
    os.utime(path, (0, 0))
    assert purge().due == 0
    assert b"".join(take_download(Package.objects.get(), now=now))


def test_a_clock_of_the_database_that_jumped_ahead_destroys_nothing(sealed_directory: Path) -> None:
    path = plant(sealed_directory, age=timedelta(hours=1))
    store = next(found for found in swept_stores() if found.code == "vault.sealed_files")
    assert sweep(store, now=timezone.now() + timedelta(days=141), apply=True).due == 0
    assert path.exists()


def test_no_table_writes_files_that_the_sweep_would_not_find_in_it() -> None:
    assert "dsar.Package.file_name" in registry().sealed_files
    with pytest.raises(UnclaimedTable):
        sealed_writer(uuid4(), context="somewhere|file|1")
