"""PostgreSQL and Valkey together: kept in `var/` for the site, or thrown away after tests."""

import atexit
import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runner import places
from runner.children import Child
from runner.postgres import OWNER, SITE_LOGIN, Postgres
from runner.valkey import Valkey


@dataclass(frozen=True, slots=True)
class Stores:
    """Both servers and the addresses under which Django finds them."""

    postgres: Postgres
    valkey: Valkey

    @property
    def owner_environment(self) -> dict[str, str]:
        """Return the addresses for migrations, which run as the owner of the tables."""
        return self._environment(OWNER)

    @property
    def site_environment(self) -> dict[str, str]:
        """Return the addresses for web, worker and beat, whose role owns nothing."""
        return self._environment(SITE_LOGIN)

    @property
    def children(self) -> tuple[Child, ...]:
        return tuple(child for child in (self.postgres.child, self.valkey.child) if child is not None)

    def start(self) -> None:
        """Start both; when one fails the other is stopped again."""
        try:
            self.postgres.start()
            self.valkey.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both, the database last."""
        self.valkey.stop()
        self.postgres.stop()

    def _environment(self, login: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url(login),
            "REDIS_URL": self.valkey.broker_url,
            "CACHE_URL": self.valkey.cache_url,
        }


def kept(var: Path = places.VAR) -> Stores:
    """Return the stores of the site, whose data stay in `var/` from run to run."""
    log = places.private_directory(var / "log")
    sockets = places.socket_directory(var)
    return Stores(
        Postgres(var / "postgres", sockets, log / "postgres.log"),
        Valkey(var / "valkey", sockets, log / "valkey.log"),
    )


@contextlib.contextmanager
def throw_away() -> Iterator[tuple[Stores, Path]]:
    """Lend running stores that are gone afterwards, and their directory with room for `var`."""
    with places.throw_away_directory() as directory:
        sockets = places.private_directory(directory / "s")
        stores = Stores(
            Postgres(directory / "postgres", sockets, directory / "postgres.log", durable=False),
            Valkey(directory / "valkey", sockets, directory / "valkey.log", durable=False),
        )
        stores.start()
        try:
            yield stores, directory
        finally:
            stores.stop()


def for_this_process() -> tuple[Stores, Path]:
    """Start throw-away stores that end with this process; its forked children must not end them."""
    stack = contextlib.ExitStack()
    lent = stack.enter_context(throw_away())
    owner = os.getpid()

    def close() -> None:
        if os.getpid() == owner:
            stack.close()

    atexit.register(close)
    return lent
