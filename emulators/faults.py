"""What goes wrong between two programs: an answer that never comes, comes late, cut, wrong, or after the deed is done.

A fault is taken from a queue, one for each call, or drawn at random from a seed, so that every run can be repeated.
"""

import random
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """What happens to one call."""

    NONE = "none"
    STATUS = "status"
    """Refused with `status`, and `retry_after` seconds where given; nothing was done."""
    RESET_BEFORE = "reset_before"
    """The connection is cut; nothing was done."""
    RESET_AFTER = "reset_after"
    """It was done, and then the connection is cut."""
    DONE_THEN_500 = "done_then_500"
    """It was done, and the answer says that it failed."""
    HALF_BODY = "half_body"
    """It was done, and the answer breaks off in the middle."""
    GARBAGE = "garbage"
    """It was done, and the answer is neither JSON nor XML."""
    HUGE = "huge"
    """It was done, and the answer does not end (100 MB)."""
    REDIRECT = "redirect"
    """The answer points to another host; nothing was done."""
    SLOW = "slow"
    """It was done, and the answer waits `seconds`."""
    LATE = "late"
    """It is done after `seconds`: whoever has stopped waiting may look too early."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault with its figures."""

    fault: Fault = Fault.NONE
    status: int = 500
    retry_after: int = 0
    seconds: float = 1.0


@dataclass(slots=True)
class Faults:
    """The faults of one service. `rate` of the calls go wrong by `kinds`, drawn from `seed`; the queue goes first."""

    queue: deque[Planned] = field(default_factory=deque)
    rate: float = 0.0
    kinds: tuple[Fault, ...] = ()
    seconds: float = 1.0
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - repeatable, no secret
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, order: dict[str, Any]) -> None:
        """Take `{"queue": [{"fault": …}]}`, or `{"rate": 0.35, "seed": 7, "kinds": [...], "seconds": 0.5}`; `{}`
        ends all faults."""
        with self._lock:
            self.queue = deque(Planned(**{**one, "fault": Fault(one["fault"])}) for one in order.get("queue", []))
            self.rate = float(order.get("rate", 0))
            self.kinds = tuple(Fault(kind) for kind in order.get("kinds", []))
            self.seconds = float(order.get("seconds", 1))
            self._random = random.Random(int(order.get("seed", 0)))  # noqa: S311 - repeatable, no secret

    def next(self) -> Planned:
        """What happens to the next call."""
        with self._lock:
            if self.queue:
                return self.queue.popleft()
            if self.kinds and self._random.random() < self.rate:
                return Planned(self._random.choice(self.kinds), seconds=self.seconds)
        return Planned()
