"""Takes effects in batches, and tells whoever comes after a crash which of them were begun (E2, E5; ADR 0032).

A claim alone changes no state: when its lease has run out the effect is what it was, untried. Only `begin` makes it one
of which nobody knows. Leases run by the database's clock: workers' clocks may differ.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Case, Exists, F, QuerySet, Value, When
from django.db.models.functions import Now

from outbox.gates import Standing, shut_gates, spoilt_gates, standings, take_trial
from outbox.handlers import Handler, Together, UnknownKind, handler_of, kinds_of, provider_of
from outbox.models import WAITING, Effect, State
from outbox.queries import claimable

LEASE: Final = timedelta(minutes=2)
"""From the beginning: longer than the longest answer a handler waits for. Whoever takes longer is taken for dead."""

HOLD: Final = timedelta(seconds=30)
"""From the claim to the beginning: a worker that is held up by one effect lets others have the rest of its batch."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An effect that this worker alone may begin, while its lease lasts."""

    effect: Effect
    handler: Handler | None
    uncertain: bool
    """It was tried before and the answer never came."""

    trial: str = ""
    """The service that is tried again with this effect alone."""

    @property
    def together(self) -> Together | None:
        """How it goes with others of its kind; None where it goes alone: its kind does, or it was tried before."""
        if self.handler is None or self.uncertain or self.trial or self.effect.attempts:
            return None
        return self.handler.together


def claim_batch(*, now: datetime, limit: int) -> list[Claim]:
    """The oldest effects that may go, `limit` at most and no two of one aggregate; one alone where it tries a gate."""
    found = standings(now=now)
    for provider, standing in found.items():
        if standing is Standing.ON_TRIAL and (claims := _claim_trial(provider, now=now)):
            return claims
    return _claim(claimable(now=now, shut=found)[:limit])


def begin(claims: Sequence[Claim]) -> bool:
    """Say that these are carried out from now on. False where a lease has run out or a gate was shut meanwhile, for
    several also where anything is noted against their service: then none may be, and the transaction must be rolled
    back."""
    against = shut_gates() if len(claims) == 1 else spoilt_gates()
    providers = {provider_of(claim.effect.kind) for claim in claims if not claim.trial}
    mine = _held(claims, states=WAITING).filter(leased_until__gt=Now())
    free = mine.filter(~Exists(against.filter(provider__in=providers)))
    if free.update(state=State.LEASED, leased_until=Now() + LEASE, attempts=F("attempts") + 1) != len(claims):
        return False
    transaction.on_commit(partial(_note_tried, claims, 1))
    return True


def take_back(claims: Sequence[Claim]) -> None:
    """Of these it is certain that nobody was called after all: they are again what they were before `begin`."""
    _held(claims, states=[State.LEASED]).update(state=State.PENDING, attempts=F("attempts") - 1)
    _note_tried(claims, -1)


def give_back(claims: Sequence[Claim]) -> None:
    """Let others have what was not begun."""
    _held(claims, states=WAITING).update(lease_token=None, leased_until=None)


def record(claims: Sequence[Claim], **changes: Any) -> bool:
    """Writes the outcome if this worker still holds every lease; False where another one has taken over: then call it
    inside a transaction that is rolled back."""
    if "last_error" in changes:
        changes["last_error"] = changes["last_error"][:200]
    recorded = _held(claims, states=[State.LEASED]).update(lease_token=None, leased_until=None, **changes)
    if recorded != len(claims):
        return False
    for claim in claims:
        for name, value in changes.items():
            setattr(claim.effect, name, value)
    return True


def _held(claims: Sequence[Claim], *, states: Collection[str]) -> QuerySet[Effect]:
    """Those of one batch in these states whose lease is still ours."""
    numbers, token = [claim.effect.pk for claim in claims], claims[0].effect.lease_token
    return Effect.objects.filter(pk__in=numbers, state__in=states, lease_token=token)


def _note_tried(claims: Sequence[Claim], times: int) -> None:
    for claim in claims:
        claim.effect.attempts += times


def _claim_trial(provider: str, *, now: datetime) -> list[Claim]:
    with transaction.atomic():
        claims = _claim(claimable(now=now).filter(kind__in=kinds_of([provider]))[:1], trial=provider)
        if not claims or take_trial(provider, now=now):
            return claims
        transaction.set_rollback(True)  # another worker tries it at this moment
    return []


def _claim(rows: QuerySet[Effect], *, trial: str = "") -> list[Claim]:
    token = uuid4()
    with transaction.atomic():
        _need_not_outlast_the_database()
        effects = list(rows.select_for_update(skip_locked=True))
        # What a worker left in the middle is as doubtful as what lost its answer.
        state = Case(When(state=State.PENDING, then=Value(State.PENDING)), default=Value(State.UNKNOWN))
        taken = Effect.objects.filter(pk__in=[effect.pk for effect in effects])
        taken.update(state=state, lease_token=token, leased_until=Now() + HOLD)
    for effect in effects:
        effect.lease_token = token
    return [Claim(effect, _handler(effect), effect.state != State.PENDING, trial) for effect in effects]


def _need_not_outlast_the_database() -> None:
    # A claim that a crash of the database forgets was never made: it need not wait for the disk.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _handler(effect: Effect) -> Handler | None:
    try:
        return handler_of(effect.kind)
    except UnknownKind:
        return None
