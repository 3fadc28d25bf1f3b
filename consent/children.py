"""What becomes of a child's consents: they were never valid (policy clause 6; Art. 8; rule K11)."""

from datetime import datetime
from uuid import UUID

from consent.queries import current_status
from consent.services import invalidate
from consent.terms import COOKIE_PURPOSES, ConsentPurpose


def invalidate_consents(user_id: UUID, *, now: datetime) -> int:
    """Declare every consent of the account that holds invalid; how many."""
    given = [
        purpose
        for purpose in ConsentPurpose.values
        if purpose not in COOKIE_PURPOSES and current_status(user_id, purpose, now=now).permits
    ]
    for purpose in given:
        invalidate(user_id, purpose, reason="child", place="staff", now=now)
    return len(given)
