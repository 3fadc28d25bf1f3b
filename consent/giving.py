"""Records a consent, and has the journal remember it, so that no restored backup takes it back (Art. 7(1), Q10.9)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from audit.ledger import append
from consent.erasure import start_proof_term
from consent.models import ConsentEvent, SubscriptionEvidence
from consent.queries import current_status_of_token
from replay.journal import note

GIVEN: Final = "consent.given"
COOKIES_GIVEN: Final = "consent.cookies_given"
GIVEN_BY_ADDRESS: Final = "consent.address_given"
SUBSCRIBED: Final = "consent.subscribed"

_WORDS: Final = ("purpose", "state", "language", "method", "place", "text_version", "text_sha256", "lv_sha256")
_LATER: Final = {"scope": ""}


@transaction.atomic(savepoint=False)
def record_given(event: ConsentEvent, subject: UUID, *, kind: str = GIVEN) -> ConsentEvent:
    """Append the event of an account, or of a cookie receipt for `COOKIES_GIVEN`."""
    note(kind, at=event.at, subject=subject, details=_details(event))
    return append(event)


@transaction.atomic(savepoint=False)
def record_given_by_address(event: ConsentEvent) -> ConsentEvent:
    """Append the event of an address without an account; its token stands sealed in the journal (security X2)."""
    note(GIVEN_BY_ADDRESS, at=event.at, details=_details(event), sealed={"token": event.subject_token})
    return append(event)


def _details(event: ConsentEvent) -> dict[str, Any]:
    words: dict[str, Any] = {name: str(getattr(event, name)) for name in (*_WORDS, *_LATER)}
    return words | {"evidence": event.evidence}


@transaction.atomic
def give_again(whose: str, *, at: datetime, details: Mapping[str, Any]) -> bool:
    """The same after a restore, as the journal tells it; False where the record has it already."""
    event = ConsentEvent(subject_token=whose, at=at)
    told = {**_LATER, **details}
    for name in (*_WORDS, *_LATER):
        setattr(event, name, told[name])
    known = {name: getattr(event, name) for name in ("subject_token", "purpose", "scope", "state", "at")}
    if ConsentEvent.objects.filter(**known).exists():
        return False
    event.evidence = {**details["evidence"], "repeated": "after a restore"}
    append(event)
    return True


@transaction.atomic
def record_subscription(event: ConsentEvent, *, ip: str) -> SubscriptionEvidence:
    """Keep the address beside the event; in the journal it stands sealed. Where the consent was withdrawn at the same
    moment, the last term of its evidence begins at once."""
    found, is_new = SubscriptionEvidence.objects.get_or_create(
        event=event, defaults={"subject_token": event.subject_token, "ip": ip, "at": event.at}
    )
    if is_new:
        sealed = {"token": event.subject_token, "ip": ip}
        note(SUBSCRIBED, at=event.at, details={"purpose": str(event.purpose)}, sealed=sealed)
        last = current_status_of_token(event.subject_token, event.purpose, now=event.at)
        if last.event is not None and last.event.pk != event.pk and not last.permits:
            start_proof_term(event.subject_token, now=event.at)
            found.refresh_from_db()
    return found


@transaction.atomic
def subscribe_again(purpose: str, *, at: datetime, sealed: Mapping[str, str]) -> bool:
    """The same after a restore; False where the consent did not come back, or has its evidence."""
    events = ConsentEvent.objects.filter(subject_token=sealed["token"], purpose=purpose, at=at)
    event = events.filter(subscription=None).order_by("id").last()
    if event is None:
        return False
    SubscriptionEvidence.objects.create(event=event, subject_token=event.subject_token, ip=sealed["ip"], at=at)
    return True
