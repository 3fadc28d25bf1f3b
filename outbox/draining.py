"""Carries effects out: claims a batch, calls handlers outside any transaction, records how each went (ADR 0032).

Two workers never hold one effect, nor two effects of one aggregate, and a late one changes nothing: its lease is gone.
"""

import logging
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice, takewhile
from time import monotonic
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from outbox.claims import Claim, begin, claim_batch, give_back, take_back
from outbox.gates import end_trial
from outbox.handlers import AnswerLost, Call, Permanent, Settle, Together, Transient
from outbox.outcomes import MAX_ATTEMPTS, Answer, Result, write_down, write_down_together

logger = logging.getLogger(__name__)

SMALLEST_BATCH: Final = 1
LARGEST_BATCH: Final = 100
TURN: Final = 0.25
"""Seconds of calls between two commits where effects go together: so long an outcome may wait for its neighbours'."""

LONGEST_TURN: Final = 1.0
"""Seconds after which no more is called of what was begun together: the calls have become slower."""


class InsideTransaction(RuntimeError):
    """Effects were to be carried out inside a transaction: the network would hold its locks."""


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


def drain(*, now: datetime, limit: int = 100) -> DrainReport:
    """Carries out at most `limit` effects that are due, oldest first, until none is left.

    Raises InsideTransaction. Errors of handlers are recorded with the effect, never raised.
    """
    if connection.in_atomic_block:
        raise InsideTransaction
    worker = _Worker(now)
    while (left := limit - worker.results.total()) > 0:
        batch = claim_batch(now=worker.moment(), limit=min(left, worker.batch_size))
        if not batch:
            break
        worker.carry_out(deque(batch))
    return DrainReport(**worker.results)


class _Worker:
    """One drain: how it went so far, and how long a call of each kind took lately."""

    def __init__(self, now: datetime) -> None:
        self.results: Counter[str] = Counter()
        self.batch_size = SMALLEST_BATCH
        """As many as it carried out in a second lately: what it holds, nobody else can take."""

        self._now, self._started = now, monotonic()
        self._seconds: dict[str, float] = {}

    def moment(self) -> datetime:
        """A long drain must not ask for consent as of the time it began."""
        return self._now + timedelta(seconds=monotonic() - self._started)

    def carry_out(self, batch: deque[Claim]) -> None:
        """From the head, until one may not be begun; what was not begun is given back, whatever happens."""
        trial, before, started = batch[0].trial, self.results.total(), monotonic()
        try:
            while batch and (self._carry_out_together(batch) or self._carry_out_one(batch)):
                pass
        finally:
            if batch:
                give_back(batch)
            if trial:
                end_trial(trial)
        rate = (self.results.total() - before) / (monotonic() - started)
        self.batch_size = max(SMALLEST_BATCH, min(int(rate), LARGEST_BATCH))

    def _carry_out_one(self, batch: deque[Claim]) -> bool:
        now, claim = self.moment(), batch[0]
        if not begin([claim]):
            return False
        batch.popleft()
        started = monotonic()
        answer = _answer(partial(_act, claim, now=now))
        self._seconds[claim.effect.kind] = monotonic() - started
        self._note(claim, write_down(claim, answer, now=now))
        return True

    def _carry_out_together(self, batch: deque[Claim]) -> bool:
        """False where nothing was begun: there is no crowd, or something is the matter that shows with one alone."""
        now, together, claims = self.moment(), batch[0].together, self._crowd(batch)
        if together is None or len(claims) < 2 or (calls := _begin_together(claims, together, now=now)) is None:
            return False
        for _ in claims:
            batch.popleft()
        started = monotonic()
        answered = list(_answers_in_turn(claims, calls, now=now))
        self._seconds[claims[0].effect.kind] = (monotonic() - started) / len(answered)
        for claim, result in write_down_together(answered, together, now=now):
            self._note(claim, result)
        if uncalled := claims[len(answered) :]:
            take_back(uncalled)
            batch.extendleft(reversed(uncalled))
        return True

    def _crowd(self, batch: deque[Claim]) -> list[Claim]:
        """Those at the head, alike and never tried, that can all be called in one turn at the pace of the last."""
        kind = batch[0].effect.kind
        most = int(TURN / self._seconds[kind]) if kind in self._seconds else 1
        alike = takewhile(lambda claim: claim.effect.kind == kind and claim.together is not None, batch)
        return list(islice(alike, most))

    def _note(self, claim: Claim, result: Result) -> None:
        self.results[result] += 1
        logger.info("outbox: %s %s: %s", claim.effect.kind, claim.effect.pk, result)


def _begin_together(claims: Sequence[Claim], together: Together, *, now: datetime) -> Mapping[UUID, Call] | None:
    try:
        with transaction.atomic():
            if not begin(claims):
                transaction.set_rollback(True)
                return None
            return together.prepare([claim.effect for claim in claims], now=now)
    except Exception as error:  # noqa: BLE001 - each for itself says more
        logger.info("outbox: %s could not be begun together: %s", len(claims), type(error).__name__)
        return None


def _answers_in_turn(
    claims: Sequence[Claim], calls: Mapping[UUID, Call], *, now: datetime
) -> Iterator[tuple[Claim, Answer]]:
    """Until one ends in trouble: what is behind it goes on alone, if it may."""
    started = monotonic()
    for claim in claims:
        answer = _answer(calls.get(claim.effect.pk) or partial(_act, claim, now=now))
        yield claim, answer
        if isinstance(answer, Exception) or monotonic() - started > LONGEST_TURN:
            return


def _answer(call: Call) -> Answer:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - it is recorded with the effect
        return error


def _act(claim: Claim, *, now: datetime) -> Settle | None:
    if claim.effect.attempts > MAX_ATTEMPTS:
        raise Permanent("Each attempt ended without a word.")
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
