"""What a request that changes nothing looks up once: who is restricted, what was consented to, what the gate said.

Fresh in each request and never kept longer: what people decide about their data holds from the next one on.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

Found = TypeVar("Found")

_FOUND: Final[ContextVar[dict[Hashable, Any] | None]] = ContextVar("found", default=None)


def once(question: Hashable, look: Callable[[], Found]) -> Found:
    """What `look` finds; within `looking_once` the same question is looked up once."""
    known = _FOUND.get()
    if known is None:
        return look()
    if question not in known:
        known[question] = look()
    found: Found = known[question]
    return found


def remember(question: Hashable, found: object) -> None:
    """What came along with something else: within `looking_once` it need not be looked up any more."""
    if (known := _FOUND.get()) is not None:
        known[question] = found


@contextmanager
def looking_once() -> Iterator[None]:
    """Around a request or a report that changes nothing, and never longer."""
    token = _FOUND.set({})
    try:
        yield
    finally:
        _FOUND.reset(token)


def forget() -> None:
    """Look anew from here on: for whoever decides, deletes, or has waited for others to decide."""
    if (known := _FOUND.get()) is not None:
        known.clear()
