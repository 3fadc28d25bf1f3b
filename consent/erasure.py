"""What an erasure does to the evidence of subscriptions: its last term begins (Art. 17(3)(e), rule K10)."""

from datetime import datetime

from consent.models import SubscriptionEvidence
from datamap.catalogue import period
from datamap.trace import Subject
from vault.tokens import subject_token


def start_proof_term(whose: str, *, now: datetime) -> int:
    """From now on the evidence of this person's subscriptions is kept for the term of the proof only."""
    evidence = SubscriptionEvidence.objects.filter(subject_token=whose, ends_at=None)
    return evidence.update(ends_at=period("CONSENT_PROOF").ends_at(now))


def start_proof_terms(subject: Subject, *, now: datetime) -> int:
    """The same for an erasure: with the account the consent ends, its proof stays for the term."""
    return 0 if subject.user_id is None else start_proof_term(subject_token(subject.user_id), now=now)
