"""Queues many letters of one kind with a handful of statements: campaigns, and what everybody must be told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from mailing.composing import Letter, checked_address, supported_language
from mailing.models import OutgoingMessage
from mailing.queueing import order_delivery
from mailing.sealing import seal_letters


@dataclass(frozen=True, slots=True)
class Draft:
    """One letter as it was composed for one person; `number` is the message's, fixed where it must be found again."""

    to: str
    language: str
    letter: Letter
    user_id: UUID | None = None
    number: UUID = field(default_factory=uuid4)


@transaction.atomic
def send_many(
    template: str, drafts: Sequence[Draft], *, purpose: str, now: datetime, look_up_first: bool = False
) -> list[UUID]:
    """Queue composed letters as `mailing.services.send` does one; the numbers of the messages, in the same order.

    `look_up_first` has the carrier asked before each goes whether it took it already: after a restore nobody here
    knows. Raises InvalidAddress, and IntegrityError for a number that was used.
    """
    sealed = seal_letters({draft.number: draft.letter for draft in drafts})
    messages = OutgoingMessage.objects.bulk_create(
        OutgoingMessage(
            id=draft.number,
            to_address=checked_address(draft.to),
            user_id=draft.user_id,
            template=template,
            purpose=purpose,
            language=supported_language(draft.language),
            subject=draft.letter.subject,
            body_sealed=sealed[draft.number],
            created_at=now,
            tried_at=now if look_up_first else None,
        )
        for draft in drafts
    )
    order_delivery(messages, now=now, look_up_first=look_up_first)
    return [draft.number for draft in drafts]
