"""The commands as a stranger meets them: an empty environment, a taken port, Ctrl-C, and a runner that is killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from runner import supervise
from runner.places import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.xdist_group("process-sets")]

START_PATIENCE: Final = 120.0
END_PATIENCE: Final = 30.0


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Nothing but a path, an empty home, and state of its own beside that of a site that may be running."""
    home = tmp_path_factory.mktemp("home")
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "VAR_DIR": str(home / "var")}


@contextlib.contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    argv = [str(PROJECT / "bin" / "run"), *arguments]
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


def test_a_taken_port_is_passed_over_a_second_run_points_to_the_first_and_an_interrupt_ends_all(
    bare: dict[str, str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(bare, "--port", str(port)) as first:
            address = note(bare, first)["address"]
            assert address != f"http://localhost:{port}"
            assert urllib.request.urlopen(f"{address}/healthz", timeout=10).status == 200
            second = subprocess.run(
                [PROJECT / "bin" / "run"], cwd="/", env=bare, capture_output=True, text=True, check=True
            )
            assert address in second.stdout
            assert len(left_behind(bare)) > 5  # the search below can find them
            first.send_signal(signal.SIGINT)
            said, _ = first.communicate(timeout=60)
    assert first.returncode == 0, said
    assert address in said
    assert left_behind(bare) == []


def test_the_next_run_finds_the_data_again_and_checks_itself(bare: dict[str, str]) -> None:
    made = (Path(bare["VAR_DIR"]) / "postgres" / "PG_VERSION").stat().st_mtime_ns
    argv = [str(PROJECT / "bin" / "run"), "--check", "--port", "0"]
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
