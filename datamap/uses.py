"""Uses of personal data on consent: each stands behind the gate, and an architecture test knows the list (Art. 7(3)).

What a marked function does is the first sentence of its docstring; `docs/consent-uses.md` is written from these.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from datamap.gate import Decision, may_process
from datamap.trace import Subject

P = ParamSpec("P")
R = TypeVar("R")
Use = Callable[Concatenate[Subject, P], R]

ANY_CONSENT: Final = "*"
"""For a use that may rest on whichever consent is named to it."""


class NotPermitted(PermissionError):
    """The gate said no: nothing was read and nothing was done."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.reason)
        self.decision = decision


def on_consent(purpose: str, *, scope: Callable[..., str] | None = None) -> Callable[[Use[P, R]], Use[P, R]]:
    """Put the gate in front of a function `(person, …, *, now)`: its body runs only on a yes, else NotPermitted.

    `scope` makes the piece of the purpose from the arguments between `person` and `now`.
    """

    def behind(use: Use[P, R]) -> Use[P, R]:
        @wraps(use)
        def asked(person: Subject, /, *args: P.args, **how: P.kwargs) -> R:
            now = how["now"]
            if not isinstance(now, datetime):
                raise TypeError("The gate is asked about a moment.")
            decision = may_process(person, purpose, scope=scope(*args) if scope else "", now=now)
            if not decision:
                raise NotPermitted(decision)
            return use(person, *args, **how)

        return asked

    return behind


def asks_itself(*purposes: str, before: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a use whose purpose only the row knows: it asks the gate in its own body, before it calls `before`."""

    def marked(use: Callable[P, R]) -> Callable[P, R]:
        return use

    return marked
