"""Orders an effect in the transaction of the change that causes it, and puts a failed one back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Func, Value
from django.utils.translation import gettext_lazy as _

from audit import trail
from audit.trail import Actor
from outbox.doorbell import ring
from outbox.draining import DrainReport, drain
from outbox.handlers import handler_of
from outbox.models import SEQUENCE, Effect, State

__all__ = [
    "DrainReport",
    "NotFailed",
    "Order",
    "OutsideTransaction",
    "drain",
    "enqueue",
    "enqueue_many",
    "look_up_waiting",
    "requeue",
]


class OutsideTransaction(RuntimeError):
    """An effect was ordered outside the transaction of the change that causes it."""


class NotFailed(ValueError):
    """Only an effect that was given up can be put back."""

    message = _("Only an effect that was given up can be put back.")


def enqueue(
    kind: str,
    *,
    aggregate: str,
    payload: Mapping[str, str | int],
    now: datetime,
    subject: UUID | None = None,
    not_before: datetime | None = None,
) -> Effect:
    """Orders an effect in the caller's transaction; the worker is woken when that commits.

    `aggregate` is what the order counts within (`message:<id>`): effects of one aggregate are carried out one after
    the other, in the order of their transactions. `payload` holds ids and counts only, `subject` the id of the account
    the effect is about, where there is one; `not_before` puts it off, and what follows in its aggregate with it.
    Raises OutsideTransaction, UnknownKind, TypeError.
    """
    order = Order(aggregate, payload, subject)
    (effect,) = _ordered(kind, [order], state=State.PENDING, now=now, due_at=not_before or now)
    return effect


@dataclass(frozen=True, slots=True)
class Order:
    """One effect of many: what it counts within, its ids, and the account that it is about."""

    aggregate: str
    payload: Mapping[str, str | int]
    subject: UUID | None = None


def enqueue_many(kind: str, orders: Sequence[Order], *, now: datetime, look_up_first: bool = False) -> None:
    """Orders effects of one kind as `enqueue` does, with two statements for all, in the caller's transaction.

    With `look_up_first` it is asked before the first try whether each was carried out already.
    Raises OutsideTransaction, UnknownKind, TypeError.
    """
    state = State.UNKNOWN if look_up_first else State.PENDING
    _ordered(kind, orders, state=state, now=now, due_at=now)


def look_up_waiting(kind: str) -> int:
    """After a restore: whatever waits may have been carried out since the backup, so that is looked up first."""
    return Effect.objects.filter(kind=kind, state=State.PENDING).update(state=State.UNKNOWN)


def _ordered(kind: str, orders: Sequence[Order], *, state: State, now: datetime, due_at: datetime) -> list[Effect]:
    if not connection.in_atomic_block:
        raise OutsideTransaction(kind)
    handler_of(kind)
    for order in orders:
        _refuse_other_than_ids(order.payload)
    _take_place_in(*sorted({order.aggregate for order in orders}))
    effects = Effect.objects.bulk_create(
        Effect(
            kind=kind,
            aggregate=order.aggregate,
            payload=dict(order.payload),
            subject=order.subject,
            state=state,
            created_at=now,
            due_at=due_at,
        )
        for order in orders
    )
    transaction.on_commit(ring, robust=True)
    return effects


def _refuse_other_than_ids(payload: Mapping[str, str | int]) -> None:
    for name, value in payload.items():
        if not isinstance(value, str | int) or "@" in str(value):
            raise TypeError(f"The payload of an effect holds ids and counts only: {name!r} is neither.")


def _take_place_in(*aggregates: str) -> None:
    # Numbers are drawn before the commit: without this lock a later number could be visible, and carried out, first.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS name",
            [[f"outbox:{aggregate}" for aggregate in aggregates]],
        )


def requeue(effect_id: UUID, *, actor: Actor, reason: str, now: datetime) -> Effect:
    """Puts a failed effect back, at the end of its aggregate's order, to be looked up first; the trail says why.

    Raises NotFailed, also when somebody else was faster.
    """
    with transaction.atomic():
        effect = Effect.objects.select_for_update().get(pk=effect_id)
        if effect.state != State.FAILED:
            raise NotFailed(effect.state)
        _take_place_in(effect.aggregate)
        Effect.objects.filter(pk=effect_id).update(
            state=State.UNKNOWN,
            attempts=0,
            due_at=now,
            sequence=Func(Value(SEQUENCE), function="nextval"),
        )
        trail.record(
            "outbox.requeued",
            actor=actor,
            subject=effect.subject,
            about=effect,
            reason=reason,
            details={"kind": effect.kind, "attempts": effect.attempts},
            now=now,
        )
        transaction.on_commit(ring, robust=True)
    effect.refresh_from_db()
    return effect
