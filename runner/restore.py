"""`bin/restore [FILE]`: brings a backup back; the site stays closed until the journal was replayed (security O1)."""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from runner import database, places
from runner.backup import ABOUT, DUMP, FOLDERS, VISITS_DUMP, ends, made_at
from runner.database import Database
from runner.run import AS_OWNER, prepare
from runner.trouble import Trouble

MARKER: Final = "restored.json"
_ROOM: Final = ".restore-"
REPLAY: Final = "replay_erasures --apply"

# In the one transaction that fills the database again: a restore that fails leaves it as it was.
_EMPTY: Final = """
SET lock_timeout = '30s';
SET client_min_messages = warning;
DO $$
DECLARE ours name;
BEGIN
    FOR ours IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', ours);
    END LOOP;
END
$$;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


def main() -> int:
    """Ask, restore, and with `--replay` repeat what was decided since the backup."""
    parser = _parser()
    options = parser.parse_args()
    if options.file is None and not options.replay:
        parser.error("name the backup to restore, or --replay to repeat the journal only")
    try:
        with database.lent(alone=True) as found:
            _work(options, found)
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


def _work(options: argparse.Namespace, found: Database) -> None:
    if options.file is not None:
        _require_keys(found, places.VAR)
        _confirm(options.file, yes=options.yes)
        restore(options.file, found, var=places.VAR)
        print("Restored. The site is closed until the journal was replayed.")
    if options.replay:
        prepare(AS_OWNER, found.owner)
        print(prepare((REPLAY,), found.site))
    else:
        print(f"Next: bin/restore --replay, or where the site has an environment of its own: manage.py {REPLAY}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/restore", description="Restores a backup: all that is in the database now is lost."
    )
    parser.add_argument("file", nargs="?", type=Path, help="a file that bin/backup made")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--replay", action="store_true", help="then repeat erasures, withdrawals and purges since, and open"
    )
    return parser


def _require_keys(found: Database, var: Path) -> None:
    """Development makes missing keys anew, and new ones open nothing of what the backup holds."""
    is_given = {"VAULT_MASTER_KEYS", "VAULT_MASTER_KEYS_FILE"} & set(found.site)
    if not is_given and not (var / "keys" / "VAULT_MASTER_KEYS").exists():
        raise Trouble(f"The keys are missing: bring back {var / 'keys'} (or name the secrets) before you restore.")


def _confirm(path: Path, *, yes: bool) -> None:
    made = made_at(path)
    if yes:
        return
    print(f"{path} was made at {made.isoformat()}. Everything in the database since then will be lost.")
    if input("Type the word restore to go on: ").strip() != "restore":
        raise Trouble("Nothing was restored.")


def restore(path: Path, found: Database, *, var: Path) -> None:
    """Put database and files back as they were; the marker comes first, so that a crash leaves the site closed.

    Raises Trouble, also for a backup that should have expired: the journal does not reach back to it.
    """
    made = made_at(path)
    _refuse_expired(path, made, found.owner)
    _require_places(found, path)
    places.private_directory(var)
    for left in var.glob(f"{_ROOM}*"):  # of a restore that was killed: people's data too
        shutil.rmtree(left)
    _mark(var / MARKER, made, path)
    with tempfile.TemporaryDirectory(dir=var, prefix=_ROOM) as room:
        _unpack(path, Path(room))
        if found.visits:
            _fill(found.visits, Path(room) / VISITS_DUMP)
        _fill(found.url, Path(room) / DUMP)
        for name, folder in FOLDERS.items():
            _exchange(Path(room) / name, var / folder)


def _refuse_expired(path: Path, made: datetime, environment: Mapping[str, str]) -> None:
    (end,) = ends([made], environment)
    if end <= datetime.now(UTC):
        raise Trouble(f"{path} expired at {end.isoformat()}: the journal does not reach back to it. Delete it.")


def _mark(marker: Path, made: datetime, path: Path) -> None:
    values = {"restored_at": datetime.now(UTC).isoformat(), "backup_made_at": made.isoformat(), "backup": path.name}
    descriptor = os.open(marker, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(values, file)
        file.flush()
        os.fsync(file.fileno())


def _unpack(path: Path, room: Path) -> None:
    with tarfile.open(path) as archive:
        for member in archive:
            place = Path(member.name)
            is_ours = member.name in {ABOUT, DUMP, VISITS_DUMP} or (
                place.parent in map(Path, FOLDERS) and place.name not in {"", "..", "."}
            )
            source = archive.extractfile(member) if is_ours and member.isfile() else None
            if source is None:
                raise Trouble(f"{path} holds something that no backup holds: {member.name}")
            (room / place.parent).mkdir(mode=0o700, exist_ok=True)
            with source, os.fdopen(os.open(room / place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                shutil.copyfileobj(source, file)
    if not (room / DUMP).exists():
        raise Trouble(f"{path} holds no database.")


def _require_places(found: Database, path: Path) -> None:
    """The visit log goes back to where it was: nothing may lie in two databases, or in one that nobody purges."""
    with tarfile.open(path) as archive:
        is_apart = VISITS_DUMP in archive.getnames()
    if is_apart and not found.visits:
        raise Trouble(f"The backup holds the visit log apart: name its database in {database.VISITS}.")
    if found.visits and not is_apart:
        raise Trouble(
            f"The backup is older than the visit log's own database: restore it without {database.VISITS}."
            " Set it again afterwards, with an empty database; the start moves the log there."
        )


def _fill(url: str, dump: Path) -> None:
    """Empty the database and fill it in one transaction: pg_restore writes the statements, psql carries them out."""
    psql = [database.program("psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-c", _EMPTY, "-f", "-"]
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(database.stream([database.program("pg_restore"), "-f", "-", dump], url))
        done = subprocess.run(
            [str(word) for word in psql],
            env=database.connection(url),
            stdin=source.stdout,
            capture_output=True,
            check=False,
        )
    if done.returncode or source.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Trouble(f"The database was not restored and is as it was; the site stays closed.\n{said}")


def _exchange(restored: Path, folder: Path) -> None:
    """The files as they were; what was written since belongs to rows that are gone."""
    restored.mkdir(mode=0o700, exist_ok=True)
    before = restored.with_name(f"{restored.name}-before")
    if folder.exists():
        folder.rename(before)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    restored.rename(folder)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
