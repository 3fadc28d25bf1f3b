"""Takes a message in, once however often it comes, with the true moment of its arrival (clauses.md D2; Q19.4)."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction

from datamap.catalogue import period
from dsar.deadlines import Channel
from dsar.models import Intake
from dsar.refusals import ArrivesLater, KeyUsedOtherwise
from vault.files import sealed_writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How and when a message came: `at` is its arrival in the channel, not its entry.

    `key` names the message where its channel can bring it twice, and `sha256` says what stood in it, so that another
    message is not taken for it; `entered_by` is the member of staff who typed it in.
    """

    channel: Channel
    at: datetime
    sender: str = ""
    key: str | None = None
    sha256: str = ""
    entered_by: UUID | None = None


ORIGINAL: Final = "dsar_intake|raw_file"
"""To what the sealed original of a message is bound."""


def keep_original(intake: Intake, content: bytes) -> None:
    """Seal what came, a letter's scan or a mail, under the key of its row; nothing here opens it."""
    with sealed_writer(intake.pk, context=ORIGINAL) as original:
        original.write(content)
    intake.raw_file, intake.raw_size, intake.raw_sha256 = original.name, len(content), sha256(content).hexdigest()
    intake.save(update_fields=["raw_file", "raw_size", "raw_sha256"])


def take_in(arrival: Arrival, *, now: datetime) -> tuple[Intake, bool]:
    """The row of this message, and whether it is new.

    Raises ArrivesLater for a moment that is still to come, KeyUsedOtherwise where the key belongs to another message.
    """
    if arrival.at > now:
        raise ArrivesLater
    values = {
        "id": uuid4(),
        "channel": arrival.channel,
        "sender": arrival.sender,
        "arrived_at": arrival.at,
        "entered_at": now,
        "entered_by": arrival.entered_by,
        "raw_sha256": arrival.sha256,
        # Until it opens a request, with which it then ends: one whose rights all run already opens none.
        "ends_at": period("CASE_FILE").ends_at(now),
    }
    if arrival.key is None:
        return Intake.objects.create(**values), True
    with transaction.atomic():
        intake, is_new = Intake.objects.get_or_create(dedupe_key=arrival.key, defaults=values)
    if arrival.sha256 not in {"", intake.raw_sha256}:
        raise KeyUsedOtherwise
    return intake, is_new
