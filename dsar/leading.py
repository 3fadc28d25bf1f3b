"""Leads a request to an account that has not confirmed its address: two of the staff, and the owner can stop it.

Facts that somebody knows are no log-in (clauses.md D8): who asks from elsewhere may have them from anywhere. So a
second person finds the account by himself (security G4), every address of the account is told and can stop it for 72
hours (I7), and what is given is given behind the log-in (D6).
"""

from django.db import models

from dsar.cases import note
from dsar.caution import place_where_foreign
from dsar.folder import checks_of
from dsar.identity import account_of, show_identity
from dsar.models import IdentityCheck, SubjectRequest
from dsar.refusals import AlreadyProposed, AnotherAccount, OwnRequest, SamePersonLeads, WrongStage
from dsar.snapshots import renew_where_foreign
from dsar.starting import start
from dsar.steps import Step
from dsar.terms import UNIDENTIFIED, IdentityMethod, IdentityOutcome, Stage
from vault.tokens import subject_token, subject_tokens


def propose_account(
    case: SubjectRequest, account: models.Model, method: IdentityMethod, *, step: Step
) -> SubjectRequest:
    """Write down to which account the facts lead; the request waits for a second person. The caller holds its lock.

    The account is remembered by its token only, so that the second person cannot just read it off. Raises WrongStage,
    AlreadyProposed, OwnRequest.
    """
    if case.stage not in UNIDENTIFIED | {Stage.OPEN}:
        raise WrongStage
    if account.pk == step.by.pk:
        raise OwnRequest
    if proposed_account(case) is not None:
        raise AlreadyProposed
    IdentityCheck.objects.create(
        case=case,
        method=method,
        outcome=IdentityOutcome.PROPOSED,
        at=step.now,
        by=step.by.pk,
        account_token=subject_token(account.pk),
        reason=step.reason,
    )
    note(case, "identity_proposed", actor=step.actor, now=step.now, reason=step.reason)
    return case


def agree_to_account(case: SubjectRequest, address: str, *, step: Step) -> SubjectRequest:
    """The second person agrees: the request is about this account from now on, and waits until its owner could stop it.

    The caller holds the lock. Raises WrongStage, SamePersonLeads, AnotherAccount.
    """
    found = proposed_account(case)
    if found is None:
        raise WrongStage
    if found.by == step.by.pk:
        raise SamePersonLeads
    account = account_of(address)
    if account is None or found.account_token not in subject_tokens([account.pk]):
        raise AnotherAccount
    found.account_token = subject_token(account.pk)
    if case.stage in UNIDENTIFIED:
        method = IdentityMethod(found.method)
        case = show_identity(
            case.pk, method, actor=step.actor, now=step.now, user=account, reason=step.reason, proposed=found
        )
    else:
        found.outcome, found.agreed_by = IdentityOutcome.SHOWN, step.by.pk
        found.save(update_fields=["outcome", "agreed_by", "account_token"])
        case = link(case, account, step=step)
    place_where_foreign(case, now=step.now)
    return case


def link(case: SubjectRequest, account: models.Model, *, step: Step) -> SubjectRequest:
    """Make an open request one about this account, which an identity record shows; what needs no staff begins."""
    case.user_id, case.subject_token = account.pk, subject_token(account.pk)
    case.save(update_fields=["user", "subject_token"])
    note(case, "person_linked", actor=step.actor, now=step.now, reason=step.reason)
    renew_where_foreign(case)
    return start(case, now=step.now)


def proposed_account(case: SubjectRequest) -> IdentityCheck | None:
    """What waits for a second person; none where nothing does."""
    return next((row for row in checks_of(case) if row.outcome == IdentityOutcome.PROPOSED), None)
