"""Which consents are given piece by piece, and which as a whole (rule K7, policy clauses 5, 9 and 11)."""

import re
from typing import Final

from consent.terms import COOKIE_PURPOSES, ConsentPurpose
from datamap.scopes import CONTACT, SURVEY, ScopeRefused, contact_scope, survey_scope

__all__ = ["ScopeRefused", "check_scope", "contact_scope", "fits", "survey_scope"]

_SERVICE: Final = re.compile(r"[a-z][a-z0-9-]{1,40}")


def fits(purpose: ConsentPurpose, scope: str) -> bool:
    """Contact details are published by listing and channel, surveys answered and cookies agreed to one by one."""
    if purpose is ConsentPurpose.CONTACT_PUBLISH:
        return CONTACT.fullmatch(scope) is not None
    if purpose is ConsentPurpose.SURVEY:
        return SURVEY.fullmatch(scope) is not None
    if purpose in COOKIE_PURPOSES:
        return _SERVICE.fullmatch(scope) is not None
    return not scope


def check_scope(purpose: ConsentPurpose, scope: str) -> None:
    """Raise ScopeRefused unless the purpose is consented to in such pieces."""
    if not fits(purpose, scope):
        raise ScopeRefused
