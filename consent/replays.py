"""Gives and ends consents once more after a restore, in the order in which it was done (Q10.9)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from consent.closing import COOKIES_ENDED, ENDED, ENDED_BY_ADDRESS, close_again
from consent.giving import COOKIES_GIVEN, GIVEN, GIVEN_BY_ADDRESS, SUBSCRIBED, give_again, subscribe_again
from consent.models import ConsentEvent
from consent.queries import receipt_token
from replay.journal import born, is_the_same_person, opened
from replay.kinds import repeats
from replay.segments import Line
from vault.tokens import subject_token

_TOKENS: Final = {
    GIVEN: subject_token,
    ENDED: subject_token,
    COOKIES_GIVEN: receipt_token,
    COOKIES_ENDED: receipt_token,
}


@repeats(ENDED)
@repeats(COOKIES_ENDED)
def end_again(line: Line, /, *, now: datetime) -> bool:
    """Holds from the instant of the withdrawal itself; somebody else who has got the id since keeps her consents."""
    if not isinstance(line.subject, UUID) or not is_the_same_person(line):
        return False
    event = ConsentEvent(subject_token=_TOKENS[line.kind](line.subject), at=line.at)
    return close_again(event, details=line.details, account=line.subject if line.kind == ENDED else None)


@repeats(ENDED_BY_ADDRESS)
def end_again_by_address(line: Line, /, *, now: datetime) -> bool:
    """For whoever holds the address: a withdrawal is never lost."""
    return close_again(ConsentEvent(subject_token=opened(line)["token"], at=line.at), details=line.details)


@repeats(GIVEN)
@repeats(COOKIES_GIVEN)
def give_once_more(line: Line, /, *, now: datetime) -> bool:
    """Only to the very account that gave it: one that was made after the backup is lost, and its consent with it."""
    if not isinstance(line.subject, UUID) or born(line.subject) != line.born:
        return False
    return give_again(_TOKENS[line.kind](line.subject), at=line.at, details=line.details)


@repeats(GIVEN_BY_ADDRESS)
def give_once_more_by_address(line: Line, /, *, now: datetime) -> bool:
    """The proof; whether the subscription itself came back with the backup is another matter."""
    return give_again(opened(line)["token"], at=line.at, details=line.details)


@repeats(SUBSCRIBED)
def prove_again(line: Line, /, *, now: datetime) -> bool:
    """The IP address, date and time of a subscription, beside the consent that was just given again."""
    return subscribe_again(line.details["purpose"], at=line.at, sealed=opened(line))
