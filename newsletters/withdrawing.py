"""A no that comes another way than by the link ends a subscription without an account as well (Q13.8, Q16.6)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from consent.services import withdraw_by_token
from consent.terms import ConsentPurpose
from consent.withdrawing import METHODS, PLACE
from datamap.refusing import Way
from datamap.trace import Subject
from newsletters.stopping import forget
from vault.tokens import email_tokens


def withdraw_asked(
    subject: Subject, purposes: Iterable[str], *, language: str, way: Way, evidence: Mapping[str, str], now: datetime
) -> list[str]:
    """End what the person's addresses consented to by themselves, and forget their subscriptions."""
    ended = []
    if ConsentPurpose.MARKETING_EMAIL in set(purposes):
        for token in sorted(email_tokens(subject.emails)):
            event = withdraw_by_token(
                token,
                ConsentPurpose.MARKETING_EMAIL,
                language=language,
                method=METHODS[way],
                place=PLACE,
                evidence=evidence,
                now=now,
            )
            if forget(token, now=now) or event is not None:
                ended.append(str(ConsentPurpose.MARKETING_EMAIL))
    return ended
