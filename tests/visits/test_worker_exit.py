"""A worker that is told to end writes what its queue still holds; one that is killed loses a second at most."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from runner import children, places, supervise
from runner.postgres import SITE_LOGIN
from visits.buffer import INTERVAL_SECONDS
from visits.models import Visit

WRITING = 2.5
"""How long, in seconds, one batch may take to be written on a machine with other work."""

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def web() -> Iterator[tuple[int, children.Child]]:
    """gunicorn as the site runs it, on the test's database."""
    host, name = connection.settings_dict["HOST"], connection.settings_dict["NAME"]
    listener = supervise.listen(0)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "qlekta.settings",
        "DATABASE_URL": f"postgres://{SITE_LOGIN}@{quote(str(host), safe='')}/{name}",
        "LOG_LEVEL": "WARNING",
        "ALLOWED_HOSTS": "localhost",
    }
    child = children.spawn(
        "web",
        [sys.executable, "-E", "-m", *supervise.WEB, "--bind", f"fd://{listener.fileno()}"],
        env=env,
        output=subprocess.DEVNULL,
        cwd=places.PROJECT,
        pass_fds=(listener.fileno(),),
    )
    yield int(listener.getsockname()[1]), child
    children.stop(child)
    listener.close()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while supervise.fetch(port, "/healthz").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.requirement("F1")
def test_kill_9_loses_at_most_the_last_second(web: tuple[int, children.Child]) -> None:
    port, child = web
    wait_for(port)
    workers = [
        int(pid) for pid in Path(f"/proc/{child.process.pid}/task/{child.process.pid}/children").read_text().split()
    ]
    asked: list[float] = []
    begun = time.monotonic()
    while time.monotonic() - begun < INTERVAL_SECONDS + 2 * WRITING:
        assert supervise.fetch(port, f"/nowhere/{len(asked) + 1}/").status == 404
        asked.append(time.monotonic())
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    children.stop(child)
    kept = {int(path.split("/")[2]) for path in Visit.objects.values_list("path", flat=True)}
    older = {number for number, at in enumerate(asked, start=1) if killed - at > INTERVAL_SECONDS + WRITING}
    assert len(older) >= 2, "nothing was asked long enough before the end"
    assert older <= kept


@pytest.mark.requirement("F3")
def test_sigterm_loses_no_visit(web: tuple[int, children.Child]) -> None:
    port, child = web
    wait_for(port)
    for number in range(20):
        assert supervise.fetch(port, f"/nowhere/{number}/").status == 404
    child.process.send_signal(signal.SIGTERM)
    child.process.wait(20)
    assert Visit.objects.count() == 20
    assert set(Visit.objects.values_list("status", flat=True)) == {404}
