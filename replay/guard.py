"""Whether the site may be open: never on a database that has not heard its whole journal (security O1, Q10.9).

A look costs a few system calls at most every two seconds; the database is asked at the start of a process and after
every change of the files.
"""

import json
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError
from django.db.models import TextChoices

from replay.journal import segments_of
from replay.models import JournalEntry, JournalHead
from replay.segments import JournalBroken, Line, Segments

LOOK_EVERY: Final = 2.0
"""Seconds."""

LINES: Final = "lines"
"""What the marker calls the number of lines that waited when a replay began."""

log = logging.getLogger(__name__)


class Why(TextChoices):
    """Why the site is closed, for staff."""

    RESTORED = "restored", "a backup was restored; `manage.py replay_erasures --apply` opens the site"
    BEHIND = "behind", "the database is older than its journal; `manage.py replay_erasures --apply` opens the site"
    JOURNAL_MISSING = "journal_missing", "the journal lacks lines; bring its directory back (docs/operations.md)"
    JOURNAL_BROKEN = "journal_broken", "the journal was altered; bring its directory back (docs/operations.md)"
    NO_DATABASE = "no_database", "the database does not answer"


@dataclass(frozen=True, slots=True)
class Closed:
    """Why, how many lines wait to be repeated, and what the restore left as its marker."""

    why: Why
    lines: tuple[Line, ...] = ()
    marker: dict[str, Any] | None = None

    @property
    def total(self) -> int:
        """How many lines waited when their repeating began; those that wait now, where it has not begun."""
        return max((self.marker or {}).get(LINES, 0), len(self.lines))


def marker_path() -> Path:
    """The file that `bin/restore` leaves and the replay takes away."""
    return Path(settings.VAR_DIR) / "restored.json"


def mark_begun(closed: Closed) -> None:
    """Keep the site closed to the end of the replay, and have every process know how much there was to repeat.

    A database brought back by hand has no marker: with the last line heard it would look open, and be unpurged.
    """
    marker = {LINES: len(closed.lines)} | (_marker() or {})
    unfinished = marker_path().with_suffix(".part")
    unfinished.write_text(json.dumps(marker), encoding="utf-8")
    unfinished.replace(marker_path())
    GUARD.forget()


def examine() -> Closed | None:
    """Compare the database with the files, and look for the marker; None where the site may be open.

    Raises DatabaseError.
    """
    head = JournalHead.objects.first()
    marker = _marker()
    try:
        found = _compare(head, segments_of(head)) if head else None
    except JournalBroken:
        found = Closed(Why.JOURNAL_BROKEN)
    if marker is not None and (found is None or found.why is Why.BEHIND):
        return Closed(Why.RESTORED, found.lines if found else (), marker)
    return found


def _compare(head: JournalHead, files: Segments) -> Closed | None:
    lines = files.after(head.position)
    unknown = _unknown(lines)
    if lines and lines[0].n > head.position + 1:
        return Closed(Why.JOURNAL_MISSING, unknown)
    if lines and lines[0].previous != head.line_hash:
        return Closed(Why.JOURNAL_BROKEN)
    if not lines and head.position:
        end = files.end()
        if end is None or end.n < head.position:
            return Closed(Why.JOURNAL_MISSING)
        if end.hash != head.line_hash:
            return Closed(Why.JOURNAL_BROKEN)
    return Closed(Why.BEHIND, unknown) if unknown else None


def _unknown(lines: list[Line]) -> tuple[Line, ...]:
    """The lines that this database never heard of, from the first one on; one that it wrote just now it knows."""
    known = set(JournalEntry.objects.filter(pk__in=[line.id for line in lines]).values_list("pk", flat=True))
    first = next((place for place, line in enumerate(lines) if line.id not in known), len(lines))
    return tuple(lines[first:])


def _marker() -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(marker_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return found


class Guard:
    """What this process knows of it."""

    def __init__(self) -> None:
        self._state: Closed | None = None
        self._seen: object = None
        self._looked_at = 0.0

    def look(self) -> Closed | None:
        """Whether and why the site is closed, from memory unless something changed. Never raises."""
        now = time.monotonic()
        if self._seen is not None and now - self._looked_at < LOOK_EVERY:
            return self._state
        seen = _fingerprint()
        if seen != self._seen or self._state is not None:
            self._examine(seen)
        self._looked_at = now
        return self._state

    def forget(self) -> None:
        """Look anew at the next question."""
        self._seen = None

    def assume_open(self) -> None:
        """Take the files as they are for heard."""
        self._state, self._seen, self._looked_at = None, _fingerprint(), time.monotonic()

    def _examine(self, seen: object) -> None:
        before = self._state
        try:
            self._state, self._seen = examine(), seen
        except DatabaseError:
            # Nobody can be served now, and nobody may be served by what answers next without a look at it.
            self._state, self._seen = Closed(Why.NO_DATABASE), None
        if self._state != before:
            log.warning("site is %s", f"closed: {self._state.why.value}" if self._state else "open")


def _fingerprint() -> tuple[Any, ...]:
    """The marker and the newest file of every journal here: one, unless databases were exchanged."""
    journals = sorted(Path(entry.path) for entry in _journals() if entry.is_dir())
    return marker_path().exists(), *(Segments(path).fingerprint() for path in journals)


def _journals() -> list[os.DirEntry[str]]:
    try:
        with os.scandir(settings.JOURNAL_DIR) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


GUARD: Final = Guard()
