"""PostgreSQL takes no more connections: said, and the site comes back by itself (F14)."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from runner import children, places, supervise
from tests.database import as_owner
from tests.faults.test_stores import end_all_other_sessions
from tests.worker import site_environment

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def web() -> Iterator[int]:
    """The port of gunicorn as the site runs it, on the test's database."""
    listener = supervise.listen(0)
    child = children.spawn(
        "web",
        [sys.executable, "-E", "-m", *supervise.WEB, "--bind", f"fd://{listener.fileno()}"],
        env=site_environment() | {"LOG_LEVEL": "WARNING", "ALLOWED_HOSTS": "localhost"},
        output=subprocess.DEVNULL,
        cwd=places.PROJECT,
        pass_fds=(listener.fileno(),),
    )
    yield int(listener.getsockname()[1])
    children.stop(child)
    listener.close()


def let_in(connections: int) -> None:
    """Of this lane's database alone: a limit of the role would shut out the tests beside it."""
    with as_owner(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} CONNECTION LIMIT {connections}")


def status_of_a_page_that_asks_the_database(port: int) -> tuple[int, str]:
    headers = {"Host": "localhost", "Cookie": f"{settings.SESSION_COOKIE_NAME}={'x' * 32}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{reverse('account')}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers.get("Retry-After", "")


@pytest.mark.requirement("F14")
def test_without_a_connection_left_the_site_says_so_and_recovers_alone(web: int) -> None:
    deadline = time.monotonic() + 60
    while status_of_a_page_that_asks_the_database(web)[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    let_in(0)
    try:
        end_all_other_sessions()
        status, wait = status_of_a_page_that_asks_the_database(web)
        # Five minutes where the closed site says it, which could not ask whether it may be open.
        assert (status, wait in {"60", "300"}) == (503, True)
        assert supervise.fetch(web, "/healthz").status == 200
    finally:
        let_in(-1)
    assert status_of_a_page_that_asks_the_database(web)[0] == 200
