"""Carries the withdrawal of a consent to Google Analytics to Google: deleting here alone leaves there what was counted
(Art. 7(3), 17(1)(b), 28(3)(e); policy clause 11.3)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.http import HttpRequest

from consent.queries import current_status_of_token, receipt_token
from cookies.choice import CookieConsent
from cookies.effects import DELETE, NUMBER
from cookies.google import is_ordered
from cookies.third_parties import GOOGLE_ANALYTICS, GOOGLE_ANALYTICS_KEY
from outbox.services import enqueue

COOKIE: Final = "_ga"
_NUMBER: Final = re.compile(r"GA[0-9]{1,2}\.[0-9]{1,3}\.([0-9]{1,12}\.[0-9]{1,12})")


def ends_analytics(before: CookieConsent, answers: Mapping[str, bool]) -> bool:
    """Whether these answers take back what this browser agreed to until now."""
    return before.accepts(GOOGLE_ANALYTICS_KEY) and answers.get(GOOGLE_ANALYTICS_KEY) is False


def number_to_delete(request: HttpRequest, *, now: datetime) -> str:
    """The number that Google gave this browser, where a deletion can be ordered; empty where not.

    Read while the consent still holds, and only where it is on record: whoever writes a cookie by hand orders nothing.
    """
    found = _NUMBER.fullmatch(request.COOKIES.get(COOKIE, ""))
    return found[1] if found and is_ordered() and _is_on_record(request, now=now) else ""


def order_deletion(number: str, *, now: datetime) -> None:
    """Order it in the transaction of the withdrawal, under a key of its own: nothing leads from it to anybody."""
    if number:
        enqueue(DELETE, aggregate=f"google:{uuid4()}", payload={NUMBER: number}, now=now)


def _is_on_record(request: HttpRequest, *, now: datetime) -> bool:
    consent: CookieConsent = request.consent  # type: ignore[attr-defined]
    if GOOGLE_ANALYTICS_KEY in consent.by_account:
        return True
    if consent.receipt is None:
        return False
    purpose = GOOGLE_ANALYTICS.category.purpose
    whose = receipt_token(consent.receipt)
    return current_status_of_token(whose, purpose, now=now, scope=GOOGLE_ANALYTICS_KEY).permits
