"""Mail that reaches us, and letters of ours that come back: heard once, handed to whoever reads them (Q19.2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Self
from uuid import UUID

from django.db import transaction
from django.utils.module_loading import import_string

from datamap.refusing import Way, withdraw_consents
from datamap.registry import registry
from datamap.trace import Subject, normalise_email
from mailing.models import InboundEvent, OutgoingMessage, State
from mailing.services import suppress
from replay.journal import note
from vault.tokens import token

BOUNCED: Final = "mailing.bounced"

LARGEST: Final = 20 * 1024 * 1024
"""Bytes of a mail that is kept whole; of a larger one only the beginning is, which holds its words."""

BEGINNING: Final = 1024 * 1024

RETRIES: Final = timedelta(hours=12)
"""How old a call may be: the mail service tries for eight hours, and may repeat its first signature."""

EARLY: Final = timedelta(minutes=5)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """A mail as the mail server took it: `raw` is all of it or its beginning, `size` and `digest` are of the whole.

    `envelope_sender` is empty for what answers nobody (a bounce), `origin` what `mailing.inbound_origin` read.
    """

    raw: bytes
    size: int
    digest: str
    envelope_sender: str
    received_at: datetime
    origin: str = ""

    @classmethod
    def of(cls, mime: bytes, *, envelope_sender: str, received_at: datetime, origin: str = "") -> Self:
        """What is kept of a mail of any size."""
        return cls(
            raw=mime if len(mime) <= LARGEST else mime[:BEGINNING],
            size=len(mime),
            digest=sha256(mime).hexdigest(),
            envelope_sender=envelope_sender.strip().strip("<>"),
            received_at=received_at,
            origin=origin,
        )

    @property
    def is_cut(self) -> bool:
        return self.size > len(self.raw)


def receive(mail: ReceivedMail, *, now: datetime) -> None:
    """Hand a mail to every reader, in one transaction.

    `MAIL_READERS` names functions `(mail, /, *, now) -> None`, which take the same mail twice as one.
    """
    with transaction.atomic():
        for path in registry().mail_readers:
            import_string(path)(mail, now=now)


def is_first(call: str, *, now: datetime) -> bool:
    """Whether this call of the mail service is heard for the first time; in the transaction that acts on it.

    Whoever comes with the same call meanwhile waits here. What is too old to be let in again is forgotten.
    """
    old = InboundEvent.objects.filter(at__lt=now - 2 * RETRIES).select_for_update(skip_locked=True)[:_AT_ONCE]
    InboundEvent.objects.filter(pk__in=[event.pk for event in old]).delete()
    key = token(call, purpose="mailing.inbound")
    _event, is_new = InboundEvent.objects.get_or_create(key=key, defaults={"at": now})
    return is_new


def came_back(message_id: UUID, recipient: str, *, now: datetime) -> bool:
    """Note that a letter of ours could not be delivered, once; False where we sent no such letter to this address.

    Of a last letter the address is forgotten: there its number alone must do, which only who got it has seen.
    `BOUNCE_READERS` names functions `(message, /, *, now) -> None`.
    """
    with transaction.atomic():
        sent = OutgoingMessage.objects.select_for_update().filter(pk=message_id, state=State.SENT, bounced_at=None)
        message = sent.first()
        if message is None or not _went_to(message, recipient):
            return False
        _hear(message, now=now)
        # The number of the letter, and nothing of where it went: the journal knows no address (security X2).
        note(BOUNCED, at=now, details={"message": str(message.pk)})
    return True


def _went_to(message: OutgoingMessage, recipient: str) -> bool:
    is_forgotten = message.forget_after_delivery and not message.to_address
    return is_forgotten or normalise_email(recipient) == normalise_email(message.to_address)


def refused_there(message_id: UUID, recipient: str, *, reason: str, now: datetime) -> bool:
    """Somebody refused advertising, or complained, at the mail service: it holds here too, at once (Art. 21(3)).

    False where we sent no such letter to this address: then it is nobody's word.
    """
    message = OutgoingMessage.objects.filter(pk=message_id, state=State.SENT).first()
    if message is None or normalise_email(recipient) != normalise_email(message.to_address):
        return False
    subject = Subject(user_id=message.user_id, emails=frozenset({message.to_address}))
    with transaction.atomic():
        suppress(message.to_address, reason=reason, now=now)
        withdraw_consents(subject, language=message.language, way=Way.EMAIL, marketing_only=True, now=now)
    return True


def came_back_again(message_id: UUID, *, now: datetime) -> bool:
    """The same after a restore. A letter that the backup had not yet sent is sent once more, and comes back itself."""
    with transaction.atomic():
        sent = OutgoingMessage.objects.select_for_update().filter(pk=message_id, state=State.SENT, bounced_at=None)
        message = sent.first()
        if message is None:
            return False
        _hear(message, now=now)
    return True


def _hear(message: OutgoingMessage, *, now: datetime) -> None:
    message.bounced_at = now
    message.save(update_fields=["bounced_at"])
    for path in registry().bounce_readers:
        import_string(path)(message, now=now)
