"""Victims that a test can start, and the whole database at a glance."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from accounts.services import register_person
from runner.children import dies_with_parent
from tests.people import PASSWORD
from tests.retention.conftest import NOW
from tests.worker import site_environment

CHANGES_NOTHING: Final = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "SET CONSTRAINTS")
LASTS: Final = ("COMMIT", "open sealed", "os.", "fsync")


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a victim: done, killed or stopped; its steps, its result and its error where it lived to tell."""

    ended: str
    value: Any = None
    error: str = ""
    steps: tuple[str, ...] = ()


class Victims:
    """Runs jobs of the site in processes of their own, and has them die, stop or fail at a step."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(
        self,
        job: str,
        argument: Any = "",
        *,
        how: str = "",
        at: int | str = 0,
        key: str = "",
        largest_file: int | None = None,
        through: str = "",
        now: datetime = NOW,
    ) -> int:
        """Start a job; `how` is "kill", "stop", "full" or nothing, `at` the step's number or a part of its text;
        `through` the directory of a socket that stands between it and the database."""
        told = {"job": job, "argument": str(argument), "how": how, "at": at, "key": key, "largest_file": largest_file}
        told["through"] = through
        return int(self._ask(do="start", now=now.isoformat(), **told)["pid"])

    def wait(self, pid: int) -> Ending:
        told = self._ask(do="wait", pid=pid)
        return Ending(told["ended"], told.get("value"), told.get("error", ""), tuple(told.get("steps", ())))

    def go_on(self, pid: int) -> None:
        self._ask(do="go_on", pid=pid)

    def run(self, job: str, argument: Any = "", **how: Any) -> Ending:
        return self.wait(self.start(job, argument, **how))

    def bury(self) -> None:
        """End those that nobody waited for."""
        self._ask(do="bury")

    def _ask(self, **command: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(command), file=self._process.stdin, flush=True)
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@pytest.fixture(scope="session")
def keeper(django_db_setup: None) -> Iterator[Victims]:
    """One process for all tests: it holds nothing of theirs, and to load the site takes longer than most of them."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.victim"],
        env=site_environment(),
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 - one prctl, prepared before the fork
    )
    with process:
        yield Victims(process)


@pytest.fixture
def victims(keeper: Victims, transactional_db: None, published_texts: None) -> Iterator[Victims]:
    """The sealed files of other tests are out of the way, and no victim outlives its test."""
    for name in sealed_files():
        (Path(settings.VAR_DIR) / "sealed" / name).unlink()
    yield keeper
    keeper.bury()


def register(number: int) -> User:
    """Somebody with an account, each number another one."""
    return register_person(
        email=f"upuris{number}@example.lv",
        password=PASSWORD,
        given_name=f"Upuris{number}",
        family_name="Liepa",
        now=NOW,
    )


def everything() -> dict[str, str]:
    """One hash for each table of the database, over all of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        columns = ", ".join(
            f"(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{name}\" t)" for name in tables
        )
        cursor.execute(f"SELECT {columns}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


def differing(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The tables in which something moved."""
    return {name for name in before if before[name] != after[name]}


def points_of(steps: tuple[str, ...]) -> list[int]:
    """The steps to die at: the first, and each that follows a change. Between two readings it is all the same."""
    after = [number for number, done in enumerate(steps[:-1], start=2) if not done.startswith(CHANGES_NOTHING)]
    return thinned([1, *after], steps)


def thinned(points: list[int], steps: tuple[str, ...]) -> list[int]:
    """All of them with `QLEKTA_KILLS=all`. Else all beside a COMMIT or a file, where something begins to last, and of
    those between, which a rollback makes alike, one in ten."""
    if os.environ.get("QLEKTA_KILLS") == "all":
        return points
    lasting = {number for number, step in enumerate(steps, 1) if step.startswith(LASTS)}
    return [point for nth, point in enumerate(points) if nth % 10 == 0 or lasting & {point - 1, point}]


def sealed_files() -> list[str]:
    """What lies in the directory of the sealed files, unfinished ones too."""
    directory = Path(settings.VAR_DIR) / "sealed"
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []
