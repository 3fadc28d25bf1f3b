"""Handlers of kinds that only these tests know, and effects to feed them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import pytest
from django.db import transaction

from outbox import handlers
from outbox.doorbell import doorbell
from outbox.gates import asking
from outbox.handlers import Handler, Settle
from outbox.models import Effect
from outbox.services import enqueue

PROVIDER: Final = "TESTS"
NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class World:
    """The outside world: it writes down every call, and misbehaves as told."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.behaviour: Callable[[Effect], Settle | None] = lambda effect: None

    def carry(self, effect: Effect, /, *, now: datetime) -> Settle | None:
        self.calls.append(str(effect.payload["name"]))
        return self.behaviour(effect)

    def raising(self, error: Exception) -> None:
        def behaviour(effect: Effect) -> None:
            raise error

        self.behaviour = behaviour


@pytest.fixture(autouse=True)
def _rested_doorbell() -> None:
    doorbell.quiet_until = 0.0


@pytest.fixture
def world() -> Iterator[World]:
    """A world behind the kind `tests.call`."""
    found = World()
    handlers._handlers["tests.call"] = Handler(found.carry)
    yield found
    handlers._handlers.pop("tests.call")


@pytest.fixture
def provider(world: World) -> World:
    """The same world as a service outside, with a gate of its own."""

    def carry(effect: Effect, /, *, now: datetime) -> Settle | None:
        with asking(PROVIDER, now=now):
            return world.carry(effect, now=now)

    handlers._handlers["tests.call"] = Handler(carry, provider=lambda: PROVIDER)
    return world


def order(name: str, *, aggregate: str = "tests:1", now: datetime = NOW) -> Effect:
    """An effect of its own transaction."""
    with transaction.atomic():
        return enqueue("tests.call", aggregate=aggregate, payload={"name": name}, now=now)
