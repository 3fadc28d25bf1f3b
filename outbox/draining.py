"""Carries effects out: claims one row at a time, calls its handler outside any transaction, records how it went.

Two workers never hold one effect, nor two effects of one aggregate, and a late one changes nothing: its lease is gone.
"""

import logging
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic
from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from outbox.gates import Standing, end_trial, standings, take_trial
from outbox.handlers import (
    AnswerLost,
    GiveUp,
    Handler,
    Permanent,
    Settle,
    Transient,
    UnknownKind,
    Waits,
    handler_of,
    provider_of,
)
from outbox.models import Effect, State
from outbox.queries import claimable

logger = logging.getLogger(__name__)

# Longer than the longest answer a handler waits for; a worker that takes longer is taken for dead.
LEASE: Final = timedelta(minutes=2)
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=1)
MAX_ATTEMPTS: Final = 20  # about half a day
PAUSE_OF_WAITING: Final = timedelta(minutes=15)


class InsideTransaction(RuntimeError):
    """Effects were to be carried out inside a transaction: the network would hold its locks."""


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


@dataclass(frozen=True, slots=True)
class DrainReport:
    """How many effects one drain carried out, put off, could not tell, gave up, had to let wait, and lost to another
    worker."""

    done: int = 0
    retried: int = 0
    unknown: int = 0
    failed: int = 0
    waiting: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class _Claim:
    effect: Effect
    handler: Handler | None
    uncertain: bool
    """It was tried before and the answer never came."""
    trial: str = ""
    """The service that is tried again with this effect alone."""


def drain(*, now: datetime, limit: int = 100) -> DrainReport:
    """Carries out at most `limit` effects that are due, oldest first, until none is left.

    Raises InsideTransaction. Errors of handlers are recorded with the effect, never raised.
    """
    if connection.in_atomic_block:
        raise InsideTransaction
    started = monotonic()
    results: Counter[str] = Counter()
    for _ in range(limit):
        # A long drain must not ask for consent as of the time it began.
        moment = now + timedelta(seconds=monotonic() - started)
        claim = _claim(now=moment)
        if claim is None:
            break
        try:
            result = _carry_out(claim, now=moment)
        finally:
            if claim.trial:
                end_trial(claim.trial)
        results[result] += 1
        logger.info("outbox: %s %s: %s", claim.effect.kind, claim.effect.pk, result)
    return DrainReport(**results)


