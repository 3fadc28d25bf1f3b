"""Takes a message in, once however often it comes, with the true moment of its arrival (clauses.md D2; Q19.4)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from dsar.deadlines import Channel
from dsar.models import Intake
from dsar.refusals import ArrivesLater


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How and when a message came: `at` is its arrival in the channel, not its entry.

    `key` names the message where its channel can bring it twice; `entered_by` the member of staff who typed it in.
    """

    channel: Channel
    at: datetime
    sender: str = ""
    key: str | None = None
    entered_by: UUID | None = None


def take_in(arrival: Arrival, *, now: datetime) -> tuple[Intake, bool]:
    """The row of this message, and whether it is new. Raises ArrivesLater for a moment that is still to come."""
    if arrival.at > now:
        raise ArrivesLater
    values = {
        "id": uuid4(),
        "channel": arrival.channel,
        "sender": arrival.sender,
        "arrived_at": arrival.at,
        "entered_at": now,
        "entered_by": arrival.entered_by,
    }
    if arrival.key is None:
        return Intake.objects.create(**values), True
    with transaction.atomic():
        return Intake.objects.get_or_create(dedupe_key=arrival.key, defaults=values)
