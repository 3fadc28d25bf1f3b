"""What a person says no to, taken to the apps that must hear it (Art. 7(3), 21).

Requests are heard in one wing and consents kept in the other: a `privacy.py` answers with `WITHDRAWERS`, dotted paths
of `(subject, purposes, *, language, way, evidence, now) -> Iterable[str]`, with `OBJECTORS`, of `(purpose) -> set of
ids`, and with `ENDERS`, of `(user_id, purpose, *, scope, now) -> None`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.utils.module_loading import import_string

from datamap.catalogue import catalogue
from datamap.registry import registry
from datamap.terms import LawfulBasis
from datamap.trace import Subject


class Way(StrEnum):
    """How a withdrawal reached us: all are as good as the button (Q16.6, Q19.5)."""

    ONLINE = "online"
    EMAIL = "email"
    PAPER = "paper"


def withdraw_consents(
    subject: Subject,
    *,
    language: str,
    way: Way,
    now: datetime,
    marketing_only: bool = False,
    evidence: Mapping[str, str] | None = None,
) -> list[str]:
    """End every consent of this person that holds, or those for advertising alone; the codes of what ended.

    `evidence` names the request and the document that it came in; it stands in the record of each consent.
    """
    purposes = [
        purpose.code
        for purpose in catalogue().purposes.values()
        if purpose.basis is LawfulBasis.CONSENT and (purpose.is_marketing or not marketing_only)
    ]
    ended: set[str] = set()
    for path in registry().withdrawers:
        ended.update(
            import_string(path)(subject, purposes, language=language, way=way, evidence=evidence or {}, now=now)
        )
    return [code for code in purposes if code in ended]


def end_what_rests_on(user_id: UUID, purpose: str, *, scope: str, now: datetime) -> None:
    """Have every app erase what it holds on a consent of this account, or on one piece of it (`scope`), in the
    transaction that ends it."""
    for path in registry().enders:
        import_string(path)(user_id, purpose, scope=scope, now=now)


def objectors_to(purpose: str) -> set[UUID]:
    """The accounts whose data are not processed for this purpose any more (Art. 21(1))."""
    found: set[UUID] = set()
    for path in registry().objectors:
        found |= import_string(path)(purpose)
    return found


def open_to_objection() -> Collection[str]:
    """The purposes on legitimate interests: a person may object to each (Art. 21(1))."""
    return [
        purpose.code for purpose in catalogue().purposes.values() if purpose.basis is LawfulBasis.LEGITIMATE_INTERESTS
    ]
