"""A worker that is told to end writes what its queue still holds."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.db import connection

from runner import children, places, supervise
from runner.postgres import SITE_LOGIN
from visits.models import Visit

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


@pytest.mark.requirement("F3")
def test_sigterm_loses_no_visit(web: tuple[int, children.Child]) -> None:
    port, child = web
    deadline = time.monotonic() + 60
    while supervise.fetch(port, "/healthz").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    for number in range(20):
        assert supervise.fetch(port, f"/nowhere/{number}/").status == 404
    child.process.send_signal(signal.SIGTERM)
    child.process.wait(20)
    assert Visit.objects.count() == 20
    assert set(Visit.objects.values_list("status", flat=True)) == {404}
