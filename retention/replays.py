"""Repeats erasures, holds and restrictions that a restored backup does not know of (Q10.9; security F25)."""

from datetime import datetime

from django.utils import translation

from audit.trail import Actor
from replay.journal import opened
from replay.kinds import repeats
from replay.segments import Line
from retention.archive import OBJECTED, destroy_under
from retention.erasure import finish, repeat_erasure
from retention.models import ErasureRun
from retention.remembering import HELD, RESTRICTED, hold_again, restrict_again
from retention.repeating import ERASED, case_of, subject_of


@repeats(ERASED)
def erase_again(line: Line, /, *, now: datetime) -> bool:
    """The same executor, case, time and receipt link as the first time; one that the backup knows is finished."""
    run = ErasureRun.objects.filter(pk=line.id).first()
    subject = subject_of(line) if run is None else None
    if run is None and subject is None:
        return False
    with translation.override(line.details["language"] or None):
        if subject is not None:
            run = repeat_erasure(
                subject,
                case_of(line),
                objection_to_archive=line.details["objected"],
                actor=Actor.system("replay_erasures"),
                executed_at=line.at,
            )
        if run is not None:
            finish(run, now=now)
    return True


@repeats(OBJECTED)
def destroy_again(line: Line, /, *, now: datetime) -> bool:
    """The archive record that the objection destroyed came back with the backup."""
    return bool(destroy_under(opened(line)["email"], now=now))


@repeats(HELD)
def stand_again(line: Line, /, *, now: datetime) -> bool:
    """Before any sweep: what the hold keeps is not purged by the very restore that forgot it."""
    return hold_again(line, now=now)


@repeats(RESTRICTED)
def stand_still_again(line: Line, /, *, now: datetime) -> bool:
    """Placed, told or lifted, as it was."""
    return restrict_again(line, now=now)
