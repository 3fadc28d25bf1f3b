"""What becomes of a child's consents: they were never valid (policy clause 6; Art. 8; rule K11)."""

from datetime import datetime
from uuid import UUID

from consent.queries import given_scopes
from consent.services import invalidate
from consent.terms import ConsentPurpose


def invalidate_consents(user_id: UUID, *, now: datetime) -> int:
    """Declare every consent of the account that holds invalid; how many."""
    given = [(purpose, scope) for purpose in ConsentPurpose.values for scope in given_scopes(user_id, purpose, now=now)]
    for purpose, scope in given:
        invalidate(user_id, purpose, reason="child", place="staff", now=now, scope=scope)
    return len(given)
