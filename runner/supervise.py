"""The process set of the site: web, worker and beat, started in order, watched, and stopped in the reverse order."""

import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runner import children, places
from runner.children import Child
from runner.trouble import Trouble

DEFAULT_PORT: Final = 8000
HOST: Final = "127.0.0.1"

# The three programs, as arguments of `python -m`; docker-compose.yml runs the same.
WEB: Final = (
    *("gunicorn", "qlekta.wsgi:application", "--worker-class", "gthread", "--workers", "2", "--threads", "8"),
    *("--graceful-timeout", "5", "--no-control-socket"),
)
WORKER: Final = (
    *("celery", "--quiet", "-A", "qlekta", "worker", "--pool", "prefork", "--concurrency", "2"),
    *("--queues", "celery,mail,erasure,export", "--loglevel", "WARNING"),
)
BEAT: Final = ("celery", "--quiet", "-A", "qlekta", "beat", "--loglevel", "WARNING")

_PORTS_TRIED: Final = 100
_WEB_PATIENCE: Final = 60.0
_HEARTBEAT_PATIENCE: Final = 90.0
_STOP_PATIENCE: Final = 12.0

Output = Callable[[str], int]


@dataclass(slots=True)
class Site:
    """The running site: `environment` holds the stores' addresses, `output` gives each process a place to write."""

    environment: Mapping[str, str]
    var: Path
    output: Output
    listener: socket.socket
    children: list[Child] = field(default_factory=list, init=False)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def address(self) -> str:
        return address_of(self.listener)

    def start(self) -> None:
        """Start web and wait until it answers, then worker and beat."""
        descriptor = self.listener.fileno()
        # Bound here, not by gunicorn: nobody can take the port between our choice and its start.
        self._spawn("web", [*WEB, "--bind", f"fd://{descriptor}"], pass_fds=(descriptor,))
        self._wait_for_web()
        self._spawn("worker", WORKER)
        schedule = places.private_directory(self.var / "beat") / "schedule"
        self._spawn("beat", [*BEAT, "--schedule", str(schedule)])

    def stop(self) -> None:
        """Stop beat first and web last, so that nothing new is begun while work in hand is finished."""
        for child in reversed(self.children):
            children.stop(child, patience=_STOP_PATIENCE)
        self.children.clear()
        self.listener.close()

    def _spawn(self, name: str, argv: tuple[str, ...] | list[str], pass_fds: tuple[int, ...] = ()) -> None:
        output = self.output(name)
        try:
            words = [sys.executable, "-m", *argv]
            child = children.spawn(
                name, words, env=self.environment, output=output, cwd=places.PROJECT, pass_fds=pass_fds
            )
        finally:
            os.close(output)
        self.children.append(child)

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + _WEB_PATIENCE
        while time.monotonic() < deadline and self.children[0].is_alive:
            if fetch(self.port, "/healthz").status == 200:
                return
            time.sleep(0.1)
        raise Trouble("The web server did not answer /healthz; its last lines are above.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe got: the HTTP status, 0 where nobody answered, and the body."""

    status: int
    body: bytes = b""


def fetch(port: int, path: str, *, host: str = "localhost") -> Answer:
    """Make one plain request to the site on this machine, in the name of `host`."""
    request = urllib.request.Request(f"http://{HOST}:{port}{path}", headers={"Host": host})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return Answer(response.status, response.read())
    except urllib.error.HTTPError as refusal:
        return Answer(refusal.code, refusal.read())
    except OSError:
        return Answer(0)


def heartbeat(port: int) -> str:
    """Return the time at which beat last made the worker do something, as /readyz tells it, or an empty string."""
    try:
        return str(json.loads(fetch(port, "/readyz").body)["checks"]["scheduler"]["last"] or "")
    except (ValueError, KeyError):
        return ""


def wait_for_heartbeat(port: int, *, since: str, still_alive: Callable[[], None]) -> None:
    """Wait until the heartbeat differs from `since`, the one before this start."""
    deadline = time.monotonic() + _HEARTBEAT_PATIENCE
    while time.monotonic() < deadline:
        still_alive()
        if heartbeat(port) not in ("", since):
            return
        time.sleep(1)  # an unready site logs every question
    raise Trouble(f"Beat made the worker do nothing in {_HEARTBEAT_PATIENCE:.0f} seconds.")


def address_of(listener: socket.socket) -> str:
    """Return what people type to get to the site; a name, not a number: passkeys do not work on numbers."""
    return f"http://localhost:{listener.getsockname()[1]}"


def listen(port: int = DEFAULT_PORT) -> socket.socket:
    """Return a listening socket on `port`, or on the next free one; 0 lets the system choose."""
    for candidate in range(port, port + _PORTS_TRIED):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            listener.listen(128)
        except OSError:
            listener.close()
        else:
            return listener
    raise Trouble(f"No free port between {port} and {port + _PORTS_TRIED - 1}; name another with --port.")
