"""Whom a campaign is for: everybody whose consent holds now, once per person and once per address (Q13.1, Q13.10).

Gone through in parts by number, so that neither memory nor the time of one query grows with the number of people.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db.models import F

from consent.crowds import decided
from consent.terms import ConsentPurpose
from datamap.standstill import without_restricted
from mailing.models import Suppression
from newsletters.models import CampaignStage, RecipientKind, Subscription
from vault.tokens import email_token, subject_token

PART: Final = 500
COUNTED: Final = 20
"""Parts that are counted before a start; exact is the list that is made then."""

_PURPOSE: Final = ConsentPurpose.MARKETING_EMAIL
_USER_ADDRESS: Final = "user__email"


@dataclass(frozen=True, slots=True)
class Chosen:
    """One recipient: an account or a subscription by its number, and the token of its address."""

    kind: RecipientKind
    number: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Part:
    """The recipients among one stretch of numbers, and the last number of it; None where nothing comes after it."""

    chosen: list[Chosen]
    up_to: UUID | None


def part_of(stage: CampaignStage, *, after: UUID | None, now: datetime, size: int = PART) -> Part:
    """The next part of a stage, behind the number `after`."""
    if stage == CampaignStage.ACCOUNTS:
        return _accounts(after, now=now, size=size)
    return _subscriptions(after, now=now, size=size)


def parts(*, now: datetime, size: int = PART) -> Iterator[Part]:
    """All parts, one after the other, as a campaign goes through them."""
    for stage in (CampaignStage.ACCOUNTS, CampaignStage.SUBSCRIPTIONS):
        after = None
        while True:
            part = part_of(stage, after=after, now=now, size=size)
            yield part
            if part.up_to is None:
                break
            after = part.up_to


@dataclass(frozen=True, slots=True)
class Audience:
    """How many people a campaign would be for; `is_all` is False where the counting was stopped before the end."""

    count: int
    is_all: bool


def audience(*, now: datetime, most_parts: int = COUNTED) -> Audience:
    """How many people a campaign would be for if it were prepared now; reads only, no more than a page can wait."""
    count = 0
    for number, part in enumerate(parts(now=now)):
        if number == most_parts:
            return Audience(count, is_all=False)
        count += len(part.chosen)
    return Audience(count, is_all=True)


def _accounts(after: UUID | None, *, now: datetime, size: int) -> Part:
    """Accounts that may log in and have verified the address that is theirs."""
    # The addresses are asked for afterwards: with a join the planner may read all people for every part.
    users = without_restricted(get_user_model()._default_manager.all()).filter(is_active=True)
    if after is not None:
        users = users.filter(pk__gt=after)
    rows = list(users.order_by("pk").values_list("pk", "email")[:size])
    confirmed = EmailAddress.objects.filter(user_id__in=[number for number, _email in rows], verified=True)
    verified = set(confirmed.values_list("user_id", "email"))
    said = decided([subject_token(number) for number, _email in rows], _PURPOSE, now=now)
    willing = [
        Chosen(RecipientKind.ACCOUNT, number, email_token(email))
        for number, email in rows
        if (number, email) in verified and said.get(subject_token(number))
    ]
    return Part(_not_suppressed(willing), rows[-1][0] if len(rows) == size else None)


def _subscriptions(after: UUID | None, *, now: datetime, size: int) -> Part:
    """Addresses that consented themselves; where an account has confirmed one and decided, the account is asked."""
    rows = without_restricted(Subscription.objects.all()).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows[:size])
    owners = _owners(found)
    tokens = {row.email_token for row in found} | {subject_token(owner) for owner in owners.values()}
    said = decided(tokens, _PURPOSE, now=now)
    reached = _reached([owner for owner in owners.values() if said.get(subject_token(owner))])
    willing = []
    for row in found:
        owner = owners.get(row.email_token)
        whose = subject_token(owner) if owner else ""
        permitted = said[whose] and whose not in reached if whose in said else said.get(row.email_token, False)
        if permitted:
            willing.append(Chosen(RecipientKind.SUBSCRIPTION, row.pk, row.email_token))
    return Part(_not_suppressed(willing), found[-1].pk if len(found) == size else None)


def _owners(rows: Collection[Subscription]) -> dict[str, UUID]:
    """The accounts that have confirmed the addresses of subscriptions, by the token of the address."""
    confirmed = EmailAddress.objects.filter(email__in=[row.email for row in rows if row.email], verified=True)
    return {email_token(email): number for email, number in confirmed.values_list("email", "user_id")}


def _reached(owners: Collection[UUID]) -> set[str]:
    """Which of these willing accounts get the letter as accounts: one letter per person, however many addresses."""
    verified = EmailAddress.objects.filter(
        user_id__in=owners, user__is_active=True, verified=True, email=F(_USER_ADDRESS)
    )
    by_number = dict(verified.values_list("user_id", "email"))
    suppressed = _suppressed([email_token(email) for email in by_number.values()])
    return {subject_token(number) for number, email in by_number.items() if email_token(email) not in suppressed}


def _not_suppressed(willing: list[Chosen]) -> list[Chosen]:
    suppressed = _suppressed([one.token for one in willing])
    return [one for one in willing if one.token not in suppressed]


def _suppressed(tokens: Collection[str]) -> set[str]:
    return set(Suppression.objects.filter(email_token__in=tokens).values_list("email_token", flat=True))
