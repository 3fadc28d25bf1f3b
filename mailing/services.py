"""Queues messages, and keeps the list of addresses that get no advertising."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction

from mailing.composing import (
    ForeignLink,
    InvalidAddress,
    Letter,
    MissingUnsubscribeLink,
    Unasked,
    absolute_url,
    checked_address,
    compose,
    is_commercial,
    one_line,
    refuse_unasked,
    supported_language,
)
from mailing.models import OutgoingMessage, Suppression
from mailing.queueing import order_delivery
from mailing.sealing import seal_letter
from replay.journal import note
from vault.tokens import email_token

SUPPRESSED: Final = "mailing.suppressed"
LIFTED: Final = "mailing.lifted"

__all__ = [
    "ForeignLink",
    "InvalidAddress",
    "MissingUnsubscribeLink",
    "Unasked",
    "absolute_url",
    "is_suppressed",
    "lift",
    "send",
    "send_rendered",
    "suppress",
    "suppress_known",
]


def send(
    template: str,
    *,
    to: str,
    language: str,
    purpose: str,
    context: Mapping[str, Any],
    now: datetime,
    user_id: UUID | None = None,
    forget_after_delivery: bool = False,
) -> OutgoingMessage:
    """Renders a message at once and queues it, sealed; the gate is asked when it is handed over.

    `template` names `mail/<template>.subject.txt`, `.txt` and `.html`; `notice` takes `heading`, `paragraphs`, `link`
    and `link_label`. Links are paths or addresses of this site. A `reference` in the context is what the letter is
    about: whoever declares `BOUNCE_READERS` finds it again when the letter comes back. With `forget_after_delivery`
    the row itself goes too, for the last message to somebody who has been erased; one with a reference stays without
    address and subject. Runs in the caller's transaction or in one of its own.
    Raises InvalidAddress, ForeignLink, UnknownPurpose, MissingUnsubscribeLink for advertising without a way out, and
    Unasked for a purpose that only a request opens, without a reference to one (Q7.2).
    """
    language = supported_language(language)
    letter = compose(template, language=language, purpose=purpose, context=context)
    reference = str(context.get("reference", ""))
    refuse_unasked(purpose, reference)
    message = OutgoingMessage(
        to_address=checked_address(to),
        user_id=user_id,
        template=template,
        purpose=purpose,
        language=language,
        created_at=now,
        forget_after_delivery=forget_after_delivery,
        reference=reference,
    )
    return _queue(message, letter, now=now)


def send_rendered(
    letter: Letter,
    *,
    to: str,
    language: str,
    purpose: str,
    now: datetime,
    user_id: UUID | None = None,
    template: str = "",
) -> OutgoingMessage:
    """Queues a message that somebody else rendered (log-in and verification mails); never advertising.

    Raises InvalidAddress, UnknownPurpose, MissingUnsubscribeLink, Unasked.
    """
    if is_commercial(purpose):
        raise MissingUnsubscribeLink(purpose)
    refuse_unasked(purpose, "")
    message = OutgoingMessage(
        to_address=checked_address(to),
        user_id=user_id,
        template=template,
        purpose=purpose,
        language=supported_language(language),
        created_at=now,
    )
    return _queue(message, replace(letter, subject=one_line(letter.subject)), now=now)


def _queue(message: OutgoingMessage, letter: Letter, *, now: datetime) -> OutgoingMessage:
    message.id = uuid4()
    message.subject = letter.subject
    with transaction.atomic():
        message.body_sealed = seal_letter(message.id, letter)
        message.save(force_insert=True)
        order_delivery([message], now=now)
    return message


def suppress(address: str, *, reason: str, now: datetime) -> None:
    """Puts an address on the list for good; `reason` is a word such as `unsubscribed`. Repeating it changes nothing."""
    suppress_known(email_token(address), reason=reason, now=now)


def suppress_known(token: str, *, reason: str, now: datetime) -> None:
    """The same where only the token of the address is known: from the link of a letter to somebody long gone."""
    with transaction.atomic():
        if suppress_token(token, reason=reason, now=now):
            note(SUPPRESSED, at=now, details={"reason": reason}, sealed={"token": token})


def lift(address: str, *, now: datetime) -> bool:
    """Takes an address off the list, because its holder has just asked for advertising anew; no import ever does."""
    with transaction.atomic():
        found, _rows = Suppression.objects.filter(email_token=email_token(address)).delete()
        if found:
            note(LIFTED, at=now, sealed={"token": email_token(address)})
    return bool(found)


def suppress_token(token: str, *, reason: str, now: datetime) -> bool:
    """The same for an address of which only the token is known; False where it is on the list already."""
    values = {"at": now, "reason": reason}
    _entry, is_new = Suppression.objects.get_or_create(email_token=token, defaults=values)
    return is_new


def is_suppressed(address: str) -> bool:
    """Whether this address, however it is spelt, gets no advertising."""
    return Suppression.objects.filter(email_token=email_token(address)).exists()
