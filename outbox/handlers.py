"""How an app says what an effect does: the register of handlers, and the words in which a handler answers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from outbox.models import Effect

Settle = Callable[[], None]
"""What the handler's app records about the outcome, in the one transaction that finishes the effect."""

Call = Callable[[], Settle | None]
"""One effect's turn, with everything at hand."""


class Carry(Protocol):
    """A handler: calls the outside world, outside any transaction.

    It may hand back a `Settle`, which runs in the transaction that marks the effect done, and only while its lease
    still holds: so neither a crash nor a late worker can part the effect from what it means for the app.
    """

    def __call__(self, effect: Effect, /, *, now: datetime) -> Settle | None: ...


class Probe(Protocol):
    """Looks up whether an effect was carried out after its answer was lost: what to record, or None if not."""

    def __call__(self, effect: Effect, /, *, now: datetime) -> Settle | None: ...


class GiveUp(Protocol):
    """Records in the app that an effect was given up; runs in the transaction that marks it failed."""

    def __call__(self, effect: Effect, /, *, now: datetime) -> None: ...


class Prepare(Protocol):
    """Reads and notes for many effects at once what each of them needs, in the transaction that begins them.

    It hands back their calls by the effects' ids; one that it leaves out is carried out like any other. A call does
    what the handler does, and needs the database no more than the other side makes it.
    """

    def __call__(self, effects: Sequence[Effect], /, *, now: datetime) -> Mapping[UUID, Call]: ...


@dataclass(frozen=True, slots=True)
class Together:
    """How effects of one kind that nobody has tried yet go one after the other with few statements for all of them,
    while nothing is noted against their service.

    Only where a call that is repeated after a crash does no harm and needs no look before. `settle` does what the
    settles of many would do, in the one transaction that finishes them; what fails so is finished one by one.
    """

    prepare: Prepare
    settle: Callable[[Sequence[Settle]], None]


class EffectError(Exception):
    """Why an effect was not carried out: one sentence without personal data, shown to staff."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Transient(EffectError):
    """It certainly did not happen and may work later; `retry_after` is what the other side asked for; `this_one_only`
    where it does its work and only this effect must wait."""

    def __init__(self, sentence: str, *, retry_after: timedelta | None = None, this_one_only: bool = False) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.this_one_only = this_one_only


class Waits(EffectError):
    """It may not happen now, and was not tried: it waits, for as long as it takes, and no attempt is counted."""


class Halted(Waits):
    """The other side refuses us, whatever we bring (a key it does not take): nothing goes until staff have looked."""


class AnswerLost(EffectError):
    """It may have happened: the answer got lost. Looked up before it is tried again, not before `look_after`."""

    def __init__(self, sentence: str, *, look_after: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.look_after = look_after


class Permanent(EffectError):
    """Trying again cannot help: staff must look at it."""


class UnknownKind(LookupError):
    """Nobody carries out effects of this kind."""


@dataclass(frozen=True, slots=True)
class Handler:
    """Everything an app says about one kind of effect. Without a probe a lost answer leads to a second try; `provider`
    names the service that it would call now, whose gate it waits at, empty for none (`outbox.gates`)."""

    carry: Carry
    probe: Probe | None = None
    give_up: GiveUp | None = None
    provider: Callable[[], str] | None = None
    together: Together | None = None


_handlers: dict[str, Handler] = {}


def effect(
    kind: str,
    *,
    probe: Probe | None = None,
    give_up: GiveUp | None = None,
    provider: Callable[[], str] | None = None,
    together: Together | None = None,
) -> Callable[[Carry], Carry]:
    """Registers the decorated function as the handler of `kind`; stands in an app's `effects.py`, found at start.

    A kind has one handler: registering another function for it raises ValueError.
    """

    def register(carry: Carry) -> Carry:
        if kind in _handlers:
            raise ValueError(f"Effects of the kind {kind!r} already have a handler.")
        _handlers[kind] = Handler(carry, probe, give_up, provider, together)
        return carry

    return register


def handler_of(kind: str) -> Handler:
    """The handler of this kind; UnknownKind where there is none."""
    try:
        return _handlers[kind]
    except KeyError:
        raise UnknownKind(kind) from None


def provider_of(kind: str) -> str:
    """The service that effects of this kind call now; empty for none, and for a kind that nobody carries out."""
    found = _handlers.get(kind)
    return found.provider() if found is not None and found.provider is not None else ""


def known_kinds() -> list[str]:
    """Every kind of effect that somebody carries out."""
    return sorted(_handlers)


def kinds_of(providers: Collection[str]) -> list[str]:
    """The kinds of effects that call one of these services now."""
    return [kind for kind in _handlers if provider_of(kind) in providers] if providers else []
