"""Giving, withdrawing and counting: the only way a consent enters the record (Art. 7, policy clause 13 and 16)."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import transaction

from consent import texts
from consent.closing import close, close_by_address
from consent.events import UnknownPurpose, given_after, known_purpose, new_event, told
from consent.giving import record_given, record_given_by_address, record_subscription
from consent.models import ConsentEvent, SubscriptionEvidence, TextVersion
from consent.queries import current_status_of_token, status
from consent.scopes import ScopeRefused
from consent.terms import COOKIE_PURPOSES, ConsentPurpose, ConsentState, Method
from consent.texts import NotPublishedError, current_text
from consent.turns import moment_of_grant, take_turn
from mailing.services import lift
from vault.tokens import email_token, subject_token

__all__ = [
    "AccountGone",
    "AgeNotDeclared",
    "NotPublishedError",
    "ScopeRefused",
    "UnknownPurpose",
    "WordingChanged",
    "current_text",
    "give",
    "give_by_address",
    "invalidate",
    "note_subscription",
    "publish_texts",
    "refuse",
    "status",
    "withdraw",
    "withdraw_by_token",
]


AGE_FIELD: Final = "age_confirmed_at"
"""The field of the user model that holds the time of the declaration; a model without it is not asked."""


class WordingChanged(ValueError):
    """The wording the person saw is not the one in force: nobody consents to words unseen."""

    def __init__(self) -> None:
        super().__init__("The wording of this consent has changed since it was shown.")


class AgeNotDeclared(ValueError):
    """Consents are accepted only from people who declared to be old enough (Q6.3)."""

    def __init__(self) -> None:
        super().__init__("This account carries no declaration of age: no consent is accepted from it.")


class AccountGone(ValueError):
    """The account was erased meanwhile: a consent of nobody would stand in the record as if it held."""

    def __init__(self) -> None:
        super().__init__("There is no account of this number (any more): no consent is accepted for it.")


def publish_texts(*, now: datetime, root: Path = texts.ROOT) -> int:
    """Publish the texts under `root` that are new; returns how many. Raises TextError (Q0.3)."""
    return texts.publish(now=now, root=root)


@transaction.atomic
def give(  # noqa: PLR0913 - what makes a consent provable
    subject_id: UUID,
    purpose: str,
    *,
    language: str,
    method: str,
    place: str,
    now: datetime,
    evidence: Mapping[str, str | int] | None = None,
    wording: str = "",
    scope: str = "",
) -> ConsentEvent:
    """Record that a person gave a consent, in the words shown (Art. 7(1), rules K1-K2).

    `language` is that of the page; `wording` the hash of the text the person saw, where the page can tell; `place` a
    path without query; `scope` what within the purpose it is about (`consent.scopes`). Giving again what holds in the
    same words adds nothing. A withdrawal at the same moment prevails, and both are on record (`consent.turns`). Beside
    an erasure of the same account it comes first, and ends with it, or is refused.
    Raises UnknownPurpose, ScopeRefused, AccountGone, AgeNotDeclared, WordingChanged, or NotPublishedError where no
    wording was ever published.
    """
    code = known_purpose(purpose, scope)
    _require_account(subject_id)
    text = _text_shown(code, language=language, wording=wording, now=now)
    if code == ConsentPurpose.MARKETING_EMAIL:
        _take_off_the_list(subject_id, now=now)
    event = _given(subject_token(subject_id), code, text=text, now=now, scope=scope, shown=evidence)
    if not event._state.adding:
        return event
    return record_given(told(event, method, place, evidence), subject_id)


@transaction.atomic
def give_by_address(  # noqa: PLR0913 - what makes a consent provable
    address: str,
    purpose: str,
    *,
    language: str,
    method: str,
    place: str,
    now: datetime,
    evidence: Mapping[str, str | int] | None = None,
    wording: str = "",
    scope: str = "",
) -> ConsentEvent:
    """The same for whoever holds an address and has no account (Q13.8): on record by the keyed token of the address.

    The caller has made sure that the holder of the address asked for it (Q13.9). Raises UnknownPurpose,
    ScopeRefused, WordingChanged, NotPublishedError.
    """
    code = known_purpose(purpose, scope)
    text = _text_shown(code, language=language, wording=wording, now=now)
    event = _given(email_token(address), code, text=text, now=now, scope=scope)
    if not event._state.adding:
        return event
    return record_given_by_address(told(event, method, place, evidence))


@transaction.atomic
def withdraw_by_token(
    whose: str,
    purpose: str,
    *,
    language: str,
    method: str,
    place: str,
    now: datetime,
    evidence: Mapping[str, str | int] | None = None,
    scope: str = "",
) -> ConsentEvent | None:
    """End what an address consented to, known by its token alone; None where it never consented to anything.

    Raises UnknownPurpose and ScopeRefused.
    """
    code = known_purpose(purpose, scope)
    take_turn(whose)
    if current_status_of_token(whose, code, now=now, scope=scope).event is None:
        return None
    event = ConsentEvent(subject_token=whose, purpose=code, scope=scope, language=language, at=now)
    event.state = ConsentState.WITHDRAWN
    return close_by_address(told(event, method, place, evidence))


def withdraw(
    subject_id: UUID,
    purpose: str,
    *,
    language: str,
    method: str,
    place: str,
    now: datetime,
    evidence: Mapping[str, str | int] | None = None,
    scope: str = "",
) -> ConsentEvent:
    """Record a withdrawal; it holds from this instant, what was done before stays lawful (Art. 7(3), Q16.6).

    Raises UnknownPurpose and ScopeRefused.
    """
    event = _closing(subject_id, purpose, language=language, now=now, scope=scope)
    event.state = ConsentState.WITHDRAWN
    return close(told(event, method, place, evidence), subject_id)


def refuse(
    subject_id: UUID,
    purpose: str,
    *,
    language: str,
    method: str,
    place: str,
    now: datetime,
    evidence: Mapping[str, str | int] | None = None,
    scope: str = "",
) -> ConsentEvent:
    """Record that a person who was asked said no. Raises UnknownPurpose and ScopeRefused."""
    event = _closing(subject_id, purpose, language=language, now=now, scope=scope)
    event.state = ConsentState.REFUSED
    return close(told(event, method, place, evidence), subject_id)


def invalidate(
    subject_id: UUID, purpose: str, *, reason: str, place: str, now: datetime, scope: str = ""
) -> ConsentEvent:
    """Record that a consent was never valid, for example a child's (rule K11); `reason` is a code, not a sentence.

    Raises UnknownPurpose and ScopeRefused.
    """
    event = _closing(subject_id, purpose, language=texts.MASTER, now=now, scope=scope)
    event.state = ConsentState.INVALIDATED
    return close(told(event, Method.ACCOUNT, place, {"reason": reason}), subject_id)


def note_subscription(event: ConsentEvent, *, ip: str) -> SubscriptionEvidence:
    """Keep the IP address, date and time of a subscription beside its event (policy clause 13, Q13.3)."""
    return record_subscription(event, ip=ip)


def _require_account(subject_id: UUID) -> None:
    """The account stays until the consent is recorded; where accounts carry a declaration of age, it has one."""
    # The ledger has no foreign key that would make it wait for an erasure, so the row is locked as one would lock it.
    accounts = get_user_model()._default_manager.select_for_update(no_key=True)
    user = accounts.filter(pk=subject_id).first()
    if user is None:
        raise AccountGone
    if getattr(user, AGE_FIELD, user) is None:
        raise AgeNotDeclared


def _take_off_the_list(subject_id: UUID, *, now: datetime) -> None:
    """She asks for advertising anew: what an earlier no had put on the list must not silence the new yes (Q13.10)."""
    for address in EmailAddress.objects.filter(user_id=subject_id, verified=True).values_list("email", flat=True):
        lift(address, now=now)


def _text_shown(code: str, *, language: str, wording: str, now: datetime) -> TextVersion:
    text = current_text(code, language=language, on=now.date())
    if wording and wording != text.sha256:
        return _translation_shown(text, wording)
    return text


def _translation_shown(text: TextVersion, wording: str) -> TextVersion:
    """The person may have read another language of the version in force than the page has now."""
    shown = TextVersion.objects.filter(code=text.code, version=text.version, sha256=wording).first()
    if shown is None:
        raise WordingChanged
    return shown


def _given(
    whose: str,
    purpose: str,
    *,
    text: TextVersion,
    now: datetime,
    scope: str = "",
    shown: Mapping[str, str | int] | None = None,
) -> ConsentEvent:
    """A new event of a consent, or the one on record that holds in the same words. Takes the person's turn."""
    take_turn(whose)
    before = current_status_of_token(whose, purpose, now=now, scope=scope)
    if before.permits and before.event is not None and _same_words(before.event, text, shown):
        return before.event
    event = new_event(whose, purpose, text=text, now=moment_of_grant(before.at, now=now))
    event.state, event.scope = given_after(before), scope
    return event


def _same_words(event: ConsentEvent, text: TextVersion, shown: Mapping[str, str | int] | None) -> bool:
    """Of a service that uses cookies the words are the same also after it changed what it does."""
    same = event.lv_sha256 == text.master_sha256
    return same and (event.purpose not in COOKIE_PURPOSES or event.evidence == shown)


def _closing(subject_id: UUID, purpose: str, *, language: str, now: datetime, scope: str) -> ConsentEvent:
    """An event that ends or denies a consent: it needs no published wording, saying no is always possible."""
    whose, code = subject_token(subject_id), known_purpose(purpose, scope)
    return ConsentEvent(subject_token=whose, purpose=code, scope=scope, language=language, at=now)