def pause_before(attempt: int) -> timedelta:
    """How long to wait before the next attempt: doubling up to an hour, and spread, lest a crowd return at once."""
    longest = min(FIRST_PAUSE * 2 ** min(attempt - 1, 16), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


def _claim(*, now: datetime) -> _Claim | None:
    found = standings(now=now)
    shut = {provider for provider, standing in found.items() if standing is Standing.SHUT}
    for _ in range(len(found) + 1):
        claim = _claim_one(now=now, shut=shut, on_trial=found.keys() - shut)
        if not isinstance(claim, str):
            return claim
        shut.add(claim)  # another worker tries it at this moment
    return None


def _claim_one(*, now: datetime, shut: Collection[str], on_trial: Collection[str]) -> _Claim | str | None:
    """The oldest effect that may go; the name of its service where another worker is trying that one already."""
    with transaction.atomic():
        effect = claimable(now=now, shut=shut).select_for_update(skip_locked=True).first()
        if effect is None:
            return None
        trial = provider if (provider := provider_of(effect.kind)) in on_trial else ""
        if trial and not take_trial(trial, now=now):
            return trial
        uncertain = effect.state != State.PENDING
        # The lease runs by the database's clock: workers' clocks may differ, and this one decides who owns the row.
        Effect.objects.filter(pk=effect.pk).update(
            state=State.LEASED, lease_token=uuid4(), leased_until=Now() + LEASE, attempts=F("attempts") + 1
        )
    effect.refresh_from_db()
    try:
        handler = handler_of(effect.kind)
    except UnknownKind:
        handler = None
    return _Claim(effect, handler, uncertain, trial)


def _carry_out(claim: _Claim, *, now: datetime) -> Result:
    if claim.effect.attempts > MAX_ATTEMPTS:
        return _give_up(claim, "Each attempt ended without a word.", now=now)
    try:
        return _finish(claim, _act(claim, now=now), now=now)
    except Permanent as error:
        return _give_up(claim, error.sentence, now=now)
    except Waits as error:
        return _let_wait(claim, _words(error), now=now)
    except Transient as error:
        return _put_off(claim, State.PENDING, _words(error), now=now, pause=error.retry_after)
    except Exception as error:  # noqa: BLE001 - whatever it was, the call may have gone out before
        pause = error.look_after if isinstance(error, AnswerLost) else None
        return _put_off(claim, State.UNKNOWN, _words(error), now=now, pause=pause)


def _words(error: Exception) -> str:
    # The text of a foreign exception may quote an address; only sentences written for staff are kept.
    sentence = getattr(error, "sentence", "")
    return f"{type(error).__name__}: {sentence}" if sentence else type(error).__name__


def _act(claim: _Claim, *, now: datetime) -> Settle | None:
    if claim.handler is None:
        raise Transient("Nobody here carries out effects of this kind.")
    if claim.uncertain and claim.handler.probe is not None:
        try:
            settle = claim.handler.probe(claim.effect, now=now)
        except Transient as error:
            raise AnswerLost(error.sentence, look_after=error.retry_after) from error
        if settle is not None:
            return settle
    return claim.handler.carry(claim.effect, now=now)


def _finish(claim: _Claim, settle: Settle | None, *, now: datetime) -> Result:
    with transaction.atomic():
        if not _record(claim, state=State.DONE, finished_at=now, last_error=""):
            return Result.LOST
        if settle is not None:
            settle()
    return Result.DONE


def _put_off(claim: _Claim, state: State, words: str, *, now: datetime, pause: timedelta | None = None) -> Result:
    attempts = claim.effect.attempts
    if attempts >= MAX_ATTEMPTS:
        return _give_up(claim, words, now=now)
    wait = max(pause or timedelta(0), pause_before(attempts))
    if not _record(claim, state=state, due_at=now + wait, last_error=words):
        return Result.LOST
    return Result.RETRIED if state == State.PENDING else Result.UNKNOWN


def _let_wait(claim: _Claim, words: str, *, now: datetime) -> Result:
    """Back to where it was, as if nobody had taken it: what forbids it may last for weeks."""
    state = State.UNKNOWN if claim.uncertain else State.PENDING
    attempts = claim.effect.attempts - 1
    if not _record(claim, state=state, attempts=attempts, due_at=now + PAUSE_OF_WAITING, last_error=words):
        return Result.LOST
    return Result.WAITING


def _give_up(claim: _Claim, words: str, *, now: datetime) -> Result:
    with transaction.atomic():
        if not _record(claim, state=State.FAILED, last_error=words):
            return Result.LOST
        if claim.handler is not None and claim.handler.give_up is not None:
            _tell_the_app(claim, claim.handler.give_up, now=now)
    return Result.FAILED


def _tell_the_app(claim: _Claim, give_up: GiveUp, *, now: datetime) -> None:
    try:
        with transaction.atomic():
            give_up(claim.effect, now=now)
    except Exception as error:  # noqa: BLE001 - the dead letter is written even where the app cannot take note of it
        logger.error(  # noqa: TRY400 - the text of a foreign exception may quote data
            "outbox: giving up %s failed: %s", claim.effect.pk, type(error).__name__
        )


def _record(claim: _Claim, **changes: Any) -> bool:
    """Writes the outcome if this worker still holds the lease; False where another one has taken over."""
    mine = Effect.objects.filter(pk=claim.effect.pk, state=State.LEASED, lease_token=claim.effect.lease_token)
    if "last_error" in changes:
        changes["last_error"] = changes["last_error"][:200]
    if mine.update(lease_token=None, leased_until=None, **changes) != 1:
        return False
    for name, value in changes.items():
        setattr(claim.effect, name, value)
    return True
