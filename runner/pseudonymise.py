"""`bin/pseudonymise FILE`: a copy of the database for testing that names nobody (policy clause 7.2)."""

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Final, cast

from runner import database, places
from runner.database import SITE, VISITS, Database
from runner.trouble import Trouble

ROWS: Final = "pseudonymised_rows"
_DUMP: Final = ("--no-owner", "--no-privileges")


def main() -> int:
    """Write the copy, and say how to use it."""
    parser = argparse.ArgumentParser(
        prog="bin/pseudonymise", description="Copies the database for testing: pseudonyms stand in place of people."
    )
    parser.add_argument("file", type=Path, help="what to write, for example copy.sql.gz; it must not exist")
    parser.add_argument("--visits", action="store_true", help="copy the visit log that lies in a database of its own")
    options = parser.parse_args()
    path = options.file.absolute()
    try:
        with database.lent(alone=False) as found:
            pseudonymise(found, path, of=VISITS if options.visits else SITE)
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    print(f"Written: {path}")
    print("It is still about people, without saying who (Art. 4(5)): keep it as such. Sealed files are not in it.")
    print(f"Into an empty database: gunzip -c {path.name} | psql -v ON_ERROR_STOP=1 DATABASE, then manage.py migrate.")
    return 0


def pseudonymise(found: Database, path: Path, *, of: str = SITE) -> None:
    """Write the copy of one of the databases; the file exists whole or not at all. Raises Trouble."""
    if path.exists():
        raise Trouble(f"{path} exists already.")
    url = {SITE: found.url, VISITS: found.visits}[of]
    if not url:
        raise Trouble("The visit log has no database of its own: it is in the copy of the other.")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unfinished-") as unfinished:
        whole = Path(unfinished) / "whole"
        descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as out:
            # Keys, indexes and triggers come after the rows: a ledger would not let them in.
            out.write(found.run("pg_dump", *_DUMP, "--section=pre-data", url=url))
            _rows(out, found, of=of)
            out.write(found.run("pg_dump", *_DUMP, "--section=post-data", url=url))
        whole.rename(path)


def _rows(out: "gzip.GzipFile", found: Database, *, of: str) -> None:
    alias = {SITE: "default", VISITS: "visits"}[of]
    argv = [sys.executable, "manage.py", ROWS, "--database", alias]
    with tempfile.TemporaryFile() as said, _started(argv, found, said) as process:
        shutil.copyfileobj(cast("IO[bytes]", process.stdout), out)
        if process.wait():
            said.seek(0)
            raise Trouble(f"The rows were not copied:\n{said.read().decode(errors='replace').strip()}")


def _started(argv: list[str], found: Database, said: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        argv,
        cwd=places.PROJECT,
        env=dict(found.owner),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=said,
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
