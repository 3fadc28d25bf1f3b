"""Choices about cookies: under a random receipt for a browser, or for an account (Art. 7(1), Q11.16, rules K2, K9)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q

from consent.closing import COOKIES_ENDED, close
from consent.events import given_after, known_purpose, new_event, told
from consent.giving import COOKIES_GIVEN, record_given
from consent.models import ConsentEvent, RefusalCount
from consent.queries import COOKIE_CHOICE_HOLDS, current_status_of_token, receipt_token
from consent.services import give, refuse, withdraw
from consent.terms import COOKIE_PURPOSES, PERMITTING, ConsentState, Method
from consent.texts import current_text
from consent.turns import moment_of_grant, take_turn
from vault.tokens import subject_token


@dataclass(frozen=True, slots=True)
class CookieAnswer:
    """Yes or no to one service, under the consent of its category; `shown` is what the visitor was told about it."""

    purpose: str
    service: str
    yes: bool
    shown: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """What an account said about one service, and about which version of its declaration."""

    purpose: str
    yes: bool
    shown: dict[str, Any]
    at: datetime


@transaction.atomic
def record_cookie_choice(
    answers: Iterable[CookieAnswer],
    *,
    receipt: UUID | None,
    language: str,
    method: str,
    now: datetime,
    place: str = "/cookies/",
    notice: str = "",
) -> UUID | None:
    """Record what a visitor answered about each service, and return the receipt number (Q11.16).

    An acceptance is a consent event under a random receipt; a refusal leaves no identifier, it is only counted by day.
    None means that nobody with these answers has ever accepted anything. Raises UnknownPurpose, ScopeRefused and
    NotPublishedError.
    """
    said = [(item, known_purpose(item.purpose, item.service)) for item in answers]
    known = receipt if receipt is not None and _has_events(receipt) else None
    if known is None and not any(item.yes for item, _ in said):
        _count_refusal(notice=notice, language=language, method=method, now=now)
        return None
    number = known or uuid4()
    take_turn(receipt_token(number))
    for item, purpose in said:
        event = _event(number, purpose, item, language=language, now=now)
        if event is not None:
            told(event, method, place, {"notice": notice, **item.shown})
            record_given(event, number, kind=COOKIES_GIVEN) if item.yes else close(event, number, kind=COOKIES_ENDED)
    return number


@transaction.atomic
def record_account_choice(
    subject_id: UUID, answers: Iterable[CookieAnswer], *, language: str, now: datetime, place: str = "/cookies/"
) -> None:
    """Record a choice that a logged-in person makes for all her browsers; it holds in none where she is logged out.

    Raises what `consent.services.give` raises.
    """
    for item in answers:
        how: dict[str, Any] = {"language": language, "method": Method.COOKIE_SETTINGS, "place": place, "now": now}
        if item.yes:
            give(subject_id, item.purpose, scope=item.service, evidence=item.shown, **how)
        else:
            refuse(subject_id, item.purpose, scope=item.service, **how)


@transaction.atomic
def end_account_choice(subject_id: UUID, *, language: str, now: datetime, place: str = "/cookies/") -> int:
    """Take back what an account decided for all its browsers, yes and no; about how many services that was."""
    decided = account_choice(subject_id, now=now)
    for service, answer in decided.items():
        withdraw(
            subject_id,
            answer.purpose,
            scope=service,
            language=language,
            method=Method.COOKIE_SETTINGS,
            place=place,
            now=now,
        )
    return len(decided)


def account_choice(subject_id: UUID, *, now: datetime) -> dict[str, AccountAnswer]:
    """What an account decided about each service and has not let run out, by the key of the service. One query."""
    yes = Q(state__in=sorted(str(state) for state in PERMITTING))
    events = ConsentEvent.objects.filter(
        subject_token=subject_token(subject_id), purpose__in=COOKIE_PURPOSES, at__gt=now - COOKIE_CHOICE_HOLDS
    )
    last = events.alias(yes=yes).order_by("scope", "-at", "yes", "-pk").distinct("scope")
    return {
        event.scope: AccountAnswer(event.purpose, ConsentState(event.state) in PERMITTING, event.evidence, event.at)
        for event in last
        if event.state != ConsentState.WITHDRAWN
    }


def _event(receipt: UUID, purpose: str, item: CookieAnswer, *, language: str, now: datetime) -> ConsentEvent | None:
    """The event of one answer; None where there is nothing to withdraw."""
    whose = receipt_token(receipt)
    before = current_status_of_token(whose, purpose, now=now, scope=item.service)
    if item.yes:
        text = current_text(purpose, language=language, on=now.date())
        event = new_event(whose, purpose, text=text, now=moment_of_grant(before.at, now=now))
        event.state, event.scope = given_after(before), item.service
        return event
    if before.event is None or before.state is ConsentState.WITHDRAWN:
        return None
    return ConsentEvent(
        subject_token=whose,
        purpose=purpose,
        scope=item.service,
        language=language,
        at=now,
        state=ConsentState.WITHDRAWN,
    )


def _has_events(receipt: UUID) -> bool:
    return ConsentEvent.objects.filter(subject_token=receipt_token(receipt)).exists()


def _count_refusal(*, notice: str, language: str, method: str, now: datetime) -> None:
    key: dict[str, Any] = {"day": now.date(), "notice": notice, "language": language, "method": Method(method)}
    RefusalCount.objects.get_or_create(**key)
    RefusalCount.objects.filter(**key).update(count=F("count") + 1)
