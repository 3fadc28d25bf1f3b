"""Ends or denies a consent, and has the journal remember it, so that no backup gives it back (Q10.9, Q16.6)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from audit.ledger import append
from consent.erasure import start_proof_term
from consent.models import ConsentEvent
from consent.queries import next_moment, receipt_token, status_of_token
from consent.terms import ConsentPurpose
from replay.journal import note
from vault.tokens import subject_token

ENDED: Final = "consent.ended"
COOKIES_ENDED: Final = "consent.cookies_ended"

_TOKENS: Final = {ENDED: subject_token, COOKIES_ENDED: receipt_token}


@transaction.atomic
def close(event: ConsentEvent, subject: UUID, *, kind: str = ENDED) -> ConsentEvent:
    """Append the event of an account (or, for `COOKIES_ENDED`, of a cookie receipt); repeating it adds nothing."""
    event.at = next_moment(event.subject_token, event.purpose, now=event.at)
    if (last := _same_already(event)) is not None:
        return last
    details = {name: str(getattr(event, name)) for name in ("purpose", "state", "language", "method", "place")}
    note(kind, at=event.at, subject=subject, details=details | {"reason": event.evidence.get("reason", "")})
    return _append(event)


@transaction.atomic
def close_again(kind: str, subject: UUID, *, event: ConsentEvent, details: Mapping[str, Any]) -> bool:
    """The same after a restore, as the journal tells it; False where the record says so already."""
    event.subject_token = _TOKENS[kind](subject)
    event.purpose, event.state, event.language = details["purpose"], details["state"], details["language"]
    event.method, event.place = details["method"], details["place"]
    event.evidence = {"repeated": "after a restore"} | ({"reason": details["reason"]} if details["reason"] else {})
    if _same_already(event) is not None:
        return False
    _append(event)
    return True


def _same_already(event: ConsentEvent) -> ConsentEvent | None:
    before = status_of_token(event.subject_token, event.purpose, at=event.at)
    return before.event if before.event is not None and before.state == event.state else None


def _append(event: ConsentEvent) -> ConsentEvent:
    if event.purpose == ConsentPurpose.MARKETING_EMAIL:
        start_proof_term(event.subject_token, now=event.at)
    return append(event)
