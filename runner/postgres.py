"""A private PostgreSQL: unix socket only, foreground child, kept in `var/postgres` or thrown away."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from runner import binaries, children
from runner.children import Word
from runner.trouble import Trouble

DATABASE = "qlekta"
OWNER = "qlekta"
SITE_GROUP = "qlekta_site"
SITE_LOGIN = "qlekta_web"

_START_PATIENCE = 120.0  # recovery after a crash reads the whole write-ahead log
_STOP_PATIENCE = 30.0
_BUILTIN_LOCALES_SINCE = 17

# What may be lost with the machine is what tests throw away anyhow.
_THROW_AWAY_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)
# A look for one person's visits touches 150 days with their indexes, and each is a lock while it lasts.
_LOCKS = "max_locks_per_transaction=256"
# What was deleted leaves the log of changes, too: a new file of it at least each hour, and old ones are removed.
_FORGETS = ("wal_recycle=off", "archive_timeout=3600")
# Migrations give their grants to the group; the site logs in as a member of it and owns nothing.
_ROLES = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SITE_GROUP}') THEN
        CREATE ROLE {SITE_GROUP} NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SITE_LOGIN}') THEN
        CREATE ROLE {SITE_LOGIN} LOGIN IN ROLE {SITE_GROUP};
    END IF;
END
$$
"""


@dataclass(slots=True)
class Postgres:
    """One cluster: its data, the directory of its socket, its log; `durable` is False for tests."""

    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    child: children.Child | None = field(default=None, init=False)

    @property
    def exists(self) -> bool:
        """Say whether the cluster has been created before."""
        return (self.data / "PG_VERSION").exists()

    def start(self) -> None:
        """Create the cluster, its roles and its database where they are missing, and wait until it answers."""
        programs = binaries.postgres_directory()
        major = binaries.postgres_major(programs)
        self._wait_for_predecessor()
        if not self.exists:
            self._initialise(programs, major)
        self._refuse_other_major(programs, major)
        self._launch(programs)
        self._wait_until_ready(programs)
        self._create_roles_and_database(programs)

    def stop(self) -> None:
        """Shut down fast: sessions are ended, nothing committed is lost."""
        if self.child is not None:
            children.stop(self.child, how=signal.SIGINT, patience=_STOP_PATIENCE)

    def url(self, login: str) -> str:
        """Return the address for `login`, one of `OWNER` and `SITE_LOGIN`."""
        return f"postgres://{login}@{quote(str(self.sockets), safe='')}/{DATABASE}"

    def _initialise(self, programs: Path, major: int) -> None:
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700, parents=True)
        locale = ["--locale=C.UTF-8"]
        if major >= _BUILTIN_LOCALES_SINCE:
            locale.append("--locale-provider=builtin")
        argv: list[Word] = [
            programs / "initdb",
            "-D",
            fresh,
            "-U",
            OWNER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-instructions",
        ]
        self._run([*self._prefix(fresh), *argv, *locale, *([] if self.durable else ["--no-sync"])])
        fresh.rename(self.data)  # a cluster exists whole or not at all

    def _refuse_other_major(self, programs: Path, major: int) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(major):
            raise Trouble(
                f"{self.data} was made by PostgreSQL {found}, the programs in {programs} are {major}: "
                f"name version {found} in QLEKTA_PG_BIN, or move the directory away to begin anew."
            )

    def _launch(self, programs: Path) -> None:
        settings = [
            "listen_addresses=",
            "timezone=UTC",
            "log_timezone=UTC",
            "unix_socket_permissions=0700",
            _LOCKS,
            *_FORGETS,
        ]
        if not self.durable:
            settings.extend(_THROW_AWAY_SETTINGS)
        argv: list[Word] = [*self._prefix(self.data), programs / "postgres", "-D", self.data, "-k", self.sockets]
        for setting in settings:
            argv.extend(("-c", setting))
        with self.log.open("ab") as output:
            self.child = children.spawn(
                "postgres", argv, env=_environment(), output=output, death_signal=signal.SIGINT, cwd=self.data
            )

    def _wait_until_ready(self, programs: Path) -> None:
        deadline = time.monotonic() + _START_PATIENCE
        while time.monotonic() < deadline:
            if self.child is None or not self.child.is_alive:
                break
            if self._answers(programs):
                return
            time.sleep(0.05)
        raise Trouble(f"PostgreSQL did not start. The end of {self.log}:\n{tail(self.log)}")

    def _answers(self, programs: Path) -> bool:
        argv: list[Word] = [programs / "pg_isready", "-q", "-t", "1", "-h", self.sockets, "-U", OWNER, "-d", "postgres"]
        return subprocess.run(argv, env=_environment(), capture_output=True, check=False).returncode == 0

    def _create_roles_and_database(self, programs: Path) -> None:
        self._query(programs, _ROLES)
        if not self._query(programs, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):
            self._query(programs, f"CREATE DATABASE {DATABASE}")

    def _query(self, programs: Path, statement: str) -> str:
        argv: list[Word] = [
            programs / "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.sockets,
            "-U",
            OWNER,
        ]
        return self._run([*argv, "-d", "postgres", "-c", statement])

    def _wait_for_predecessor(self) -> None:
        # A runner that was killed leaves a server that is just shutting down; its pid file also survives a power cut,
        # when the number may meanwhile belong to some other process.
        mark = self.data / "postmaster.pid"
        deadline = time.monotonic() + _STOP_PATIENCE
        while mark.exists() and self._is_our_server(mark):
            if time.monotonic() > deadline:
                raise Trouble(f"Another PostgreSQL is still running on {self.data} (see {mark}).")
            time.sleep(0.1)
        mark.unlink(missing_ok=True)

    def _is_our_server(self, mark: Path) -> bool:
        try:
            pid = int(mark.read_text().split("\n", 1)[0])
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == self.data.resolve()
        except (OSError, ValueError):
            return False

    def _prefix(self, directory: Path) -> tuple[str, ...]:
        """PostgreSQL refuses root and users without a name: it is lent nobody's identity, the files stay ours."""
        if _is_ordinary(os.geteuid()):
            return ()
        if (words := children.in_user_namespace()) or os.geteuid() != 0:
            return words
        for path in (directory, *directory.rglob("*")):
            os.lchown(path, children.NOBODY, -1)
        os.chown(self.sockets, children.NOBODY, -1)
        return children.as_nobody(signal.SIGINT)

    def _run(self, argv: Sequence[Word]) -> str:
        done = subprocess.run(
            [str(word) for word in argv],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=children.dies_with_parent(signal.SIGTERM),
        )
        if done.returncode:
            raise Trouble(f"PostgreSQL refused:\n{done.stderr.strip()}")
        return done.stdout.strip()


def _is_ordinary(user: int) -> bool:
    try:
        return pwd.getpwuid(user).pw_uid != 0
    except KeyError:  # as in containers that choose any number
        return False


def tail(path: Path, lines: int = 15) -> str:
    """Return the last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def _environment() -> dict[str, str]:
    # PGDATA, PGHOST and their kin of the user's own shell must not lead our programs elsewhere.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8"}
