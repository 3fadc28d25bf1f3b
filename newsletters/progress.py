"""How far a campaign is and what came of it, in numbers: no name, address or choice is shown (policy clause 13)."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django.db.models import Count

from mailing.models import OutgoingMessage, State
from newsletters.models import Campaign, CampaignRecipient, CampaignState, RecipientState

_ENDED = (CampaignState.DONE, CampaignState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of letters: `on_list` is everybody who was prepared, the others say where each of them is."""

    on_list: int = 0
    not_written: int = 0
    queued: int = 0
    sent: int = 0
    failed: int = 0
    gone: int = 0
    stopped: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """How many the gate refused, by its reason."""

    @property
    def all_refused(self) -> int:
        return sum(self.refused.values())

    @property
    def left(self) -> int:
        """How many letters are still to be written or sent."""
        return self.not_written + self.queued

    @property
    def percent(self) -> int:
        """How far it has come."""
        return 100 * (self.on_list - self.left) // self.on_list if self.on_list else 0

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """Counted now, or as noted when nothing was under way any more."""
        if campaign.totals:
            return cls(**campaign.totals)
        recipients = CampaignRecipient.objects.filter(campaign=campaign)
        lists = _counts(recipients, "state")
        handed = recipients.filter(state=RecipientState.HANDED).values("message")
        messages = OutgoingMessage.objects.filter(pk__in=handed)
        letters = _counts(messages, "state")
        return cls(
            on_list=sum(lists.values()),
            not_written=lists.get(RecipientState.PREPARED, 0),
            gone=lists.get(RecipientState.GONE, 0),
            stopped=lists.get(RecipientState.STOPPED, 0),
            queued=letters.get(State.QUEUED, 0),
            sent=letters.get(State.SENT, 0),
            failed=letters.get(State.FAILED, 0),
            refused=_counts(messages.filter(state=State.REFUSED_BY_GATE), "refused_reason"),
        )


def _counts(rows: Any, name: str) -> dict[str, int]:
    return dict(rows.order_by(name).values_list(name).annotate(Count("pk")))


def settle_ended() -> int:
    """Note the result of campaigns that have ended and of which no letter waits; returns how many."""
    count = 0
    for campaign in Campaign.objects.filter(state__in=_ENDED, totals={}).exclude(started_at=None):
        found = Progress.of(campaign)
        if not found.queued:
            count += Campaign.objects.filter(pk=campaign.pk, totals={}).update(totals=asdict(found))
    return count
