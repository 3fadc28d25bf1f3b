"""The stage for a benchmark: stores of its own, migrated, thrown away at the end."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import psycopg2

from runner import places, stores
from runner.postgres import DATABASE, OWNER, Postgres
from runner.valkey import Valkey


@dataclass(frozen=True, slots=True)
class Stage:
    """Running stores and the environments in which processes find them."""

    directory: Path
    owner: dict[str, str]
    site: dict[str, str]
    postgres: Postgres = field(repr=False)

    def enter_django(self) -> None:
        """Makes this process a process of the site, with the site's own privileges."""
        os.environ |= self.site
        django.setup()

    @contextlib.contextmanager
    def owner_cursor(self) -> Iterator[Any]:
        """For what only the owner may do: CHECKPOINT, VACUUM, tables to compare with; each statement commits."""
        connection = psycopg2.connect(host=str(self.postgres.sockets), user=OWNER, dbname=DATABASE)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


@contextlib.contextmanager
def stage(*, durable: bool) -> Iterator[Stage]:
    """Lends migrated stores; `durable` writes as the real site does, else as fast as the machine can."""
    with places.throw_away_directory() as directory:
        sockets = places.private_directory(directory / "s")
        lent = stores.Stores(
            Postgres(directory / "postgres", sockets, directory / "postgres.log", durable=durable),
            Valkey(directory / "valkey", sockets, directory / "valkey.log", durable=False),
        )
        lent.start()
        try:
            yield _migrated(lent, directory)
        finally:
            lent.stop()


def _migrated(lent: stores.Stores, directory: Path) -> Stage:
    common = {
        "QLEKTA_ENV": "development",
        "DJANGO_SETTINGS_MODULE": "qlekta.settings",
        "VAR_DIR": str(places.private_directory(directory / "var")),
        "LOG_LEVEL": "WARNING",
    }
    owner = {**os.environ, **lent.owner_environment, **common}
    words = [sys.executable, "-E", "-m", "qlekta.prepare", "migrate --verbosity 0", "publish_texts", "make_partitions"]
    subprocess.run(words, env=owner, cwd=places.PROJECT, check=True, stdout=subprocess.DEVNULL)
    return Stage(directory, owner, {**os.environ, **lent.site_environment, **common}, lent.postgres)
