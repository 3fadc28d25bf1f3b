"""What the record of consents says: the state of one consent as a fold over its events (rules K3, K9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from consent.models import ConsentEvent
from consent.terms import COOKIE_PURPOSES, PERMITTING, ConsentPurpose, ConsentState
from datamap.catalogue import length_of
from datamap.terms import Text
from vault.tokens import subject_token, token

COOKIE_CHOICE_HOLDS: Final = length_of("COOKIE_CHOICE")
"""A cookie choice, refusal too, is asked again after half a year (rule K9)."""

_PERMITTING: Final = sorted(str(state) for state in PERMITTING)

# In SQL, because the gate asks at every use. The wording is overtaken where a materially new one holds at that moment
# which the person has not seen (Q20.3).
_OVERTAKEN: Final = """
EXISTS (
    SELECT FROM consent_textversion AS newer
    WHERE newer.code = event.purpose AND newer.language = 'lv' AND newer.material
      AND newer.published_at <= greatest(event.at, %(now)s)
      AND newer.valid_from <= (greatest(event.at, %(now)s) AT TIME ZONE 'UTC')::date
      AND newer.valid_from > (
          SELECT max(shown.valid_from) FROM consent_textversion AS shown
          WHERE shown.code = event.purpose AND shown.language = 'lv' AND shown.sha256 = event.lv_sha256))
"""
_EVENTS: Final = f"""
SELECT event.*, greatest(event.at, %(now)s) AS moment, {_OVERTAKEN} AS overtaken FROM consent_consentevent AS event
WHERE event.subject_token = %(whose)s AND event.purpose = %(purpose)s AND event.scope = %(scope)s
"""  # noqa: S608 - names of ours
_ORDER: Final = "ORDER BY event.at DESC, event.state = ANY (%(permitting)s), event.id DESC LIMIT 1"
_LAST_OF_EACH: Final = f"""
SELECT DISTINCT ON (event.purpose, event.scope)
       event.*, greatest(event.at, %(now)s) AS moment, {_OVERTAKEN} AS overtaken
FROM consent_consentevent AS event
WHERE event.subject_token = %(whose)s AND %(purpose)s IN ('', event.purpose) AND starts_with(event.scope, %(within)s)
ORDER BY event.purpose, event.scope, event.at DESC, event.state = ANY (%(permitting)s), event.id DESC
"""  # noqa: S608 - names of ours
_LAST: Final = f"{_EVENTS} {_ORDER}"
_LAST_UNTIL: Final = f"{_EVENTS} AND event.at <= %(until)s {_ORDER}"


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

    @property
    def label(self) -> Text:
        """What the purpose is called."""
        return ConsentPurpose(self.purpose).label

    @property
    def scope(self) -> str:
        """What within the purpose; empty for the whole of it, and where nothing was decided."""
        return self.event.scope if self.event else ""

    @property
    def at(self) -> datetime | None:
        """When it was decided; None where it never was."""
        return self.event.at if self.event else None


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


def status(subject_id: UUID, purpose: str, *, at: datetime, scope: str = "") -> ConsentStatus:
    """The state of a consent of an account at a moment, past or present."""
    return status_of_token(subject_token(subject_id), purpose, at=at, scope=scope)


def cookie_status(receipt: UUID, purpose: str, service: str, *, at: datetime) -> ConsentStatus:
    """The state of the consent to one service's cookies under a receipt at a moment."""
    return status_of_token(receipt_token(receipt), purpose, at=at, scope=service)


def status_of_token(whose: str, purpose: str, *, at: datetime, scope: str = "") -> ConsentStatus:
    """The last event decides; of several at the same instant the one that permits least (L7). One query."""
    return _folded(purpose, at, whose=whose, scope=scope, until=at)


def current_status(subject_id: UUID, purpose: str, *, now: datetime, scope: str = "") -> ConsentStatus:
    """The state of a consent of an account as it holds now, for every use of it."""
    return current_status_of_token(subject_token(subject_id), purpose, now=now, scope=scope)


def current_status_of_token(whose: str, purpose: str, *, now: datetime, scope: str = "") -> ConsentStatus:
    """The same for a token: what was decided last holds, also where the clock stands before that by now. One query."""
    return _folded(purpose, now, whose=whose, scope=scope)


def statuses_of(subject_id: UUID, *, now: datetime) -> list[ConsentStatus]:
    """Everything an account ever decided about, each as it holds now. One query."""
    return _last_of_each(subject_id, now=now)


def statuses_within(subject_id: UUID, purpose: str, within: str, *, now: datetime) -> dict[str, ConsentStatus]:
    """What an account decided about the pieces of a purpose whose scopes begin so, by scope. One query."""
    return {one.scope: one for one in _last_of_each(subject_id, purpose=purpose, within=within, now=now)}


def _last_of_each(subject_id: UUID, *, now: datetime, purpose: str = "", within: str = "") -> list[ConsentStatus]:
    values = {"whose": subject_token(subject_id), "purpose": purpose, "within": within, "now": now}
    last: Iterable[Any] = ConsentEvent.objects.raw(_LAST_OF_EACH, values | {"permitting": _PERMITTING})
    return [ConsentStatus(row.purpose, _state_at(row, at=row.moment, overtaken=row.overtaken), row) for row in last]


def last_decided_at(whose: str, purpose: str, *, scope: str = "") -> datetime | None:
    """When something was decided last about one consent."""
    return _events(whose, purpose, scope).order_by("-at").values_list("at", flat=True).first()


def scopes_of_token(whose: str, purpose: str) -> list[str]:
    """What within a purpose somebody ever decided about."""
    events = ConsentEvent.objects.filter(subject_token=whose, purpose=purpose)
    return list(events.order_by("scope").values_list("scope", flat=True).distinct())


def given_scopes(subject_id: UUID, purpose: str, *, now: datetime) -> list[str]:
    """What within a purpose an account consents to as it holds now; `[""]` for a purpose as a whole."""
    whose = subject_token(subject_id)
    scopes = scopes_of_token(whose, purpose)
    return [scope for scope in scopes if current_status_of_token(whose, purpose, now=now, scope=scope).permits]


def events_of(subject_id: UUID, purpose: str, *, scope: str = "") -> QuerySet[ConsentEvent]:
    """The history of one consent, the newest first."""
    return _events(subject_token(subject_id), purpose, scope).order_by("-at", "-pk")


def _events(whose: str, purpose: str, scope: str) -> QuerySet[ConsentEvent]:
    return ConsentEvent.objects.filter(subject_token=whose, purpose=purpose, scope=scope)


def _folded(purpose: str, at: datetime, *, whose: str, scope: str, until: datetime | None = None) -> ConsentStatus:
    """The state at a moment, or at the moment of the last event where that is later."""
    values = {"whose": whose, "purpose": purpose, "scope": scope, "now": at, "until": until, "permitting": _PERMITTING}
    last: Any = next(iter(ConsentEvent.objects.raw(_LAST if until is None else _LAST_UNTIL, values)), None)
    if last is None:
        return ConsentStatus(purpose, ConsentState.UNKNOWN)
    return ConsentStatus(purpose, _state_at(last, at=last.moment, overtaken=last.overtaken), last)


def _state_at(event: ConsentEvent, *, at: datetime, overtaken: bool) -> ConsentState:
    state = ConsentState(event.state)
    if state not in PERMITTING:
        return state
    if event.purpose in COOKIE_PURPOSES and at - event.at >= COOKIE_CHOICE_HOLDS:
        return ConsentState.EXPIRED
    return ConsentState.RENEWAL_NEEDED if overtaken else state
