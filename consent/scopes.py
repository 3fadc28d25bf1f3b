"""Which consents are given piece by piece, and which as a whole (rule K7, policy clause 9)."""

from consent.terms import ConsentPurpose
from datamap.scopes import CONTACT, ScopeRefused, contact_scope

__all__ = ["ScopeRefused", "check_scope", "contact_scope", "fits"]


def fits(purpose: ConsentPurpose, scope: str) -> bool:
    """Only the publication of contact details is consented to in pieces, all else as a whole."""
    return bool(CONTACT.fullmatch(scope)) if purpose is ConsentPurpose.CONTACT_PUBLISH else not scope


def check_scope(purpose: ConsentPurpose, scope: str) -> None:
    """Raise ScopeRefused unless the purpose is consented to in such pieces."""
    if not fits(purpose, scope):
        raise ScopeRefused
