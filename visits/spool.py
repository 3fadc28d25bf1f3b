"""Where visits wait while PostgreSQL is away: one small, private file under the term of the log (policy 5.2)."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from datamap.terms import SubjectKey
from datamap.trace import Subject
from visits.storage import instant_of, is_whole, user_of

LARGEST: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a look into the spool found: lines that are due, and the oldest that remains."""

    due: int = 0
    oldest_at: datetime | None = None


def path() -> Path:
    """The file; its directory is made where it is missing."""
    directory = Path(settings.VAR_DIR) / "spool"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory / "visits.copy"


def is_empty() -> bool:
    """Whether nothing waits; asked each second, so it costs one look at the file's size."""
    try:
        return path().stat().st_size == 0
    except FileNotFoundError:
        return True


def append(lines: Sequence[str], *, largest: int = LARGEST) -> int:
    """Adds the lines that still fit; returns how many did."""
    with _locked() as file:
        room = largest - file.stat().st_size
        fitting = []
        for line in lines:
            room -= len(line.encode())
            if room < 0:
                break
            fitting.append(line)
        with file.open("a", encoding="utf-8", newline="\n") as target:
            target.writelines(fitting)
    return len(fitting)


def replay(store: Callable[[Sequence[str]], None], *, since: datetime, batch: int) -> int:
    """Hands the waiting lines younger than `since` to `store`, in batches, and forgets all of them afterwards.

    When `store` raises, what it has not taken yet stays.
    """
    with _locked() as file:
        lines = [line for line in _lines(file) if instant_of(line) > since]
        done = 0
        try:
            while done < len(lines):
                store(lines[done : done + batch])
                done += batch
        finally:
            _rewrite(file, lines[done:])
    return len(lines)


def purge(*, cutoff: datetime, apply: bool) -> Waiting:
    """Removes the lines of visits at or before `cutoff`; without `apply` only counts them."""
    return _remove(lambda line: instant_of(line) <= cutoff, apply=apply)


def oldest() -> datetime | None:
    """When the oldest visit that still waits was made."""
    return _remove(lambda _line: False, apply=False).oldest_at


def erase(subject: Subject, *, now: datetime) -> int:
    """Removes the lines that name the person's account (Art. 17); `now` belongs to the signature of every store."""
    del now
    accounts = {str(account) for account in subject.keys(SubjectKey.USER)}
    return _remove(lambda line: user_of(line) in accounts, apply=True).due if accounts else 0


def count(subject: Subject) -> int:
    """How many lines name the person's account; nothing is changed (Art. 15)."""
    accounts = {str(account) for account in subject.keys(SubjectKey.USER)}
    return _remove(lambda line: user_of(line) in accounts, apply=False).due if accounts else 0


def _remove(is_due: Callable[[str], bool], *, apply: bool) -> Waiting:
    if is_empty():
        return Waiting()
    with _locked() as file:
        lines = _lines(file)
        kept = [line for line in lines if not is_due(line)]
        if apply and len(kept) < len(lines):
            _rewrite(file, kept)
    oldest = min((instant_of(line) for line in kept), default=None)
    return Waiting(len(lines) - len(kept), oldest)


@contextlib.contextmanager
def _locked() -> Iterator[Path]:
    # The lock is a file of its own: the spool itself is replaced while it is held.
    file = path()
    lock = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        yield file
    finally:
        os.close(lock)


def _lines(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="\n", errors="replace") as source:
        return [line for line in source if is_whole(line)]


def _rewrite(file: Path, lines: Sequence[str]) -> None:
    fresh = file.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as target:
        target.writelines(lines)
    fresh.replace(file)
