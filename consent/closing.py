"""Ends or denies a consent, and has the journal remember it, so that no backup gives it back (Q10.9, Q16.6)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from audit.ledger import append
from consent.erasure import start_proof_term
from consent.models import ConsentEvent
from consent.queries import status_of_token
from consent.terms import ConsentPurpose
from consent.turns import moment_of_ending, take_turn
from datamap.refusing import end_what_rests_on
from replay.journal import note

ENDED: Final = "consent.ended"
COOKIES_ENDED: Final = "consent.cookies_ended"
ENDED_BY_ADDRESS: Final = "consent.address_ended"

_WORDS: Final = ("purpose", "scope", "state", "language", "method", "place")


@transaction.atomic
def close(event: ConsentEvent, subject: UUID, *, kind: str = ENDED) -> ConsentEvent:
    """Append the event of an account (or, for `COOKIES_ENDED`, of a cookie receipt); repeating it adds nothing."""
    if (last := _already(event)) is not None:
        return last
    note(kind, at=event.at, subject=subject, details=_details(event))
    if kind == ENDED:
        end_what_rests_on(subject, event.purpose, scope=event.scope, now=event.at)
    return _append(event)


@transaction.atomic
def close_by_address(event: ConsentEvent) -> ConsentEvent:
    """The same for an address without an account; its token stands sealed in the journal (security X2)."""
    if (last := _already(event)) is not None:
        return last
    note(ENDED_BY_ADDRESS, at=event.at, details=_details(event), sealed={"token": event.subject_token})
    return _append(event)


@transaction.atomic
def close_again(event: ConsentEvent, *, details: Mapping[str, Any], account: UUID | None = None) -> bool:
    """The same after a restore, as the journal tells it; False where the record says so already."""
    event.purpose, event.state, event.language = details["purpose"], details["state"], details["language"]
    event.method, event.place, event.scope = details["method"], details["place"], details.get("scope", "")
    told = {"reason": details["reason"]} if details["reason"] else {}
    # Lines of an older version told the reason alone.
    event.evidence = {**details.get("evidence", told), "repeated": "after a restore"}
    if account is not None:
        end_what_rests_on(account, event.purpose, scope=event.scope, now=event.at)
    if _same_already(event) is not None:
        return False
    _append(event)
    return True


def _already(event: ConsentEvent) -> ConsentEvent | None:
    """Put the event behind the one before it; that one, where it says the same."""
    take_turn(event.subject_token)
    event.at = moment_of_ending(event.subject_token, event.purpose, now=event.at, scope=event.scope)
    return _same_already(event)


def _details(event: ConsentEvent) -> dict[str, Any]:
    words: dict[str, Any] = {name: str(getattr(event, name)) for name in _WORDS}
    return words | {"reason": str(event.evidence.get("reason", "")), "evidence": event.evidence}


def _same_already(event: ConsentEvent) -> ConsentEvent | None:
    before = status_of_token(event.subject_token, event.purpose, at=event.at, scope=event.scope)
    return before.event if before.event is not None and before.state == event.state else None


def _append(event: ConsentEvent) -> ConsentEvent:
    if event.purpose == ConsentPurpose.MARKETING_EMAIL:
        start_proof_term(event.subject_token, now=event.at)
    return append(event)
