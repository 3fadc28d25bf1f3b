"""What an erasure does to the proof of consents: its last term begins (Art. 17(3)(e), rule K10)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from consent.models import ConsentEvent, ProofTerm, SubscriptionEvidence
from datamap.catalogue import period
from datamap.terms import SubjectKey
from datamap.trace import Subject
from vault.tokens import subject_tokens


def start_proof_term(whose: str, *, now: datetime) -> int:
    """From now on the evidence of this person's subscriptions is kept for the term of the proof only."""
    return _start({whose}, now=now)


def start_proof_terms(subject: Subject, *, now: datetime) -> int:
    """The same for an erasure: with the account the consent ends, its proof stays for the term."""
    tokens = subject_tokens(subject.keys(SubjectKey.USER))
    _end_accounts(tokens, now=now)
    return _start(tokens, now=now)


def _end_accounts(tokens: Iterable[str], *, now: datetime) -> None:
    """The ledger does not say that an account went: whoever had not withdrawn before would seem to consent for ever.

    The end stands behind what was decided last, whatever the clock says, so that it never goes before its proof.
    """
    events = ConsentEvent.objects.filter(subject_token__in=list(tokens)).order_by()
    rule = period("CONSENT_PROOF")
    terms = []
    for whose, last in events.values_list("subject_token").annotate(last=Max("at")):
        ended_at = max(now, last)
        ends_at = rule.ends_at(ended_at)
        if ends_at is None:
            raise TypeError("The proof of a consent needs a period with an end.")
        terms.append(ProofTerm(subject_token=whose, ended_at=ended_at, ends_at=ends_at))
    ProofTerm.objects.bulk_create(terms, ignore_conflicts=True)


def _start(tokens: Iterable[str], *, now: datetime) -> int:
    evidence = SubscriptionEvidence.objects.filter(subject_token__in=list(tokens), ends_at=None)
    return evidence.update(ends_at=period("CONSENT_PROOF").ends_at(now))
