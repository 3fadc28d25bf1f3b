"""Brings a restored database to where its journal stands, and opens the site (Q10.9; security O1, F25)."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from audit import trail
from audit.trail import Actor
from replay import kinds
from replay.guard import GUARD, Closed, Why, examine, mark_begun, marker_path
from replay.journal import begin_anew, write_out
from replay.models import JournalEntry, JournalHead
from replay.segments import Line
from retention import clock
from retention.sweeps import sweep_all

_ACTOR = Actor.system("replay_erasures")

_CLOCK = (
    "Much is due at once since the backup's last sweep, as if the clock had jumped, so nothing was purged. Look at the"
    " clock; where it is right, say replay_erasures --apply --confirm-clock."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reopening:
    """What was or would be done. `left` counts what still keeps the site closed, by kind; `trouble` says why."""

    closed: Closed | None
    position: int
    left: dict[str, int]
    repeated: dict[str, int]
    purged: int = 0
    trouble: str = ""

    @property
    def is_open(self) -> bool:
        return self.closed is None


def look() -> Reopening:
    """What waits to be repeated; changes nothing."""
    closed = examine()
    return Reopening(closed, _position(), _counted(closed.lines if closed else ()), {})


def reopen(*, now: datetime, journal_lost: bool = False, confirm_clock: bool = False) -> Reopening:
    """Repeat all lines in their order, sweep every rule, and open; twice is once, and a kill is resumed.

    Stops at the first line that cannot be repeated: the site stays closed. With `journal_lost` a new journal is begun
    from what this database knows: what was decided after the backup is lost then, and the trail says who said so.
    `confirm_clock` as in `sweep_all`: an old backup lets the clock seem to have jumped.
    """
    closed = examine()
    if closed is None:
        return look()
    if closed.why in {Why.JOURNAL_MISSING, Why.JOURNAL_BROKEN}:
        if not journal_lost:
            return Reopening(closed, _position(), _counted(closed.lines), {}, trouble=str(closed.why.label))
        _begin_anew(now=now)
    mark_begun(closed)
    repeated, trouble = _repeat(closed.lines, now=now)
    if trouble:
        return _stopped(repeated, trouble)
    kinds.conclude(now=now)
    reports = sweep_all(now=now, apply=True, confirm_clock=confirm_clock)
    if any(report.failure == clock.FAILURE for report in reports):
        return _stopped(repeated, _CLOCK)
    if failed := [report.table for report in reports if report.failed]:
        return _stopped(repeated, f"Rows could not be purged in: {', '.join(failed)}.")
    purged = sum(report.deleted for report in reports)
    _open(repeated, purged, now=now)
    found = examine()
    return Reopening(found, _position(), _counted(found.lines if found else ()), dict(repeated), purged)


def _repeat(lines: tuple[Line, ...], *, now: datetime) -> tuple[Counter[str], str]:
    repeated: Counter[str] = Counter()
    for line in lines:
        try:
            done = kinds.repeat(line, now=now)
        except Exception as error:
            # Whatever it is, the site must stay closed; the class only, its text may quote a row.
            log.exception("line %s of the journal was not repeated", line.n)
            return repeated, f"Line {line.n} ({line.kind}) could not be repeated: {type(error).__name__}."
        _heard(line)
        repeated[line.kind] += done
    return repeated, ""


def _heard(line: Line) -> None:
    """This database knows the line from now on; the next run begins behind it."""
    values = {
        "kind": line.kind,
        "at": line.at,
        "subject": line.subject,
        "born": line.born,
        "details": line.details,
    }
    JournalEntry.objects.get_or_create(pk=line.id, defaults=values)
    write_out()


def _begin_anew(*, now: datetime) -> None:
    with transaction.atomic():
        head = JournalHead.objects.get()
        trail.record("journal.lost", actor=_ACTOR, details={"position": head.position}, now=now)
    begin_anew()


def _open(repeated: Counter[str], purged: int, *, now: datetime) -> None:
    details: dict[str, str | int] = {"lines": sum(repeated.values()), "purged": purged, "position": _position()}
    trail.record("backup.replayed", actor=_ACTOR, details=details, now=now)
    marker_path().unlink(missing_ok=True)
    GUARD.forget()


def _stopped(repeated: Counter[str], trouble: str) -> Reopening:
    closed = examine()
    return Reopening(closed, _position(), _counted(closed.lines if closed else ()), dict(repeated), trouble=trouble)


def _position() -> int:
    head = JournalHead.objects.first()
    return head.position if head else 0


def _counted(lines: tuple[Line, ...]) -> dict[str, int]:
    return dict(Counter(line.kind for line in lines))
