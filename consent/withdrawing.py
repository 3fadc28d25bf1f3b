"""Withdrawals that come as requests, by letter, mail or form, end what the button would have ended (Q16.6, Q19.5)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from consent.gate import accounts_of
from consent.queries import given_scopes
from consent.services import withdraw
from consent.terms import ConsentPurpose, Method
from datamap.refusing import Way
from datamap.trace import Subject

METHODS: Final = {Way.ONLINE: Method.ACCOUNT, Way.EMAIL: Method.EMAIL, Way.PAPER: Method.PAPER}
PLACE: Final = "/privacy/requests/"


def withdraw_asked(
    subject: Subject, purposes: Iterable[str], *, language: str, way: Way, evidence: Mapping[str, str], now: datetime
) -> list[str]:
    """End those of the purposes that hold for the person's accounts; what a browser alone was told is ended there."""
    how: dict[str, Any] = {"language": language, "method": METHODS[way], "place": PLACE, "evidence": evidence}
    known = [code for code in purposes if code in ConsentPurpose.values]
    ended = []
    for user_id in accounts_of(subject):
        for code in known:
            given = given_scopes(user_id, code, now=now)
            for scope in given:
                withdraw(user_id, code, **how, scope=scope, now=now)
            ended += [code] if given else []
    return ended
