"""Writes down how an effect went, in one transaction with what that means for the app whose effect it is (E2)."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db import transaction

from outbox.claims import Claim, record
from outbox.handlers import AnswerLost, GiveUp, Permanent, Settle, Together, Transient, Waits
from outbox.models import State

logger = logging.getLogger(__name__)

FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=1)
MAX_ATTEMPTS: Final = 20  # about half a day
PAUSE_OF_WAITING: Final = timedelta(minutes=15)


class Result(StrEnum):
    """What became of one claimed effect."""

    DONE = "done"
    RETRIED = "retried"
    UNKNOWN = "unknown"
    FAILED = "failed"
    WAITING = "waiting"
    """Something forbids it for now, such as a contract that has run out."""
    LOST = "lost"
    """Another worker had taken over meanwhile: nothing was recorded."""


def pause_before(attempt: int) -> timedelta:
    """How long to wait before the next attempt: doubling up to an hour, and spread, lest a crowd return at once."""
    longest = min(FIRST_PAUSE * 2 ** min(attempt - 1, 16), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


Answer = Settle | None | Exception
"""What a call handed back, or raised."""


def write_down(claim: Claim, answer: Answer, *, now: datetime) -> Result:
    """How one effect went; where what it means for its app cannot be recorded, nobody knows how it went."""
    if isinstance(answer, Exception):
        return _after(claim, answer, now=now)
    try:
        return _finish(claim, answer, now=now)
    except Exception as error:  # noqa: BLE001 - whatever it was, the call has gone out
        return _after(claim, error, now=now)


def write_down_together(
    answered: Sequence[tuple[Claim, Answer]], together: Together, *, now: datetime
) -> list[tuple[Claim, Result]]:
    """How several of one kind went: what was carried out in one transaction, or one by one where that fails."""
    done = [(claim, answer) for claim, answer in answered if not isinstance(answer, Exception)]
    if len(done) > 1 and _finish_together(done, together, now=now):
        return [
            (claim, _after(claim, answer, now=now) if isinstance(answer, Exception) else Result.DONE)
            for claim, answer in answered
        ]
    return [(claim, write_down(claim, answer, now=now)) for claim, answer in answered]


def _finish_together(done: Sequence[tuple[Claim, Settle | None]], together: Together, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            if not record([claim for claim, _ in done], state=State.DONE, finished_at=now, last_error=""):
                transaction.set_rollback(True)
                return False
            together.settle([settle for _, settle in done if settle is not None])
    except Exception as error:  # noqa: BLE001 - each for itself says more
        logger.warning("outbox: %s could not be finished together: %s", len(done), type(error).__name__)
        return False
    return True


def _after(claim: Claim, error: Exception, *, now: datetime) -> Result:
    match error:
        case Permanent():
            return _give_up(claim, error.sentence, now=now)
        case Waits():
            return _let_wait(claim, _words(error), now=now)
        case Transient():
            return _put_off(claim, State.PENDING, _words(error), now=now, pause=error.retry_after)
    # Whatever it was, the call may have gone out before.
    pause = error.look_after if isinstance(error, AnswerLost) else None
    return _put_off(claim, State.UNKNOWN, _words(error), now=now, pause=pause)


def _words(error: Exception) -> str:
    # The text of a foreign exception may quote an address; only sentences written for staff are kept.
    sentence = getattr(error, "sentence", "")
    return f"{type(error).__name__}: {sentence}" if sentence else type(error).__name__


def _finish(claim: Claim, settle: Settle | None, *, now: datetime) -> Result:
    with transaction.atomic():
        if not record([claim], state=State.DONE, finished_at=now, last_error=""):
            return Result.LOST
        if settle is not None:
            settle()
    return Result.DONE


def _put_off(claim: Claim, state: State, words: str, *, now: datetime, pause: timedelta | None = None) -> Result:
    attempts = claim.effect.attempts
    if attempts >= MAX_ATTEMPTS:
        return _give_up(claim, words, now=now)
    wait = max(pause or timedelta(0), pause_before(attempts))
    if not record([claim], state=state, due_at=now + wait, last_error=words):
        return Result.LOST
    return Result.RETRIED if state == State.PENDING else Result.UNKNOWN


def _let_wait(claim: Claim, words: str, *, now: datetime) -> Result:
    """Back to where it was, as if nobody had taken it: what forbids it may last for weeks."""
    state = State.UNKNOWN if claim.uncertain else State.PENDING
    attempts = claim.effect.attempts - 1
    if not record([claim], state=state, attempts=attempts, due_at=now + PAUSE_OF_WAITING, last_error=words):
        return Result.LOST
    return Result.WAITING


def _give_up(claim: Claim, words: str, *, now: datetime) -> Result:
    with transaction.atomic():
        if not record([claim], state=State.FAILED, last_error=words):
            return Result.LOST
        if claim.handler is not None and claim.handler.give_up is not None:
            _tell_the_app(claim, claim.handler.give_up, now=now)
    return Result.FAILED


def _tell_the_app(claim: Claim, give_up: GiveUp, *, now: datetime) -> None:
    try:
        with transaction.atomic():
            give_up(claim.effect, now=now)
    except Exception as error:  # noqa: BLE001 - the dead letter is written even where the app cannot take note of it
        logger.error(  # noqa: TRY400 - the text of a foreign exception may quote data
            "outbox: giving up %s failed: %s", claim.effect.pk, type(error).__name__
        )
