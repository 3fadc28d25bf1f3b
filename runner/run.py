"""`bin/run`: the whole site on this machine, from empty directory to Ctrl-C."""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from runner import children, database, escrow, google, mail, narrator, places, stores, supervise
from runner.narrator import say
from runner.trouble import Trouble

# Migrations and published texts belong to the owner of the tables; the demo is the work of the site itself.
AS_OWNER: Final = ("migrate", "migrate_visits", "publish_texts", "make_partitions", "roles --apply")
AS_SITE: Final = ("seed_demo",)

_LOCK: Final = places.VAR / "run.lock"
_NOTE: Final = places.VAR / "run.json"
# Written after seeding: a person of the demo who was erased must not come back with the next start.
_DEMO: Final = places.VAR / "demo.txt"
# A stopping worker gives its task back to the queue at once; root is warned by us, in the README, not at every start.
_CELERY: Final = {"REMAP_SIGTERM": "SIGQUIT", "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
_NEIGHBOUR_PATIENCE: Final = 180.0


class Stopped(Exception):
    """The first of SIGINT, SIGTERM and SIGHUP; later ones find us already stopping."""


def main() -> int:
    """Start everything and watch it; with `--check` only until it has been seen to work."""
    options = _parser().parse_args()
    places.private_directory(places.VAR)
    _stop_on_signals()
    try:
        with places.locked(_LOCK) as ours:
            return _run(options) if ours else _point_to_neighbour(check=options.check)
    except Stopped:
        say("Everything is stopped; the data stay in var/.")
        return 0
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/run", description="Runs the site on this machine until Ctrl-C.")
    parser.add_argument(
        "--port", type=int, default=supervise.DEFAULT_PORT, help="first port to try, default %(default)s; 0 for any"
    )
    parser.add_argument("--check", action="store_true", help="start, see that everything works, stop; exits 0 or 1")
    return parser


def _run(options: argparse.Namespace) -> int:
    _NOTE.unlink(missing_ok=True)
    say("Starting PostgreSQL and Valkey.")
    with running_stores() as (owner, site, watched):
        say("Migrating.")
        prepare(AS_OWNER, owner)
        listener = supervise.listen(options.port)
        # The letters of the demo lead to where the site will be.
        log_ins = demo({**site, "SITE_URL": supervise.address_of(listener)}) if watched else ""
        with (
            mail.emulated(site, var=places.VAR, output=narrator.voice) as letters,
            escrow.emulated(site, listener=listener, var=places.VAR, output=narrator.voice) as held,
            google.emulated(site, var=places.VAR, output=narrator.voice) as counting,
            running_site(
                {**site, **letters.environment, **held.environment, **counting.environment}, listener=listener
            ) as running,
        ):
            before = supervise.heartbeat(running.port)
            note = {"address": running.address, "port": running.port, "pid": os.getpid(), "inbox": letters.inbox}
            _NOTE.write_text(json.dumps(note))
            try:
                everyone = [*watched, *letters.children, *held.children, *counting.children, *running.children]
                if options.check:
                    return _check(running.port, before, everyone)
                if letters.inbox:
                    log_ins += f"\nMail goes to an emulated Mailgun: read it at {letters.inbox}"
                say(f"\n{log_ins}\nQlekta is at {running.address}/ (stop with Ctrl-C).\n")
                while True:
                    alive(everyone)
                    time.sleep(0.5)
            finally:
                _NOTE.unlink(missing_ok=True)


@contextlib.contextmanager
def running_stores() -> Iterator[tuple[Mapping[str, str], Mapping[str, str], tuple[children.Child, ...]]]:
    """Lend the environment of the owner, that of the site, and what must stay alive."""
    base = {**os.environ, "QLEKTA_ENV": os.environ.get("QLEKTA_ENV", "development")}
    if "DATABASE_URL" in base and "REDIS_URL" in base:
        say("Using the stores named by DATABASE_URL and REDIS_URL.")
        yield database.as_owner(base), base, ()
        return
    embedded = stores.kept()
    if not embedded.postgres.exists:
        _DEMO.unlink(missing_ok=True)
    try:
        embedded.start()
        yield database.as_owner(base) | embedded.owner_environment, base | embedded.site_environment, embedded.children
    finally:
        embedded.stop()
        with contextlib.suppress(OSError):  # not empty: something of it is still in use
            embedded.postgres.sockets.rmdir()


@contextlib.contextmanager
def running_site(
    environment: Mapping[str, str],
    *,
    listener: socket.socket,
    var: Path = places.VAR,
    output: supervise.Output = narrator.voice,
) -> Iterator[supervise.Site]:
    """Lend the site that answers on `listener`; it is stopped afterwards whatever happens."""
    places.private_directory(var / "static")  # collected only in production; WhiteNoise wants to see it
    address = {"SITE_URL": supervise.address_of(listener), "VAR_DIR": str(var)}
    site = supervise.Site({**environment, **address, **_CELERY}, var, output, listener)
    try:
        site.start()
        yield site
    finally:
        site.stop()


def prepare(commands: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Run management commands in one process and return what they said; a failing one ends the start."""
    done = subprocess.run(
        [sys.executable, "-m", "qlekta.prepare", *commands],
        cwd=places.PROJECT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=children.dies_with_parent(signal.SIGTERM),
    )
    if done.returncode:
        raise Trouble(
            f"{done.stdout}{done.stderr}\nThe start failed in one of: {', '.join(commands)}. The output is above."
        )
    return done.stdout.strip()


def demo(environment: Mapping[str, str]) -> str:
    """Seed the demo once in the life of the embedded database, and return its log-ins every time."""
    if not _DEMO.exists():
        say("Seeding the demo.")
        said = prepare(AS_SITE, environment)
        _DEMO.write_text(f"{said}\n")
    return _DEMO.read_text().strip()


def alive(everyone: list[children.Child]) -> None:
    """Raise when one of the processes has ended by itself."""
    for child in everyone:
        if not child.is_alive:
            raise Trouble(f"{child.name} ended by itself with status {child.process.returncode}; the rest is stopped.")


def _check(port: int, before: str, everyone: list[children.Child]) -> int:
    supervise.wait_for_heartbeat(port, since=before, still_alive=lambda: alive(everyone))
    page = supervise.fetch(port, "/")
    if page.status != 200:
        raise Trouble(f"The first page answered {page.status or 'nothing'} instead of 200.")
    say("Checked: the site answers, and beat made the worker do something.")
    return 0


def _point_to_neighbour(*, check: bool) -> int:
    deadline = time.monotonic() + _NEIGHBOUR_PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(_NOTE.read_text())
            say(f"Qlekta already runs at {found['address']}/ (process {found['pid']}).")
            return _check(found["port"], supervise.heartbeat(found["port"]), []) if check else 0
        time.sleep(0.2)
    raise Trouble(f"Another bin/run holds {_LOCK} but has not got ready.")


def _stop_on_signals() -> None:
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stopped(*_: object) -> None:
        for number in wanted:
            signal.signal(number, signal.SIG_IGN)
        say("\nStopping.")
        raise Stopped

    for number in wanted:
        signal.signal(number, stopped)


if __name__ == "__main__":
    sys.exit(main())
