"""Staff link the person whom a request is about, where a code or a letter could not show it (Art. 12(2), 12(6))."""

from uuid import UUID

from django.db import transaction

from dsar import leading
from dsar.casework import take_up
from dsar.fulfilment import is_erased_meanwhile
from dsar.identity import account_of, has_confirmed
from dsar.models import IdentityCheck, SubjectRequest
from dsar.queries import is_represented, subject_of
from dsar.refusals import NoSuchAccount, WrongStage
from dsar.steps import Step
from dsar.terms import NEEDS_NO_IDENTITY, IdentityMethod, IdentityOutcome, Stage


def is_unlinked(case: SubjectRequest) -> bool:
    """True for an open request of which it is not known yet whose account it is about."""
    if case.stage != Stage.OPEN or case.identified_at is None or case.user_id is not None or is_erased_meanwhile(case):
        return False
    return is_represented(case) or not (needs_no_account(case) or subject_of(case).is_somebody)


def needs_no_account(case: SubjectRequest) -> bool:
    """True for what is answered without any data of the person."""
    return case.right in NEEDS_NO_IDENTITY


def link_person(case_id: UUID, account_address: str, *, step: Step) -> SubjectRequest:
    """Say whose account a request is about, by an identity record of its own with the reason.

    For somebody who is represented: only this says who she is. Where the account has not confirmed the address of the
    request, this only proposes it to a second person. What needs no staff begins, once the authority of the
    representative is checked too. Raises NoSuchAccount, AlreadyProposed, WrongStage, OwnRequest.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if not is_unlinked(case):
            raise WrongStage
        account = account_of(account_address.strip())
        if account is None:
            raise NoSuchAccount
        if not has_confirmed(account, case.email):
            return leading.propose_account(case, account, IdentityMethod.KNOWN_FACTS, step=step)
        IdentityCheck.objects.create(
            case=case,
            method=IdentityMethod.KNOWN_FACTS,
            outcome=IdentityOutcome.SHOWN,
            at=step.now,
            by=step.by.pk,
            reason=step.reason,
        )
        return leading.link(case, account, step=step)
