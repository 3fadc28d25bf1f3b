"""Gives and ends consents once more after a restore, in the order in which it was done (Q10.9)."""

from datetime import datetime
from uuid import UUID

from consent.closing import COOKIES_ENDED, ENDED, close_again
from consent.giving import COOKIES_GIVEN, GIVEN, SUBSCRIBED, give_again, subscribe_again
from consent.models import ConsentEvent
from replay.journal import born, is_the_same_person, opened
from replay.kinds import repeats
from replay.segments import Line


@repeats(ENDED)
@repeats(COOKIES_ENDED)
def end_again(line: Line, /, *, now: datetime) -> bool:
    """Holds from the instant of the withdrawal itself; somebody else who has got the id since keeps her consents."""
    if not isinstance(line.subject, UUID) or not is_the_same_person(line):
        return False
    return close_again(line.kind, line.subject, event=ConsentEvent(at=line.at), details=line.details)


@repeats(GIVEN)
@repeats(COOKIES_GIVEN)
def give_once_more(line: Line, /, *, now: datetime) -> bool:
    """Only to the very account that gave it: one that was made after the backup is lost, and its consent with it."""
    if not isinstance(line.subject, UUID) or born(line.subject) != line.born:
        return False
    return give_again(line.kind, line.subject, at=line.at, details=line.details)


@repeats(SUBSCRIBED)
def prove_again(line: Line, /, *, now: datetime) -> bool:
    """The IP address, date and time of a subscription, beside the consent that was just given again."""
    return subscribe_again(line.details["purpose"], at=line.at, sealed=opened(line))
