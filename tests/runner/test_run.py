"""The commands as a stranger meets them: an empty environment, a taken port, Ctrl-C, and a runner that is killed."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from runner import places, supervise
from runner.places import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.network]

RUN: Final = PROJECT / "bin" / "run"
START_PATIENCE: Final = 240.0
END_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What was seen of a run from its start on a taken port to its end by Ctrl-C."""

    taken_port: int
    address: str
    answer: int
    second: str
    processes: list[str]
    status: int
    said: str
    left: list[str]
    inbox: str
    """The page of the emulated Mailgun, once the letters of the demo had come."""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Nothing but a path, an empty home, a small demo, and state of its own beside that of a running site."""
    home = tmp_path_factory.mktemp("home")
    yield {"PATH": "/usr/bin:/bin", "HOME": str(home), "VAR_DIR": str(home / "var"), "DEMO_LISTINGS": "6"}
    shutil.rmtree(places.socket_directory(home / "var"))  # a killed runner could not


@contextlib.contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    argv = [str(RUN), *arguments]
    with subprocess.Popen(argv, cwd="/", env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def note(environment: dict[str, str], process: subprocess.Popen[str]) -> dict[str, str]:
    """Wait until the site is up, and return what it says of itself."""
    deadline = time.monotonic() + START_PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            found: dict[str, str] = json.loads((Path(environment["VAR_DIR"]) / "run.json").read_text())
            return found
        time.sleep(0.1)
    raise AssertionError(f"The site did not start: {process.stdout.read() if process.stdout else ''}")


def left_behind(environment: dict[str, str]) -> list[str]:
    """Return the command lines of processes that work on this state: by environment, or by working directory."""
    mark = environment["VAR_DIR"]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            surroundings = (process / "environ").read_bytes() + os.fsencode((process / "cwd").readlink())
            if os.fsencode(mark) in surroundings:
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def wait_until_gone(environment: dict[str, str]) -> None:
    deadline = time.monotonic() + END_PATIENCE
    while found := left_behind(environment):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


@pytest.fixture(scope="module")
def interrupted(bare: dict[str, str]) -> Interrupted:
    """Run the site on a taken port, ask for a second run beside it, and interrupt the first."""
    with socket.create_server((supervise.HOST, 0)) as taken, running(bare, "--port", str(port_of(taken))) as first:
        found = note(bare, first)
        answer = supervise.fetch(int(found["port"]), "/healthz").status
        inbox = letters_at(found["inbox"])
        second = subprocess.run([str(RUN)], cwd="/", env=bare, capture_output=True, text=True, check=True).stdout
        processes = left_behind(bare)
        first.send_signal(signal.SIGINT)
        said, _ = first.communicate(timeout=60)
        return Interrupted(
            port_of(taken),
            found["address"],
            answer,
            second,
            processes,
            first.returncode,
            said,
            left_behind(bare),
            inbox,
        )


def letters_at(address: str) -> str:
    """Wait until the worker has handed the letters of the demo to the emulated Mailgun, and return its page."""
    port, deadline = urlsplit(address).port or 0, time.monotonic() + END_PATIENCE
    while "/__letter?" not in (page := supervise.fetch(port, "/").body.decode()):
        assert time.monotonic() < deadline, page
        time.sleep(0.5)
    return page


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def test_a_taken_port_is_passed_over(interrupted: Interrupted) -> None:
    assert interrupted.address != f"http://localhost:{interrupted.taken_port}"
    assert interrupted.address in interrupted.said
    assert interrupted.answer == 200


def test_a_second_run_points_to_the_first(interrupted: Interrupted) -> None:
    assert interrupted.address in interrupted.second


def test_the_letters_of_the_demo_go_to_an_emulated_mailgun_and_can_be_read(
    bare: dict[str, str], interrupted: Interrupted
) -> None:
    assert "@example.lv" in interrupted.inbox
    files = list((Path(bare["VAR_DIR"]) / "mail").iterdir())
    assert any("To: " in path.read_text() for path in files)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert "emulated Mailgun" in interrupted.said


def test_an_interrupt_ends_everything(interrupted: Interrupted) -> None:
    assert len(interrupted.processes) > 8, "the search does not find the site's processes"
    assert interrupted.left == []
    assert interrupted.status == 0


def test_the_next_run_finds_the_data_again_and_checks_itself(bare: dict[str, str], interrupted: Interrupted) -> None:
    made = (Path(bare["VAR_DIR"]) / "postgres" / "PG_VERSION").stat().st_mtime_ns
    argv = [str(RUN), "--check", "--port", "0"]
    done = subprocess.run(argv, cwd="/", env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Seeding" not in done.stdout
    assert (Path(bare["VAR_DIR"]) / "postgres" / "PG_VERSION").stat().st_mtime_ns == made
    assert left_behind(bare) == []


def test_a_killed_runner_leaves_no_process_behind(bare: dict[str, str]) -> None:
    with running(bare, "--port", "0") as process:
        note(bare, process)
        process.kill()
    wait_until_gone(bare)
    log = (Path(bare["VAR_DIR"]) / "log" / "postgres.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_a_taken_port_leads_to_the_next() -> None:
    with supervise.listen(0) as first:
        port = first.getsockname()[1]
        with supervise.listen(port) as second:
            assert second.getsockname()[1] > port
