"""Carries an answer to a dispute to Braintree, once: it is read there before, and seen to be taken afterwards."""

from datetime import datetime
from functools import partial
from uuid import UUID

from outbox.contracts import require_contract
from outbox.gates import asking
from outbox.handlers import AnswerLost, Settle, effect
from outbox.models import Effect
from payments.cards import disputes_there
from payments.cards.disputes_there import There
from payments.cards.disputing import ANSWER, note, note_answered, note_refused
from payments.cards.effects import provider
from payments.cards.gateway import CODE, NotHere, Refused
from payments.models.disputes import OPEN, AnswerState, CardDispute

READ_DISPUTE = "payments.read_dispute"


def give_up(order: Effect, /, *, now: datetime) -> None:
    """Nobody knows whether it got there; it can be answered once more, which is read there first."""
    note_refused(_number(order), why="given up")


def look_up(order: Effect, /, *, now: datetime) -> Settle | None:
    """After a lost answer: does Braintree still wait for one?"""
    dispute = _awaiting(order)
    if dispute is None:
        return None
    there = _find(dispute, now=now)
    return None if there.status == OPEN else partial(note_answered, dispute.pk, there, now=now)


@effect(ANSWER, probe=look_up, give_up=give_up, provider=provider)
def answer(order: Effect, /, *, now: datetime) -> Settle | None:
    """Accepts, or sends what we say and ends it; nothing where Braintree waits for no answer any more."""
    dispute = _awaiting(order)
    if dispute is None:
        return None
    there = _find(dispute, now=now)
    if there.status == OPEN:
        try:
            _send(dispute, there, now=now)
        except Refused as refusal:
            return partial(note_refused, dispute.pk, why=f"refused:{','.join(refusal.codes)}")
        there = _find(dispute, now=now)
        if there.status == OPEN:
            raise AnswerLost("Braintree took the answer, and still waits for one.")
    return partial(note_answered, dispute.pk, there, now=now)


def _send(dispute: CardDispute, there: There, *, now: datetime) -> None:
    """Accepting names nobody; what we say for ourselves may, so it waits for a contract in force."""
    if dispute.accepts:
        with asking(CODE, now=now):
            disputes_there.accept(dispute.number)
        return
    require_contract(CODE, now=now)
    if dispute.evidence.strip() not in there.said:  # else an earlier try of ours put it there
        with asking(CODE, now=now):
            disputes_there.send_evidence(dispute.number, dispute.evidence)
    with asking(CODE, now=now):
        disputes_there.finalize(dispute.number)


def _find(dispute: CardDispute, *, now: datetime) -> There:
    with asking(CODE, now=now):
        return disputes_there.find(dispute.number)


@effect(READ_DISPUTE, provider=provider)
def read_dispute(order: Effect, /, *, now: datetime) -> Settle | None:
    """Reads the dispute that a call named, and takes over how it stands."""
    try:
        with asking(CODE, now=now):
            there = disputes_there.find(str(order.payload["number"]))
    except NotHere:
        return None
    return partial(_take_over, there, now=now)


def _take_over(there: There, *, now: datetime) -> None:
    note(there, now=now)


def _awaiting(order: Effect) -> CardDispute | None:
    found: CardDispute | None = CardDispute.objects.filter(pk=_number(order), state=AnswerState.ORDERED).first()
    return found


def _number(order: Effect) -> UUID:
    return UUID(str(order.payload["dispute"]))
