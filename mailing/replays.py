"""Keeps addresses without advertising, and letters that came back, known after a restore (Art. 21(3), Q10.9)."""

from datetime import datetime
from uuid import UUID

from mailing.inbound import BOUNCED, came_back_again
from mailing.models import OutgoingMessage, State, Suppression
from mailing.queueing import DELIVER
from mailing.services import LIFTED, SUPPRESSED, suppress_token
from outbox.services import look_up_waiting
from replay.journal import opened
from replay.kinds import afterwards, repeats
from replay.segments import Line


@repeats(SUPPRESSED)
def suppress_again(line: Line, /, *, now: datetime) -> bool:
    """The line holds the keyed token of the address, sealed: the list itself holds no more."""
    return suppress_token(opened(line)["token"], reason=line.details["reason"], now=line.at)


@repeats(LIFTED)
def lift_again(line: Line, /, *, now: datetime) -> bool:
    """The holder of the address asked for advertising anew, after whatever had put it on the list."""
    found, _rows = Suppression.objects.filter(email_token=opened(line)["token"], at__lte=line.at).delete()
    return bool(found)


@afterwards
def look_up_what_waits(*, now: datetime) -> None:
    """A letter that waited at the time of the backup may have gone since: the carrier is asked before it goes again."""
    OutgoingMessage.objects.filter(state=State.QUEUED, tried_at=None).update(tried_at=now)
    look_up_waiting(DELIVER)


@repeats(BOUNCED)
def hear_again(line: Line, /, *, now: datetime) -> bool:
    """Who was not reached by an answer has not been answered, however old the backup."""
    return came_back_again(UUID(line.details["message"]), now=line.at)
