"""What an erasure does to the evidence of subscriptions: its last term begins (Art. 17(3)(e), rule K10)."""

from collections.abc import Iterable
from datetime import datetime

from consent.models import SubscriptionEvidence
from datamap.catalogue import period
from datamap.terms import SubjectKey
from datamap.trace import Subject
from vault.tokens import subject_tokens


def start_proof_term(whose: str, *, now: datetime) -> int:
    """From now on the evidence of this person's subscriptions is kept for the term of the proof only."""
    return _start({whose}, now=now)


def start_proof_terms(subject: Subject, *, now: datetime) -> int:
    """The same for an erasure: with the account the consent ends, its proof stays for the term."""
    return _start(subject_tokens(subject.keys(SubjectKey.USER)), now=now)


def _start(tokens: Iterable[str], *, now: datetime) -> int:
    evidence = SubscriptionEvidence.objects.filter(subject_token__in=list(tokens), ends_at=None)
    return evidence.update(ends_at=period("CONSENT_PROOF").ends_at(now))
