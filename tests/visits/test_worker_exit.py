"""A worker that is told to end writes what its queue still holds; one that is killed loses a second at most."""

import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.urls import reverse

from runner import children, supervise
from runner.postgres import SITE_LOGIN
from tests.web import serving
from visits.buffer import INTERVAL_SECONDS
from visits.databases import ALIAS, is_apart
from visits.models import Visit

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.django_db(transaction=True)]


def address(alias: str) -> str:
    """One of the test's databases as the site logs in there."""
    named = connections[alias].settings_dict
    return f"postgres://{SITE_LOGIN}@{quote(str(named['HOST']), safe='')}/{named['NAME']}"


@pytest.fixture
def web() -> Iterator[tuple[int, children.Child]]:
    """gunicorn as the site runs it, on the test's database."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "qlekta.settings",
        "DATABASE_URL": address(DEFAULT_DB_ALIAS),
        "VISITS_DATABASE_URL": address(ALIAS) if is_apart() else "",
        "LOG_LEVEL": "WARNING",
        "ALLOWED_HOSTS": "localhost",
    }
    with serving(environment) as running:
        yield running


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
    for number in range(1, 4):
        assert supervise.fetch(port, f"/nowhere/{number}/").status == 404
    # Nothing more is asked: they are written because their second is over, not because others follow.
    wait_until_kept({1, 2, 3})
    assert supervise.fetch(port, "/nowhere/4/").status == 404
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    children.stop(child)
    assert kept() >= {1, 2, 3}
    assert INTERVAL_SECONDS <= 1


def kept() -> set[int]:
    return {int(path.split("/")[2]) for path in Visit.objects.values_list("path", flat=True)}


def wait_until_kept(numbers: set[int]) -> None:
    deadline = time.monotonic() + 60
    while not kept() >= numbers:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def ask_with_a_session(port: int) -> int:
    headers = {"Host": "localhost", "Cookie": f"{settings.SESSION_COOKIE_NAME}={'x' * 32}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{reverse('account_login')}", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(answer.status)


def wait_until_somebody_waits() -> None:
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'django_session'::regclass")
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.05)
    raise AssertionError("Nobody asked for the session.")


@pytest.mark.requirement("F3", "O4")
def test_sigterm_loses_no_visit_and_lets_a_request_in_flight_finish(web: tuple[int, children.Child]) -> None:
    port, child = web
    wait_for(port)
    for number in range(20):
        assert supervise.fetch(port, f"/nowhere/{number}/").status == 404
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
            slow = pool.submit(ask_with_a_session, port)
            wait_until_somebody_waits()
            child.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert not slow.done()
        assert slow.result() == 200
    child.process.wait(20)
    assert Visit.objects.count() == 21
    assert set(Visit.objects.values_list("status", flat=True)) == {404, 200}
