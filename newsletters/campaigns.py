"""Runs a campaign: prepared and handed over in parts, each in one transaction with the place it has got to (Q13.7).

A worker that dies loses the part it was at and nothing else; the next one goes on from there. The outbox asks the gate
for every letter at the moment it goes, so an unsubscription stops the next one, whatever was prepared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.trail import Actor, record
from mailing.batches import Draft, send_many
from mailing.composing import compose, is_mailbox, supported_language
from mailing.models import OutgoingMessage, State
from mailing.services import send
from newsletters.audience import PART, part_of
from newsletters.doorbell import ring_campaigns
from newsletters.models import (
    Campaign,
    CampaignRecipient,
    CampaignStage,
    CampaignState,
    RecipientKind,
    RecipientState,
    Subscription,
)
from newsletters.stopping import way_out
from newsletters.wording import TEMPLATE, context_of
from vault.tokens import email_token

_PURPOSE: Final = "MARKETING_EMAIL"

LETTERS: Final = 100
"""So many letters are written in one transaction."""

MOST_WAITING: Final = 1000
"""So many letters of one campaign wait in the outbox at most: a pause is felt soon, and answers are not held up."""

_NEXT: Final[Mapping[str, CampaignStage]] = {
    CampaignStage.ACCOUNTS: CampaignStage.SUBSCRIPTIONS,
    CampaignStage.SUBSCRIPTIONS: CampaignStage.PREPARED,
}


class NotPossible(ValueError):
    """The campaign is in a state in which this cannot be done."""

    message = _("This cannot be done any more: the campaign has moved on meanwhile.")


_POSSIBLE: Final[Mapping[str, frozenset[str]]] = {
    "test": frozenset(CampaignState.values),
    "start": frozenset({CampaignState.DRAFT}),
    "pause": frozenset({CampaignState.RUNNING}),
    "resume": frozenset({CampaignState.PAUSED}),
    "cancel": frozenset({CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED}),
}


def is_step_possible(campaign: Campaign, step: str) -> bool:
    """Whether this can be done with the campaign as it stands."""
    return campaign.state in _POSSIBLE[step]


@transaction.atomic
def write(campaign: Campaign, *, actor: Actor, now: datetime) -> Campaign:
    """Keep the texts of a draft, new or changed; what has started keeps its words. Raises NotPossible."""
    if campaign._state.adding:
        campaign.created_at = now
    elif not Campaign.objects.select_for_update().filter(pk=campaign.pk, state=CampaignState.DRAFT).exists():
        raise NotPossible
    texts = [f"{part}_{language}" for part in ("subject", "body") for language in ("lv", "en", "ru")]
    campaign.save(update_fields=None if campaign._state.adding else ["name", *texts])
    record("campaign.written", actor=actor, about=campaign, now=now)
    return campaign


def start(campaign_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Begin to prepare and to hand over. Raises NotPossible."""
    _move(campaign_id, "start", CampaignState.RUNNING, actor=actor, now=now, started_at=now)


