"""Codes on the page of a request: mailed within limits, judged few times, never a reason to lose a right (D8, D11)."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from dsar import letters
from dsar.cases import person_of
from dsar.challenges import answer_challenge, new_challenge
from dsar.identity import show_identity
from dsar.models import Challenge, IdentityCheck, SubjectRequest
from dsar.queries import is_at_own_address, may_fetch
from dsar.refusals import TooManyAttempts, WrongStage
from dsar.terms import CHALLENGE_TRIES, DOUBTS, UNIDENTIFIED, ChallengePurpose, IdentityMethod
from retention.attempts import PER_ADDRESS, PER_NETWORK, address_key, network_key, take


def mail_code(case: SubjectRequest, purpose: ChallengePurpose, *, ip: str, now: datetime) -> None:
    """Mail a new code to the address of this request; the one before works no longer.

    Raises TooManyAttempts where the network or the address has had too many, and WrongStage where a code would open
    nothing: the request has no address any more, staff wait for something else, or a log-in is needed.
    """
    if not case.email or (purpose is ChallengePurpose.IDENTITY and not awaits_code(case)):
        raise WrongStage
    fetches = purpose is ChallengePurpose.DOWNLOAD and may_fetch(case)
    if purpose is not ChallengePurpose.IDENTITY and needs_log_in(case) and not fetches:
        raise WrongStage
    _count_network(ip, now=now)
    with transaction.atomic():
        if not take(address_key(case.email), PER_ADDRESS, now=now):
            raise TooManyAttempts
        letters.tell_code(case, new_challenge(case, purpose, now=now), now=now)


def judge_code(case: SubjectRequest, purpose: ChallengePurpose, code: str, *, ip: str, now: datetime) -> bool:
    """Whether this is the code that was mailed; the fifth wrong one ends it. Raises TooManyAttempts."""
    _count_network(ip, now=now)
    return answer_challenge(case, purpose, code, now=now)


def identify(case: SubjectRequest, code: str, *, ip: str, now: datetime) -> bool:
    """Show by a code that the address of a request is the person's, and open the request.

    The requests of the same message from the same address open with it, each by a record of its own.
    Raises TooManyAttempts, and WrongStage for a request that does not wait for a code.
    """
    if not awaits_code(case):
        raise WrongStage
    if not judge_code(case, ChallengePurpose.IDENTITY, code, ip=ip, now=now):
        return False
    actor = person_of(case)
    with transaction.atomic():
        # All in one order before the first event: whoever holds the ledger must wait for none of them.
        mates = SubjectRequest.objects.filter(pk__in=[case.pk, *(other.pk for other in siblings(case))])
        list(mates.select_for_update().order_by("pk").values_list("pk"))
        for waiting in (case, *(other for other in siblings(case) if awaits_code(other))):
            show_identity(waiting.pk, IdentityMethod.EMAIL_CODE, actor=actor, now=now)
    return True


def awaits_code(case: SubjectRequest) -> bool:
    """True where a code is all that is missing: nobody was identified yet, and staff have expressed no doubt."""
    doubts = IdentityCheck.objects.filter(case=case, outcome__in=DOUBTS)
    return case.stage in UNIDENTIFIED and case.identified_at is None and bool(case.email) and not doubts.exists()


def needs_log_in(case: SubjectRequest) -> bool:
    """True where an account with a second factor, a closed one, or one that has not confirmed the address of the
    request is behind it: the mailbox alone opens nothing that the log-in would not (security D7).
    """
    if case.user is None:
        return False
    is_guarded = not case.user.is_active or Authenticator.objects.filter(user=case.user).exists()
    return is_guarded or not is_at_own_address(case)


def is_used_up(case: SubjectRequest, purpose: ChallengePurpose, *, now: datetime) -> bool:
    """True where the code that was mailed last has had its five tries."""
    live = Challenge.objects.filter(case=case, purpose=purpose, burned_at__isnull=True, ends_at__gt=now)
    return live.filter(tries__gte=CHALLENGE_TRIES).exists()


def siblings(case: SubjectRequest) -> list[SubjectRequest]:
    """The other requests of the same message, from the same person."""
    if case.intake_id is None:
        return []
    others = SubjectRequest.objects.filter(intake=case.intake_id).exclude(pk=case.pk)
    same = others.filter(subject_token=case.subject_token) if case.subject_token else others.filter(email=case.email)
    return list(same.order_by("number"))


def _count_network(ip: str, *, now: datetime) -> None:
    # Counted apart from the forms: whoever files too often does not lock those out who have filed.
    if not take(f"code:{network_key(ip)}", PER_NETWORK, now=now):
        raise TooManyAttempts
