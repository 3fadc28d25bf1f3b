"""The site under gunicorn, as benchmarks ask it for pages."""

import contextlib
import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.stage import Stage
from runner import children, places, supervise

FULL: Final = "qlekta.settings"


@dataclass(frozen=True, slots=True)
class Served:
    """A running site."""

    port: int
    pid: int


@contextlib.contextmanager
def served(here: Stage, settings: str) -> Iterator[Served]:
    """The site under gunicorn with these settings, until the block ends."""
    listener = supervise.listen(18000)
    descriptor = listener.fileno()
    words = [sys.executable, "-E", "-m", *supervise.WEB, "--bind", f"fd://{descriptor}"]
    env = {**here.site, "DJANGO_SETTINGS_MODULE": settings}
    child = children.spawn(
        settings, words, env=env, output=subprocess.DEVNULL, cwd=places.PROJECT, pass_fds=(descriptor,)
    )
    try:
        port = int(listener.getsockname()[1])
        _wait(port)
        yield Served(port, child.process.pid)
    finally:
        children.stop(child)
        listener.close()


def ask(connection: http.client.HTTPConnection, path: str, *, cookie: str = "") -> float:
    """The seconds that a page took, asked for as a browser does."""
    headers = {
        "Host": f"localhost:{connection.port}",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        **({"Cookie": cookie} if cookie else {}),
    }
    begun = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - begun
    if answer.status != http.client.OK:
        raise RuntimeError(f"{path} answered {answer.status}.")
    return seconds


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while supervise.fetch(port, "/healthz").status != http.client.OK:
        if time.monotonic() > deadline:
            raise SystemExit("The site did not start.")
        time.sleep(0.1)
