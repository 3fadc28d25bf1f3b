"""What consent answers when the gate asks: yes only on a consent that holds now (K5, Q7.4-Q7.6, Q13.1)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress

from consent.queries import (
    ConsentStatus,
    current_status,
    current_status_of_token,
    receipt_tokens,
    scopes_of_token,
    statuses_within,
)
from consent.scopes import fits
from consent.terms import COOKIE_PURPOSES, ConsentPurpose, ConsentState
from datamap.declarations import Purpose
from datamap.gate import Decision
from datamap.once import once
from datamap.terms import LawfulBasis
from datamap.trace import Subject
from vault.tokens import email_token

_BY_ADDRESS: Final = frozenset({ConsentPurpose.MARKETING_EMAIL, ConsentPurpose.SURVEY})
"""What somebody without an account can consent to as well, as the holder of an address."""


def answer(subject: Subject, purpose: Purpose, now: datetime, /, *, scope: str) -> Decision | None:
    """Decide the purposes that rest on consent; None for all others."""
    if purpose.basis is not LawfulBasis.CONSENT or purpose.code not in ConsentPurpose.values:
        return None
    as_a_whole = purpose.code in COOKIE_PURPOSES and not scope
    if not as_a_whole and not fits(ConsentPurpose(purpose.code), scope):
        return Decision(False, "this is not what a consent of this kind can be about")
    found = _statuses(subject, purpose.code, scope=scope, now=now)
    by_address = subject.user_id is None and all(one.event is None for one in found)
    if purpose.code in _BY_ADDRESS and by_address:
        return _decision(_statuses_of_addresses(subject, purpose.code, scope=scope, now=now))
    if purpose.code == ConsentPurpose.MARKETING_EMAIL and not _addresses_verified(subject):
        return Decision(False, "the address is not verified")
    return _decision(found)


def _decision(found: list[ConsentStatus]) -> Decision:
    if not found:
        return Decision(False, "no consent on record")
    for one in found:
        if not one.permits:
            return Decision(False, f"consent {one.state.value}")
    return Decision(True, "consent on record", proof=_proof(found))


def _proof(found: list[ConsentStatus]) -> str:
    """The event that a yes rests on, so that whoever relies on it can point to it (Art. 7(1))."""
    return next((f"{one.event._meta.label}:{one.event.pk}" for one in found if one.event is not None), "")


def _statuses(subject: Subject, purpose: str, *, scope: str, now: datetime) -> list[ConsentStatus]:
    if purpose in COOKIE_PURPOSES:
        # Asked without a service, a no to any of them is a no to the purpose.
        return [
            current_status_of_token(whose, purpose, now=now, scope=service)
            for whose in sorted(receipt_tokens(subject.visitors))
            for service in ([scope] if scope else scopes_of_token(whose, purpose))
        ]
    return [_status(user_id, purpose, scope=scope, now=now) for user_id in accounts_of(subject)]


def _status(user_id: UUID, purpose: str, *, scope: str, now: datetime) -> ConsentStatus:
    """Who shows one contact detail of a listing asks about the others too: those of one listing are read together."""
    if purpose != ConsentPurpose.CONTACT_PUBLISH:
        return current_status(user_id, purpose, now=now, scope=scope)
    listing = scope.rpartition(":")[0] + ":"
    question = ("consents", user_id, purpose, listing, now)
    found = once(question, lambda: statuses_within(user_id, purpose, listing, now=now))
    return found.get(scope, ConsentStatus(purpose, ConsentState.UNKNOWN))


def _statuses_of_addresses(subject: Subject, purpose: str, *, scope: str, now: datetime) -> list[ConsentStatus]:
    """What the addresses themselves consented to: what an account says about it, if anything, goes before (Q13.8)."""
    tokens = map(email_token, sorted(subject.emails))
    return [current_status_of_token(whose, purpose, now=now, scope=scope) for whose in tokens]


def accounts_of(subject: Subject) -> list[UUID]:
    """The account that is named, else those whose owners have confirmed an address of the person."""
    if subject.user_id is not None:
        return [subject.user_id]
    verified = EmailAddress.objects.filter(email__in=sorted(subject.emails), verified=True)
    return list(verified.order_by("user_id").values_list("user_id", flat=True).distinct())


def _addresses_verified(subject: Subject) -> bool:
    """Every address to be used is verified, and belongs to the account that consented."""
    verified = EmailAddress.objects.filter(user_id__in=accounts_of(subject), verified=True)
    known = {address.lower() for address in verified.values_list("email", flat=True)}
    return bool(known) and subject.emails <= known
