"""How an app says what repeats its decisions: the register of repeaters (Q10.9)."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from replay.segments import Line


class Repeat(Protocol):
    """Carries out again what a line says, outside any transaction; twice is once.

    True where something was done, False where nothing was to do: done already, or the id belongs to somebody else now.
    """

    def __call__(self, line: Line, /, *, now: datetime) -> bool: ...


class Afterwards(Protocol):
    """Runs once all lines are repeated, for what must not simply go on from where the backup stood."""

    def __call__(self, *, now: datetime) -> None: ...


class UnknownKind(LookupError):
    """Nobody repeats decisions of this kind: the code is older than the journal."""


_repeats: dict[str, Repeat] = {}
_afterwards: list[Afterwards] = []


def repeats(kind: str) -> Callable[[Repeat], Repeat]:
    """Registers the decorated function for `kind`; stands in an app's `replays.py`, found at start."""

    def register(function: Repeat) -> Repeat:
        if _repeats.setdefault(kind, function) is not function:
            raise ValueError(f"{kind} is repeated by somebody else already.")
        return function

    return register


def afterwards(function: Afterwards) -> Afterwards:
    """Registers a function that runs once, after all lines."""
    if function not in _afterwards:
        _afterwards.append(function)
    return function


def repeat(line: Line, *, now: datetime) -> bool:
    """Carry out what one line says. Raises UnknownKind, and whatever the repeater raises."""
    try:
        function = _repeats[line.kind]
    except KeyError:
        raise UnknownKind(f"Line {line.n} speaks of {line.kind}, which this version does not know.") from None
    return function(line, now=now)


def conclude(*, now: datetime) -> None:
    """Run what was registered with `afterwards`."""
    for function in _afterwards:
        function(now=now)
