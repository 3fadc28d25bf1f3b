"""An event of the record of consents in the making: which consent, in which words, how it was said (rules K1-K3)."""

from collections.abc import Mapping
from datetime import datetime

from consent.models import ConsentEvent, TextVersion
from consent.queries import ConsentStatus
from consent.scopes import check_scope
from consent.terms import ConsentPurpose, ConsentState, Method


class UnknownPurpose(ValueError):
    """Somebody named a consent that this site does not know."""

    def __init__(self) -> None:
        super().__init__("This site knows no consent of that name.")


def known_purpose(purpose: str, scope: str = "") -> ConsentPurpose:
    """The consent of this code. Raises UnknownPurpose, and ScopeRefused where the scope does not fit it."""
    try:
        code = ConsentPurpose(purpose)
    except ValueError:
        raise UnknownPurpose from None
    check_scope(code, scope)
    return code


def new_event(whose: str, purpose: str, *, text: TextVersion, now: datetime) -> ConsentEvent:
    """An event about the words that were shown, not yet on record."""
    return ConsentEvent(
        subject_token=whose,
        purpose=purpose,
        text_version=text.version,
        text_sha256=text.sha256,
        lv_sha256=text.master_sha256,
        language=text.language,
        at=now,
    )


def told(event: ConsentEvent, method: str, place: str, evidence: Mapping[str, str | int] | None) -> ConsentEvent:
    """The same event with how and where it was said, and what proves that (rule K2)."""
    event.method, event.place, event.evidence = Method(method), place[:200], dict(evidence or {})
    return event


def given_after(before: ConsentStatus) -> ConsentState:
    """What a yes is, by what was said before it."""
    renewed = {ConsentState.GIVEN, ConsentState.RENEWED, ConsentState.EXPIRED, ConsentState.RENEWAL_NEEDED}
    return ConsentState.RENEWED if before.state in renewed else ConsentState.GIVEN
