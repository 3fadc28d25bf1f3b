"""Where things live: the project's state in `var/`, sockets in a private directory with a short path."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from runner.trouble import Trouble

PROJECT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR_DIR") or PROJECT / "var").absolute()
THROW_AWAY_PREFIX = "qlekta-throwaway-"

# A unix socket's path may have 107 bytes; ".s.PGSQL.5432" and our own names need 30 of them.
_LONGEST_DIRECTORY = 75


def short_temporary_directory() -> Path:
    """Return the temporary directory, or /tmp where its path would be too long for a socket."""
    chosen = Path(tempfile.gettempdir())
    return chosen if len(os.fsencode(chosen)) <= _LONGEST_DIRECTORY - 35 else Path("/tmp")  # noqa: S108 - private below


def private_directory(path: Path) -> Path:
    """Create a directory only we can enter; refuse one that somebody else has put there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or found.st_uid != os.geteuid():
        raise Trouble(f"{path} belongs to somebody else; remove it or set TMPDIR to a directory of your own.")
    path.chmod(0o700)
    return path


def socket_directory(var: Path = VAR) -> Path:
    """Return the socket directory that belongs to the state in `var`, the same at every start."""
    mark = hashlib.sha256(os.fsencode(var)).hexdigest()[:10]
    return private_directory(short_temporary_directory() / f"qlekta-{os.geteuid()}-{mark}")


@contextlib.contextmanager
def throw_away_directory() -> Iterator[Path]:
    """Lend a directory that is gone afterwards; sweep those whose owner was killed before it could."""
    parent = short_temporary_directory()
    for old in parent.glob(f"{THROW_AWAY_PREFIX}*"):
        _sweep(old)
    path = Path(tempfile.mkdtemp(prefix=THROW_AWAY_PREFIX, dir=parent))
    try:
        with locked(path / "lock"):
            yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock of `path` as long as we live; yields False when another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _sweep(directory: Path) -> None:
    # No lock file yet: its owner is just being born. Not ours: leave it alone.
    try:
        if directory.lstat().st_uid != os.geteuid() or not (directory / "lock").exists():
            return
        with locked(directory / "lock") as held:
            if held:
                shutil.rmtree(directory, ignore_errors=True)
    except OSError:
        return
