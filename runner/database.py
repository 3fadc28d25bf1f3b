"""The database of the site as its own tools see it: the embedded one, or the one that DATABASE_URL names."""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import unquote, urlsplit

from runner import binaries, places, stores
from runner.children import Word
from runner.trouble import Trouble

SITE: Final = "DATABASE_URL"
VISITS: Final = "VISITS_DATABASE_URL"
LOCK = places.VAR / "run.lock"


@dataclass(frozen=True, slots=True)
class Database:
    """Where PostgreSQL's programs find the database, and the settings with which commands run as owner and as site."""

    url: str
    owner: Mapping[str, str]
    site: Mapping[str, str]

    @property
    def visits(self) -> str:
        """The address of the visit log's own database; empty where it has none."""
        return self.owner.get(VISITS, "")

    def run(self, program: str, *arguments: Word, stdin: IO[bytes] | int = subprocess.DEVNULL, url: str = "") -> bytes:
        """Run one of PostgreSQL's programs on this database, or on that of `url`, and return what it wrote.

        Raises Trouble.
        """
        argv = [str(word) for word in (_program(program), *arguments)]
        done = subprocess.run(argv, env=connection(url or self.url), stdin=stdin, capture_output=True, check=False)
        if done.returncode:
            raise Trouble(f"{program} failed:\n{done.stderr.decode(errors='replace').strip()}")
        return done.stdout


@contextlib.contextmanager
def lent(*, alone: bool, var: Path = places.VAR) -> Iterator[Database]:
    """Lend the database; the embedded one is started if it does not run. With `alone` a running site is refused."""
    if os.environ.get("DATABASE_URL"):
        owner = as_owner(os.environ)
        yield Database(owner["DATABASE_URL"], owner, dict(os.environ))
        return
    embedded = stores.kept(var)
    if not embedded.postgres.exists and not alone:
        raise Trouble(f"There is no database in {var}: start bin/run once, or name one in DATABASE_URL.")
    places.private_directory(var)
    found = of_stores(embedded)
    with places.locked(LOCK if var == places.VAR else var / "run.lock") as ours:
        if ours:
            embedded.start()
        elif alone:
            raise Trouble("The site is running on this database: stop bin/run first.")
        try:
            yield found
        finally:
            if ours:
                embedded.stop()


def of_stores(lent_stores: stores.Stores) -> Database:
    """The database of embedded stores."""
    base = {**os.environ, "QLEKTA_ENV": os.environ.get("QLEKTA_ENV", "development")}
    owner = lent_stores.owner_environment
    return Database(owner["DATABASE_URL"], as_owner(base) | owner, base | lent_stores.site_environment)


def as_owner(environment: Mapping[str, str]) -> dict[str, str]:
    """The same environment with the log-ins of the tables' owner, where those are named."""
    owners = {name: environment[f"OWNER_{name}"] for name in (SITE, VISITS) if environment.get(f"OWNER_{name}")}
    return {**environment, **owners}


def connection(url: str) -> dict[str, str]:
    """The address as libpq's own variables: a password on a command line is read by everybody on the machine."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    is_socket = netloc.lower().startswith("%2f")
    values = {
        "PGHOST": unquote(netloc.partition(":")[0]) if is_socket else parts.hostname or "localhost",
        "PGPORT": "" if is_socket else str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8", **{name: value for name, value in values.items() if value}}


def program(name: str) -> Path:
    """The path of one of PostgreSQL's programs. Raises Trouble."""
    return _program(name)


def _program(name: str) -> Path:
    found = binaries.postgres_directory() / name
    if not os.access(found, os.X_OK):
        raise Trouble(
            f"{found} is missing: install PostgreSQL's client programs, or name their place in QLEKTA_PG_BIN."
        )
    return found


def stream(words: Sequence[Word], url: str) -> "subprocess.Popen[bytes]":
    """Start one of PostgreSQL's programs whose output another one reads."""
    argv = [str(word) for word in words]
    return subprocess.Popen(argv, env=connection(url), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
