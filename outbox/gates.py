"""Shuts the way to a service outside that fails, for all workers at once, and tries it again with one effect.

What waits for it keeps its place: it is not claimed, so no attempt is counted and no pause of its own begins (Art. 32).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from audit import trail
from audit.trail import Actor
from outbox.doorbell import ring
from outbox.handlers import AnswerLost, Halted, Permanent, Transient
from outbox.models import ProviderGate

logger = logging.getLogger(__name__)

FAILURES_IN_A_ROW: Final = 5
FIRST_CLOSURE: Final = timedelta(seconds=30)
LONGEST_CLOSURE: Final = timedelta(minutes=15)
LONGEST_ASKED: Final = timedelta(hours=1)
"""Whoever asks us to stay away for longer is tried again after this: one odd answer must not stop mail for a day."""

TRIAL: Final = timedelta(minutes=2)
"""So long the one effect that tries a gate may take: as long as its lease."""


class Standing(Enum):
    """Whether an effect may go to a service now."""

    SHUT = "shut"
    ON_TRIAL = "on trial"
    """The closure is over: one effect may try."""


class NotShut(ValueError):
    """Nothing is to be opened: somebody else was faster, or the service answers again."""


@contextmanager
def asking(provider: str, *, now: datetime, calm: bool = False) -> Iterator[None]:
    """Around each call of a service, outside any transaction: counts failures in a row, and shuts or opens its gate.

    An answer that refuses one effect alone is an answer. Errors pass through. `calm` says that nothing was noted there
    a moment ago, as is so of effects that go together: a good answer then has nothing to put right.
    """
    try:
        yield
    except Halted as error:
        _shut_for_staff(provider, error.sentence, now=now)
        raise
    except Permanent:
        _answered(provider, calm=calm)
        raise
    except Transient as error:
        if error.this_one_only:
            _answered(provider, calm=calm)
        else:
            _note_failure(provider, error.sentence, now=now, asked=error.retry_after)
        raise
    except AnswerLost as error:
        _note_failure(provider, error.sentence, now=now)
        raise
    _answered(provider, calm=calm)


def standings(*, now: datetime) -> dict[str, Standing]:
    """The services to which not everything may go at `now`; one query."""
    gates = shut_gates().annotate(tried=Q(trial_until__gt=Now()))
    rows = gates.values_list("provider", "needs_staff", "shut_until", "tried")
    return {
        provider: Standing.SHUT if needs_staff or shut_until is None or shut_until > now or tried else Standing.ON_TRIAL
        for provider, needs_staff, shut_until, tried in rows
    }


def shut_gates() -> QuerySet[ProviderGate]:
    """The gates through which not everything goes, whether or not their time is over."""
    return ProviderGate.objects.filter(Q(needs_staff=True) | Q(shut_until__isnull=False))


def spoilt_gates() -> QuerySet[ProviderGate]:
    """The same, and those against whose services a failure is noted."""
    return ProviderGate.objects.filter(Q(failures__gt=0) | Q(needs_staff=True) | Q(shut_until__isnull=False))


def take_trial(provider: str, *, now: datetime) -> bool:
    """Reserve the one try of a service whose closure is over; False where another worker has it, until its end."""
    ready = Q(trial_until__isnull=True) | Q(trial_until__lte=Now())
    gates = ProviderGate.objects.filter(ready, provider=provider, needs_staff=False, shut_until__lte=now)
    return gates.update(trial_until=Now() + TRIAL) == 1


def end_trial(provider: str) -> None:
    """The effect that had the try is through: also where it called nobody after all."""
    ProviderGate.objects.filter(provider=provider).update(trial_until=None)


def shut() -> list[ProviderGate]:
    """The gates that are not open, for the page of health."""
    return [gate for gate in ProviderGate.objects.order_by("provider") if gate.is_shut]


def open_by_staff(provider: str, *, actor: Actor, reason: str, now: datetime) -> None:
    """Let effects go again at once, with the trail saying why. Raises NotShut."""
    with transaction.atomic():
        gate = ProviderGate.objects.select_for_update().get(pk=provider)
        if not gate.is_shut:
            raise NotShut(provider)
        _open(provider)
        details = {"failures": gate.failures, "closures": gate.closures}
        trail.record("outbox.gate_opened", actor=actor, about=gate, reason=reason, details=details, now=now)
        transaction.on_commit(ring, robust=True)


def _answered(provider: str, *, calm: bool) -> None:
    if not calm:
        _open(provider)


def _open(provider: str) -> None:
    fresh = {"failures": 0, "closures": 0, "needs_staff": False, "shut_at": None, "shut_until": None}
    if spoilt_gates().filter(provider=provider).update(**fresh, trial_until=None, last_error=""):
        logger.info("outbox: the gate to %s is open", provider)


def _note_failure(provider: str, sentence: str, *, now: datetime, asked: timedelta | None = None) -> None:
    with transaction.atomic():
        gate = _held(provider)
        gate.failures, gate.last_error = gate.failures + 1, sentence[:200]
        until = gate.shut_until
        # A call that was on its way when the gate was shut tells nothing new.
        is_news = until is None or until <= now
        if is_news and (asked or until is not None or gate.failures >= FAILURES_IN_A_ROW):
            closure = min(FIRST_CLOSURE * 2 ** min(gate.closures, 10), LONGEST_CLOSURE)
            gate.shut_until = now + max(closure, min(asked or timedelta(0), LONGEST_ASKED))
            gate.shut_at, gate.closures, gate.trial_until = gate.shut_at or now, gate.closures + 1, None
            logger.warning("outbox: the gate to %s is shut until %s", provider, gate.shut_until.isoformat())
        gate.save()


def _shut_for_staff(provider: str, sentence: str, *, now: datetime) -> None:
    with transaction.atomic():
        gate = _held(provider)
        gate.needs_staff, gate.shut_at, gate.last_error = True, gate.shut_at or now, sentence[:200]
        gate.trial_until = None
        gate.save()
    logger.error("outbox: the gate to %s is shut until staff open it", provider)


def _held(provider: str) -> ProviderGate:
    ProviderGate.objects.get_or_create(provider=provider)
    return ProviderGate.objects.select_for_update().get(pk=provider)
