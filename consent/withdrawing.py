"""Withdrawals that come as requests, by letter, mail or form, end what the button would have ended (Q16.6, Q19.5)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from consent.erasure import start_proof_terms
from consent.gate import accounts_of
from consent.models import ConsentEvent
from consent.queries import given_scopes
from consent.services import withdraw, withdraw_by_token
from consent.terms import ConsentPurpose, Method
from consent.texts import MASTER
from datamap.refusing import Way
from datamap.trace import Subject
from vault.tokens import email_tokens

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


def end_with_erasure(subject: Subject, *, now: datetime) -> int:
    """What an erasure does to proofs: those of the account get their last term, those of an address end on record.

    An address can come back with a new subscription, so its proofs end by an event; an account never does. Returns how
    many proofs were of addresses.
    """
    start_proof_terms(subject, now=now)
    consented = ConsentEvent.objects.filter(subject_token__in=email_tokens(subject.emails)).order_by("subject_token")
    found = list(consented.values_list("subject_token", "purpose", "scope").distinct())
    how: dict[str, Any] = {"language": MASTER, "method": Method.ERASURE, "place": PLACE}
    for whose, purpose, scope in found:
        withdraw_by_token(whose, purpose, **how, scope=scope, now=now)
    return len(found)
