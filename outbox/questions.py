"""Puts a question to a recipient of data: under its contract, through its gate, with every end a word (Art. 15, 28)."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from django.db import connection

from datamap.processors import Outcome, RecipientResult
from outbox.contracts import require_contract
from outbox.gates import Standing, asking, standings
from outbox.handlers import EffectError, Halted, Permanent, Transient, Waits

Question = Callable[[], Iterable[str]]
"""Asks over the network, and gives what there is, a line each, as it comes. Raises an EffectError."""

PATIENCE: Final = 120.0
"""Seconds for all lines: one who was paid for years must not hold up her copy for longer than its lease."""


class InsideTransaction(RuntimeError):
    """A recipient was to be asked inside a transaction: the network would hold its locks."""


def ask(recipient: str, question: Question, *, now: datetime, patience: float = PATIENCE) -> RecipientResult:
    """What a recipient answers. Where that is nothing, it is asked once more before it is believed.

    Raises InsideTransaction, and nothing of what happens on the way: that is an outcome, with a sentence for staff.
    """
    if connection.in_atomic_block:
        raise InsideTransaction
    try:
        require_contract(recipient, now=now)
        if standings(now=now).get(recipient) is Standing.SHUT:
            raise Transient("Its gate is shut.")
        with asking(recipient, now=now):
            held = _lines(question, patience) or _lines(question, patience)
    except EffectError as error:
        return RecipientResult(recipient, outcome_of(error), error.sentence)
    return RecipientResult(recipient, Outcome.CONFIRMED if held else Outcome.NOTHING_LEFT, held=held)


def _lines(question: Question, patience: float) -> tuple[str, ...]:
    found, begun = [], time.monotonic()
    for line in question():
        found.append(line)
        if time.monotonic() - begun > patience:
            raise Transient("It answers too slowly for all that it holds.", this_one_only=True)
    return tuple(found)


def outcome_of(error: EffectError) -> Outcome:
    """What an error of an adapter means for the person whose data it is about."""
    match error:
        case Halted() | Permanent():
            return Outcome.REFUSED
        case Waits():
            return Outcome.WAITS
        case _:
            return Outcome.UNKNOWN
