"""`bin/backup [DIRECTORY]`: database, sealed files and photos in one file, never the keys; old ones expire (T20)."""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from runner import database, places
from runner.database import Database
from runner.trouble import Trouble

ABOUT: Final = "about.json"
DUMP: Final = "database.dump"
VISITS_DUMP: Final = "visits.dump"
SEALED: Final = "sealed"
FOLDERS: Final = {SEALED: SEALED, "photos": "media/listings"}
"""What lies beside the database, by its name in a backup: where in `var/`."""
PERIOD: Final = "BACKUP"
"""The code of the storage rule in the catalogue; how long it is, only the catalogue says."""

_UNFINISHED: Final = ".unfinished-"
_DAY: Final = 86_400
_NAME: Final = "qlekta-%Y%m%dT%H%M%SZ.backup"


def main() -> int:
    """Back up, say what is in it and what is not, and delete what has expired."""
    parser = argparse.ArgumentParser(
        prog="bin/backup", description="Backs up the database, the sealed files and the photos."
    )
    parser.add_argument("directory", nargs="?", type=Path, default=places.VAR / "backups", help="default: var/backups")
    directory = parser.parse_args().directory.absolute()
    try:
        with database.lent(alone=False) as found:
            path = backup(found, directory, var=places.VAR)
            print(f"Backed up: {path}")
            print(f"Not in it: the keys (var/keys, or {', '.join(_KEYS)}). Without them sealed fields are noise.")
            for expired in expire(directory, found.owner):
                print(f"Expired and deleted: {expired}")
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


_KEYS: Final = ("SECRET_KEY", "VAULT_MASTER_KEYS", "VAULT_TOKEN_KEY", "SIGNING_KEY")


def backup(found: Database, directory: Path, *, var: Path) -> Path:
    """Write one backup and return its path; it exists whole or not at all. Raises Trouble."""
    places.private_directory(directory)
    _sweep(directory)
    made_at = datetime.now(UTC).replace(microsecond=0)
    path = directory / made_at.strftime(_NAME)
    with tempfile.TemporaryDirectory(dir=directory, prefix=_UNFINISHED) as unfinished:
        dump = Path(unfinished) / DUMP
        # First the database: a file that goes while we copy belongs to a row that was erased.
        found.run("pg_dump", "--format=custom", "--file", dump)
        dumps = [dump]
        if found.visits:
            dumps.append(Path(unfinished) / VISITS_DUMP)
            found.run("pg_dump", "--format=custom", "--file", dumps[1], url=found.visits)
        about = Path(unfinished) / ABOUT
        about.write_text(json.dumps({"made_at": made_at.isoformat()}))
        whole = Path(unfinished) / "whole"
        _pack(whole, [about, *dumps], var)
        whole.rename(path)
    _sync(directory)
    return path


def made_at(path: Path) -> datetime:
    """When a backup was made, as it says of itself. Raises Trouble for any other file."""
    try:
        with tarfile.open(path) as archive, archive.extractfile(ABOUT) as about:  # type: ignore[union-attr]
            return datetime.fromisoformat(json.load(about)["made_at"])
    except (OSError, tarfile.TarError, KeyError, ValueError, AttributeError) as error:
        raise Trouble(f"{path} is no backup of Qlekta, or is damaged.") from error


def expire(directory: Path, environment: Mapping[str, str]) -> list[Path]:
    """Delete the backups whose term is over, as the catalogue counts it; returns their paths."""
    paths = sorted(directory.glob("qlekta-*.backup"))
    starts = [made_at(path) for path in paths]
    now = datetime.now(UTC)
    expired = [path for path, end in zip(paths, ends(starts, environment), strict=True) if end <= now]
    for path in expired:
        path.unlink()
    return expired


def ends(starts: list[datetime], environment: Mapping[str, str]) -> list[datetime]:
    """When backups that were made at these times must be gone: asked of the catalogue, in one process."""
    questions = [f"ends_at --rule {PERIOD} --start {start.isoformat()}" for start in starts]
    if not questions:
        return []
    argv = [sys.executable, "-m", "qlekta.prepare", *questions]
    done = subprocess.run(argv, cwd=places.PROJECT, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"The catalogue was not asked how long backups are kept:\n{done.stderr.strip()}")
    answers = [json.loads(line)["erase_at_utc"] for line in done.stdout.splitlines() if line.startswith("{")]
    return [datetime.fromisoformat(answer) for answer in answers]


def _pack(whole: Path, files: list[Path], var: Path) -> None:
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        for path in files:
            archive.add(path, path.name)
        for name, folder in FOLDERS.items():
            for path in sorted((var / folder).glob("*")):
                with contextlib.suppress(FileNotFoundError):  # erased in this moment
                    archive.add(path, f"{name}/{path.name}", recursive=False)
        file.flush()
        os.fsync(file.fileno())


def _sweep(directory: Path) -> None:
    """What a killed backup left holds people's data too; one that is a day old is not being written any more."""
    for left in directory.glob(f"{_UNFINISHED}*"):
        if time.time() - left.stat().st_mtime > _DAY:
            shutil.rmtree(left, ignore_errors=True)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