def pause(campaign_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Hand nothing more to the outbox until it is resumed. Raises NotPossible."""
    _move(campaign_id, "pause", CampaignState.PAUSED, actor=actor, now=now)


def resume(campaign_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Go on where it was paused. Raises NotPossible."""
    _move(campaign_id, "resume", CampaignState.RUNNING, actor=actor, now=now)


@transaction.atomic
def cancel(campaign_id: UUID, *, actor: Actor, now: datetime) -> None:
    """End it for good: what waits, in the outbox too, is not sent. Raises NotPossible."""
    _move(campaign_id, "cancel", CampaignState.CANCELLED, actor=actor, now=now, ended_at=now)
    recipients = CampaignRecipient.objects.filter(campaign_id=campaign_id)
    handed = recipients.filter(state=RecipientState.HANDED)
    # The outbox finds no row, destroys the key, and is done. A letter that is on its way at this instant has gone.
    waiting = OutgoingMessage.objects.filter(pk__in=handed.values("message"), state=State.QUEUED)
    numbers = list(waiting.values_list("pk", flat=True))
    handed.filter(message__in=numbers).update(state=RecipientState.STOPPED)
    OutgoingMessage.objects.filter(pk__in=numbers, state=State.QUEUED).delete()
    recipients.filter(state=RecipientState.PREPARED).update(state=RecipientState.STOPPED)


@transaction.atomic
def _move(campaign_id: UUID, step: str, target: CampaignState, *, actor: Actor, now: datetime, **facts: Any) -> None:
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if not is_step_possible(campaign, step):
        raise NotPossible
    Campaign.objects.filter(pk=campaign_id).update(state=target, **facts)
    record(f"campaign.{target.value}", actor=actor, about=campaign, now=now)
    if target == CampaignState.RUNNING:
        transaction.on_commit(ring_campaigns, robust=True)


def running() -> list[UUID]:
    """The campaigns that wait for a worker, the oldest first."""
    found = Campaign.objects.filter(state=CampaignState.RUNNING).order_by("started_at")
    return list(found.values_list("pk", flat=True))


@transaction.atomic
def advance(campaign_id: UUID, *, now: datetime) -> bool:
    """Do the next part; False where there is nothing to do at this moment, or another worker is at it."""
    waiting = Campaign.objects.select_for_update(skip_locked=True)
    campaign = waiting.filter(pk=campaign_id, state=CampaignState.RUNNING).first()
    if campaign is None:
        return False
    if campaign.stage != CampaignStage.PREPARED:
        prepare(campaign, now=now)
        return True
    return _hand_over(campaign, now=now)


def prepare(campaign: Campaign, *, now: datetime, size: int = PART) -> None:
    """Add the recipients of the next stretch of numbers. Runs in the transaction that holds the campaign's row."""
    part = part_of(CampaignStage(campaign.stage), after=campaign.cursor, now=now, size=size)
    rows = [
        CampaignRecipient(campaign=campaign, kind=one.kind, number=one.number, email_token=one.token, prepared_at=now)
        for one in part.chosen
    ]
    # An address that is an account's and a subscription's too is on the list already: it gets one letter.
    CampaignRecipient.objects.bulk_create(rows, ignore_conflicts=True)
    campaign.cursor = part.up_to
    if part.up_to is None:
        campaign.stage = _NEXT[campaign.stage]
    campaign.save(update_fields=["cursor", "stage"])


def _hand_over(campaign: Campaign, *, now: datetime) -> bool:
    recipients = campaign.recipients.filter(state=RecipientState.PREPARED)
    turn = list(recipients.order_by("pk")[: min(LETTERS, _room(campaign))])
    if turn:
        _write_all(campaign, turn, now=now)
        return True
    if not recipients.exists():
        campaign.state, campaign.ended_at = CampaignState.DONE, now
        campaign.save(update_fields=["state", "ended_at"])
    return False


def _room(campaign: Campaign) -> int:
    """How many letters more may wait in the outbox; only the youngest are looked at, older ones have gone before."""
    handed = campaign.recipients.filter(state=RecipientState.HANDED).order_by("-pk")[:MOST_WAITING]
    numbers = [number for number in handed.values_list("message", flat=True) if number]
    return MOST_WAITING - OutgoingMessage.objects.filter(pk__in=numbers, state=State.QUEUED).count()


@dataclass(frozen=True, slots=True)
class _Addressee:
    address: str
    language: str
    user_id: UUID | None


def _write_all(campaign: Campaign, turn: list[CampaignRecipient], *, now: datetime) -> None:
    known = _accounts(turn) | _subscriptions(turn)
    drafts = []
    for recipient in turn:
        addressee = known.get(recipient.number)
        draft = _draft(campaign, recipient, addressee) if addressee else None
        recipient.message = draft.number if draft else None
        recipient.state = RecipientState.HANDED if draft else RecipientState.GONE
        drafts += [draft] if draft else []
    send_many(TEMPLATE, drafts, purpose=_PURPOSE, now=now)
    CampaignRecipient.objects.bulk_update(turn, ["state", "message"])


def _accounts(turn: list[CampaignRecipient]) -> dict[UUID, _Addressee]:
    """Locked until the letters are queued: an erasure comes before them, or finds them."""
    numbers = [one.number for one in turn if one.kind == RecipientKind.ACCOUNT]
    users = get_user_model()._default_manager.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk")
    return {user.pk: _Addressee(user.email, user.language, user.pk) for user in users}


def _subscriptions(turn: list[CampaignRecipient]) -> dict[UUID, _Addressee]:
    numbers = [one.number for one in turn if one.kind == RecipientKind.SUBSCRIPTION]
    rows = Subscription.objects.select_for_update().filter(pk__in=numbers).order_by("pk")
    return {row.pk: _Addressee(row.email, row.language, None) for row in rows}


def _draft(campaign: Campaign, recipient: CampaignRecipient, addressee: _Addressee) -> Draft | None:
    """The letter to one; None where the address is another than the one on the list, or none at all."""
    if email_token(addressee.address) != recipient.email_token or not is_mailbox(addressee.address):
        return None
    link = way_out(addressee.address, user_id=addressee.user_id)
    words = context_of(campaign, language=addressee.language, way_out=link)
    letter = compose(TEMPLATE, language=supported_language(addressee.language), purpose=_PURPOSE, context=words)
    return Draft(addressee.address, addressee.language, letter, addressee.user_id)


def send_test(campaign: Campaign, *, to: str, language: str, user_id: UUID, now: datetime) -> None:
    """One letter, marked as a test, to the one who runs the campaign: no advertisement, so no consent is needed."""
    context = context_of(campaign, language=language, way_out=way_out(to, user_id=user_id), is_test=True)
    send(TEMPLATE, to=to, language=language, purpose="SERVICE", context=context, user_id=user_id, now=now)
