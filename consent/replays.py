"""Ends consents once more after a restore (Q10.9)."""

from datetime import datetime
from uuid import UUID

from consent.closing import COOKIES_ENDED, ENDED, close_again
from consent.models import ConsentEvent
from replay.journal import is_the_same_person
from replay.kinds import repeats
from replay.segments import Line


@repeats(ENDED)
@repeats(COOKIES_ENDED)
def end_again(line: Line, /, *, now: datetime) -> bool:
    """Holds from the instant of the withdrawal itself; somebody else who has got the id since keeps her consents."""
    if not isinstance(line.subject, UUID) or not is_the_same_person(line):
        return False
    return close_again(line.kind, line.subject, event=ConsentEvent(at=line.at), details=line.details)
