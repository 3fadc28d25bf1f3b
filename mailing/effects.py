"""What the outbox does for mailing: asks the gate at the moment of hand-over, sends, and forgets the body (Q7.4)."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.contrib.auth import get_user_model

from datamap.gate import may_process
from datamap.trace import Subject
from datamap.uses import asks_itself
from mailing.composing import Letter, is_commercial
from mailing.delivery import HandedOver, carrier, hand_over, provider
from mailing.mailgun import LISTS, Mailgun
from mailing.models import Forgetting, OutgoingMessage, State
from mailing.processor import CODE
from mailing.queueing import DELIVER
from mailing.sealing import open_letter
from mailing.services import is_suppressed
from outbox.contracts import require_contract
from outbox.gates import asking
from outbox.handlers import Permanent, Settle, Transient, effect
from outbox.models import Effect
from vault.keys import VaultError, destroy_key

_OPEN = (State.QUEUED, State.FAILED)

SETTLES: Final = timedelta(minutes=5)
"""After so long the log of the mail service shows what it took; before, an empty answer would mean nothing."""

_LOOK_AGAIN: Final = timedelta(hours=23)


def give_up(order: Effect, /, *, now: datetime) -> None:
    """The message failed for good; its body stays sealed, so that staff can put it back."""
    OutgoingMessage.objects.filter(pk=_message_id(order), state__in=_OPEN).update(
        state=State.FAILED, error=order.last_error
    )


def look_up(order: Effect, /, *, now: datetime) -> Settle | None:
    """After a lost answer: was the letter taken? A carrier that keeps no log cannot say, and the letter goes again."""
    message = _open_message(order)
    if message is None or message.tried_at is None or carrier() != CODE:
        return None
    if (wait := message.tried_at + SETTLES - now) > timedelta(0):
        raise Transient("Too early to look up what became of the letter.", retry_after=wait)
    with asking(CODE, now=now):
        found = Mailgun.of_settings().accepted(str(message.pk), recipient=message.to_address)
    if found is None:
        return None
    return partial(_note_hand_over, message, HandedOver(CODE, found), now=now)


@effect(DELIVER, probe=look_up, give_up=give_up, provider=provider)
@asks_itself("MARKETING_EMAIL", before="hand_over")
def deliver(order: Effect, /, *, now: datetime) -> Settle | None:
    """Hands one message over, unless it is gone, done, or not wanted any more; raises Waits without a contract."""
    message = _open_message(order)
    if message is None or _is_orphan(message):  # erased while it waited, or already done
        return partial(_forget_letter, _message_id(order), now=now)
    if reason := refusal(message, now=now):
        return partial(_close, message, state=State.REFUSED_BY_GATE, refused_reason=reason[:200], now=now)
    require_contract(carrier(), now=now)
    letter = _letter(message)
    OutgoingMessage.objects.filter(pk=message.pk).update(tried_at=now)
    with asking(provider(), now=now):
        handed_over = hand_over(message, letter)
    return partial(_note_hand_over, message, handed_over, now=now)


def refusal(message: OutgoingMessage, *, now: datetime) -> str:
    """Why this message may not be sent at this moment; empty where it may."""
    if is_commercial(message.purpose) and is_suppressed(message.to_address):
        return "the address is on the suppression list"
    subject = Subject(user_id=message.user_id, emails=frozenset({message.to_address}))
    decision = may_process(subject, message.purpose, now=now)
    return "" if decision else (decision.reason or "refused without a reason")


def _open_message(order: Effect) -> OutgoingMessage | None:
    return OutgoingMessage.objects.filter(pk=_message_id(order), state__in=_OPEN).first()


def _is_orphan(message: OutgoingMessage) -> bool:
    """Whether the account was erased while somebody wrote to it, in a transaction that the erasure could not see."""
    accounts = get_user_model()._base_manager
    return message.user_id is not None and not accounts.filter(pk=message.user_id).exists()


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
    if message.forget_after_delivery and message.reference and state is State.SENT:
        # So that it is seen when it comes back; where it went, and to whom, nobody knows any more.
        row.update(state=state, body_sealed=None, error="", to_address="", subject="", user_id=None, **facts)
    elif message.forget_after_delivery:
        row.delete()
    else:
        row.update(state=state, body_sealed=None, error="", **facts)
    destroy_key(message.pk, now=now)


def _forget_letter(message_id: UUID, *, now: datetime) -> None:
    OutgoingMessage.objects.filter(pk=message_id, state__in=_OPEN).delete()
    destroy_key(message_id, now=now)


@effect("mailing.empty_lists", provider=lambda: CODE)
def empty_lists(order: Effect, /, *, now: datetime) -> Settle | None:
    """Takes an erased person's address off the lists of the mail service; ours keeps its code (Art. 19)."""
    row = _forgetting(order)
    if row is None:
        return None
    require_contract(CODE, now=now)
    service = Mailgun.of_settings()
    with asking(CODE, now=now):
        for name in LISTS:
            service.take_off(name, row.email)
    return partial(_note_emptied, row.pk, now=now)


@effect("mailing.prove_forgotten", provider=lambda: CODE)
def prove_forgotten(order: Effect, /, *, now: datetime) -> Settle | None:
    """When the log's own term is over: nothing there speaks of the address any more, and ours goes with its key."""
    row = _forgetting(order)
    if row is None:
        return None
    require_contract(CODE, now=now)
    service = Mailgun.of_settings()
    with asking(CODE, now=now):
        speaks = service.knows(row.email) or any(service.take_off(name, row.email) for name in LISTS)
    if speaks:
        raise Transient("Mailgun still speaks of the address.", retry_after=_LOOK_AGAIN)
    return partial(_forget, row.pk, now=now)


def _forgetting(order: Effect) -> Forgetting | None:
    return Forgetting.objects.filter(pk=order.payload["forgetting"]).first()


def _note_emptied(number: UUID, *, now: datetime) -> None:
    Forgetting.objects.filter(pk=number).update(emptied_at=now)


def _forget(number: UUID, *, now: datetime) -> None:
    Forgetting.objects.filter(pk=number).delete()
    destroy_key(number, now=now)
