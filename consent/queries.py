"""What the record of consents says: the state of one consent as a fold over its events (rules K3, K9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from consent.models import ConsentEvent, TextVersion
from consent.terms import COOKIE_PURPOSES, PERMITTING, ConsentState
from datamap.catalogue import length_of
from vault.tokens import subject_token, token

COOKIE_CHOICE_HOLDS: Final = length_of("COOKIE_CHOICE")
"""A cookie choice, refusal too, is asked again after half a year (rule K9)."""

_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """Where one consent stands at one moment, and the event that says so."""

    purpose: str
    state: ConsentState
    event: ConsentEvent | None = None

    @property
    def permits(self) -> bool:
        """True only for a consent that is given or renewed: silence, age and doubt permit nothing."""
        return self.state in PERMITTING


def receipt_token(receipt: UUID) -> str:
    """The keyed name of a cookie receipt; a namespace of its own, so that no account can pass for a receipt."""
    return token(str(receipt), purpose="consent.cookie-receipt")


def receipt_tokens(values: Iterable[str]) -> set[str]:
    """The keyed names of those values that are receipt numbers at all (for `Via`)."""
    found = set()
    for value in values:
        try:
            found.add(receipt_token(UUID(str(value))))
        except ValueError:
            continue
    return found


def status(subject_id: UUID, purpose: str, *, at: datetime) -> ConsentStatus:
    """The state of a consent of an account at a moment, past or present."""
    return status_of_token(subject_token(subject_id), purpose, at=at)


def cookie_status(receipt: UUID, purpose: str, *, at: datetime) -> ConsentStatus:
    """The state of a cookie consent under a receipt at a moment."""
    return status_of_token(receipt_token(receipt), purpose, at=at)


def status_of_token(whose: str, purpose: str, *, at: datetime) -> ConsentStatus:
    """The last event decides; of several at the same instant the one that permits least (L7)."""
    events = ConsentEvent.objects.filter(subject_token=whose, purpose=purpose, at__lte=at)
    last = events.order_by("-at").values_list("at", flat=True).first()
    if last is None:
        return ConsentStatus(purpose, ConsentState.UNKNOWN)
    event = min(events.filter(at=last), key=lambda found: (ConsentState(found.state) in PERMITTING, -found.pk))
    return ConsentStatus(purpose, _state_at(event, at=at), event)


def current_status(subject_id: UUID, purpose: str, *, now: datetime) -> ConsentStatus:
    """The state of a consent of an account as it holds now, for every use of it."""
    return current_status_of_token(subject_token(subject_id), purpose, now=now)


def current_status_of_token(whose: str, purpose: str, *, now: datetime) -> ConsentStatus:
    """The same for a token: what was decided last holds, also where the clock stands before that by now."""
    last = _last_decided_at(whose, purpose)
    return status_of_token(whose, purpose, at=max(now, last) if last else now)


def next_moment(whose: str, purpose: str, *, now: datetime) -> datetime:
    """The time of a decision that is made now: behind the one before it, whatever the clock says."""
    last = _last_decided_at(whose, purpose)
    return last + _INSTANT if last and now < last else now


def _last_decided_at(whose: str, purpose: str) -> datetime | None:
    events = ConsentEvent.objects.filter(subject_token=whose, purpose=purpose)
    return events.order_by("-at").values_list("at", flat=True).first()


def _state_at(event: ConsentEvent, *, at: datetime) -> ConsentState:
    state = ConsentState(event.state)
    if state not in PERMITTING:
        return state
    if event.purpose in COOKIE_PURPOSES and at - event.at >= COOKIE_CHOICE_HOLDS:
        return ConsentState.EXPIRED
    return ConsentState.RENEWAL_NEEDED if _overtaken(event, at=at) else state


def _overtaken(event: ConsentEvent, *, at: datetime) -> bool:
    """Whether a materially new wording holds that the person has not seen (Q20.3)."""
    masters = TextVersion.objects.filter(code=event.purpose, language="lv")
    shown = masters.filter(sha256=event.lv_sha256).first()
    if shown is None:
        return False
    newer = masters.filter(material=True, valid_from__lte=at.date(), published_at__lte=at)
    return newer.filter(valid_from__gt=shown.valid_from).exists()


def events_of(subject_id: UUID, purpose: str) -> QuerySet[ConsentEvent]:
    """The history of one consent, the newest first."""
    return ConsentEvent.objects.filter(subject_token=subject_token(subject_id), purpose=purpose).order_by("-at", "-pk")
