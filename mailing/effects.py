"""What the outbox does for mailing: asks the gate at the moment of hand-over, sends, and forgets the body (Q7.4)."""

from datetime import datetime
from functools import partial
from uuid import UUID

from datamap.gate import may_process
from datamap.trace import Subject
from mailing.composing import Letter, is_commercial
from mailing.delivery import HandedOver, carrier, hand_over
from mailing.models import OutgoingMessage, State
from mailing.sealing import open_letter
from mailing.services import is_suppressed
from outbox.contracts import require_contract
from outbox.handlers import Permanent, Settle, effect
from outbox.models import Effect
from vault.keys import VaultError, destroy_key

_OPEN = (State.QUEUED, State.FAILED)


def give_up(order: Effect, /, *, now: datetime) -> None:
    """The message failed for good; its body stays sealed, so that staff can put it back."""
    OutgoingMessage.objects.filter(pk=_message_id(order), state__in=_OPEN).update(
        state=State.FAILED, error=order.last_error
    )


@effect("mailing.deliver", give_up=give_up)
def deliver(order: Effect, /, *, now: datetime) -> Settle | None:
    """Hands one message over, unless it is gone, done, or not wanted any more; raises Waits without a contract."""
    message = OutgoingMessage.objects.filter(pk=_message_id(order), state__in=_OPEN).first()
    if message is None:  # erased while it waited, or already done
        return partial(_destroy, _message_id(order), now=now)
    if reason := refusal(message, now=now):
        return partial(_close, message, state=State.REFUSED_BY_GATE, refused_reason=reason[:200], now=now)
    require_contract(carrier(), now=now)
    handed_over = hand_over(message, _letter(message))
    return partial(_note_hand_over, message, handed_over, now=now)


def refusal(message: OutgoingMessage, *, now: datetime) -> str:
    """Why this message may not be sent at this moment; empty where it may."""
    if is_commercial(message.purpose) and is_suppressed(message.to_address):
        return "the address is on the suppression list"
    subject = Subject(user_id=message.user_id, emails=frozenset({message.to_address}))
    decision = may_process(subject, message.purpose, now=now)
    return "" if decision else (decision.reason or "refused without a reason")


def _message_id(order: Effect) -> UUID:
    return UUID(order.payload["message"])


def _letter(message: OutgoingMessage) -> Letter:
    try:
        return open_letter(message)
    except VaultError as error:
        raise Permanent("The body cannot be opened.") from error


def _note_hand_over(message: OutgoingMessage, handed_over: HandedOver, *, now: datetime) -> None:
    _close(
        message,
        state=State.SENT,
        handed_over_at=now,
        handed_to=handed_over.to,
        provider_id=handed_over.provider_id[:255],
        now=now,
    )


def _close(message: OutgoingMessage, *, state: State, now: datetime, **facts: str | datetime) -> None:
    row = OutgoingMessage.objects.filter(pk=message.pk)
    if message.forget_after_delivery:
        row.delete()
    else:
        row.update(state=state, body_sealed=None, error="", **facts)
    _destroy(message.pk, now=now)


def _destroy(message_id: UUID, *, now: datetime) -> None:
    destroy_key(message_id, now=now)
