"""How much work waits: the figures for `/readyz` and for staff. Counts and ages only."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from outbox.gates import Standing, standings
from outbox.handlers import kinds_of
from outbox.models import UNFINISHED, WAITING, Effect, State

STUCK_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Effects per state (done ones left out), and how long the oldest due one has been waiting."""

    counts: dict[str, int]
    oldest_due_age: timedelta | None

    @property
    def is_stuck(self) -> bool:
        """Nobody carries the effects out: one has been due for longer than any retry in progress explains."""
        return self.oldest_due_age is not None and self.oldest_due_age > STUCK_AFTER


def claimable(*, now: datetime, shut: Collection[str] = ()) -> QuerySet[Effect]:
    """What a worker may take at `now`, oldest first: due, or left behind by a worker whose lease has run out (by the
    database's clock), nothing unfinished before it in its aggregate, and not for a service whose gate is `shut`."""
    earlier = Effect.objects.filter(
        aggregate=OuterRef("aggregate"), sequence__lt=OuterRef("sequence"), state__in=UNFINISHED
    )
    due = Q(state__in=WAITING, due_at__lte=now) | Q(state=State.LEASED)
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=Now())
    found = Effect.objects.filter(due, free, ~Exists(earlier), state__in=UNFINISHED)
    return found.exclude(kind__in=kinds_of(shut)).order_by("sequence")


def backlog(*, now: datetime) -> Backlog:
    """The work that waits at `now`. Failed effects are counted, not aged: they wait for staff, not for the worker; so
    are those at a shut gate, which speaks for itself (`outbox.gates.shut`)."""
    rows = Effect.objects.filter(state__in=(*UNFINISHED, State.FAILED)).order_by()
    counts = {str(state): 0 for state in (*UNFINISHED, State.FAILED)}
    counts |= {row["state"]: row["times"] for row in rows.values("state").annotate(times=Count("pk"))}
    closed = [provider for provider, standing in standings(now=now).items() if standing is Standing.SHUT]
    oldest = claimable(now=now, shut=closed).aggregate(at=Min(Coalesce("leased_until", "due_at")))["at"]
    return Backlog(counts, None if oldest is None else now - oldest)


@dataclass(frozen=True, slots=True)
class Effects:
    """What is still to be carried out by one service, and when it carried out something last, of what is not swept."""

    waiting: int
    last_answer_at: datetime | None


def effects_at(providers: Iterable[str]) -> dict[str, Effects]:
    """The effects at each of these services. One query."""
    named = list(providers)
    asked: dict[str, Any] = {}
    for number, provider in enumerate(named):
        its = Q(kind__in=kinds_of([provider]))
        asked[f"waiting_{number}"] = Count("pk", filter=its & Q(state__in=UNFINISHED))
        asked[f"answered_{number}"] = Max("finished_at", filter=its & Q(state=State.DONE))
    found = Effect.objects.filter(kind__in=kinds_of(named)).aggregate(**asked)
    return {
        provider: Effects(found[f"waiting_{number}"], found[f"answered_{number}"])
        for number, provider in enumerate(named)
    }
