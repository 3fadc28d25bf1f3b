"""The journal's files: one for each day, append-only, chained by hashes, safe against a kill at any byte."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from datamap.canonical import canonical_json

GENESIS: Final = "0" * 64
_SUFFIX: Final = ".jsonl"
_BLOCK: Final = 65_536


class JournalBroken(Exception):
    """A line was altered, cut out or put in; the sentence names the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One decision as the file holds it. `subject` and `born` know a person by an opaque id only."""

    n: int
    id: UUID
    kind: str
    at: datetime
    subject: UUID | None
    born: datetime | None
    details: dict[str, Any]
    previous: str

    def values(self) -> dict[str, Any]:
        """What the hash covers."""
        return {
            "n": self.n,
            "id": str(self.id),
            "kind": self.kind,
            "at": self.at.isoformat(),
            "subject": self.subject and str(self.subject),
            "born": self.born and self.born.isoformat(),
            "details": self.details,
            "previous": self.previous,
        }

    @property
    def hash(self) -> str:
        return sha256(canonical_json(self.values())).hexdigest()

    def to_bytes(self) -> bytes:
        return canonical_json({**self.values(), "hash": self.hash}) + b"\n"

    @classmethod
    def from_bytes(cls, line: bytes) -> "Line":
        """Read one line. Raises JournalBroken where it does not give its own hash."""
        try:
            values = json.loads(line)
            found = cls(
                n=int(values["n"]),
                id=UUID(values["id"]),
                kind=str(values["kind"]),
                at=datetime.fromisoformat(values["at"]),
                subject=values["subject"] and UUID(values["subject"]),
                born=values["born"] and datetime.fromisoformat(values["born"]),
                details=dict(values["details"]),
                previous=str(values["previous"]),
            )
            claimed = values["hash"]
        except (ValueError, KeyError, TypeError) as error:
            raise JournalBroken("A line of the journal cannot be read.") from error
        if found.hash != claimed:
            raise JournalBroken(f"Line {found.n} of the journal was altered.")
        return found


@dataclass(frozen=True, slots=True)
class Segments:
    """The files of one journal, in their directory."""

    directory: Path

    def paths(self) -> list[Path]:
        """The files, the oldest day first."""
        return sorted(self.directory.glob(f"*{_SUFFIX}"))

    def days(self) -> list[date]:
        """The days that have a file, the oldest first."""
        return [date.fromisoformat(path.stem) for path in self.paths()]

    def end(self) -> Line | None:
        """The last line. Raises JournalBroken."""
        for path in reversed(self.paths()):
            if lines := _complete_lines(path, from_end=_BLOCK):
                return Line.from_bytes(lines[-1])
        return None

    def after(self, n: int) -> list[Line]:
        """The lines behind line `n`, as far back as the files reach. Raises JournalBroken where the chain is."""
        found: list[Line] = []
        for path in reversed(self.paths()):
            found = [*_lines_after(path, n), *found]
            if found and found[0].n <= n + 1:
                break
        for one, two in pairwise(found):
            if two.previous != one.hash or two.n != one.n + 1:
                raise JournalBroken(f"Line {two.n} of the journal does not follow line {one.n}.")
        return [line for line in found if line.n > n]

    def line(self, n: int) -> Line | None:
        """Line `n`, where the files still hold it."""
        return next((line for line in self.after(n - 1) if line.n == n), None)

    def append(self, lines: Iterable[Line], *, day: date) -> None:
        """Add lines to the file of this day, on the disk before it returns. Raises OSError."""
        newest = self.paths()[-1:]
        # A clock that was set back must not put a later line into an earlier file.
        path = max([self.directory / f"{day.isoformat()}{_SUFFIX}", *newest])
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            _cut_torn_end(file)
            file.write(b"".join(line.to_bytes() for line in lines))
            file.flush()
            os.fsync(file.fileno())
        _sync_directory(self.directory)

    def forget(self, *, until: date) -> int:
        """Delete the files of the days before `until`, never the newest: the chain goes on from it."""
        old = [path for path in self.paths()[:-1] if date.fromisoformat(path.stem) < until]
        for path in old:
            path.unlink()
        return len(old)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One writer at a time, also beside a second database with the same journal."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def fingerprint(self) -> tuple[str, int, int] | None:
        """What changes with every line, for the price of a look into the directory."""
        newest = self.paths()[-1:]
        if not newest:
            return None
        found = newest[0].stat()
        return newest[0].name, found.st_size, found.st_mtime_ns


def _lines_after(path: Path, n: int) -> list[Line]:
    """Enough of the file's end to hold line `n` and all behind it, or the whole file."""
    lines = [Line.from_bytes(line) for line in _complete_lines(path, from_end=_BLOCK)]
    if lines and lines[0].n > n and path.stat().st_size > _BLOCK:
        lines = [Line.from_bytes(line) for line in _complete_lines(path)]
    return lines


def _complete_lines(path: Path, *, from_end: int | None = None) -> list[bytes]:
    """The lines that were written to their end; with `from_end` only those within so many last bytes."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - from_end) if from_end else 0
        file.seek(start)
        lines = file.read().split(b"\n")
    # Behind the last end of line stands nothing, or a line that a kill tore.
    return lines[1 if start else 0 : -1]


def _cut_torn_end(file: BinaryIO) -> None:
    if file.seek(0, os.SEEK_END):
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
