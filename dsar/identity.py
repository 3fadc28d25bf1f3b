"""Shows whose request it is, in proportion, each request by a record of its own (Art. 12(2), 12(6); clauses.md 2.2)."""

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import Exists, OuterRef, QuerySet

from audit.trail import Actor
from datamap.terms import Right
from dsar.access import destroy_package
from dsar.attachments import settle
from dsar.cases import move, note
from dsar.deadlines import PauseKind
from dsar.models import CasePause, IdentityCheck, Package, Representative, SubjectRequest
from dsar.queries import is_represented
from dsar.refusals import IdentityAlreadyShown, NoRepresentative, WrongStage
from dsar.snapshots import renew_where_foreign
from dsar.starting import start
from dsar.terms import NEEDS_NO_IDENTITY, UNIDENTIFIED, IdentityMethod, IdentityOutcome, Stage
from vault.tokens import subject_token


def await_identity(case: SubjectRequest, *, actor: Actor, now: datetime, asks: bool = True) -> SubjectRequest:
    """Ask whose request it is: the clock stands still meanwhile, if this is soon enough (clauses.md C4).

    Without `asks` no letter may go to the address today, so that nobody was asked and the clock runs on.
    """
    if asks:
        CasePause.objects.create(case=case, kind=PauseKind.IDENTITY, asked_at=now)
    action = "asked_id" if asks else "letter_waits"
    return move(case.pk, Stage.IDENTITY_PENDING, action=action, actor=actor, now=now)


def ask_at_last(case: SubjectRequest, *, actor: Actor, now: datetime) -> None:
    """The question that had to wait goes out now; the caller writes the letter."""
    if not case.pauses.filter(answered_at__isnull=True).exists():
        CasePause.objects.create(case=case, kind=PauseKind.IDENTITY, asked_at=now)
        note(case, "asked_id", actor=actor, now=now)


def unasked() -> QuerySet[SubjectRequest]:
    """The requests that wait for a code of which no letter has spoken yet, the oldest first."""
    open_question = CasePause.objects.filter(case=OuterRef("pk"), answered_at__isnull=True)
    waiting = SubjectRequest.objects.filter(~Exists(open_question), stage=Stage.IDENTITY_PENDING)
    return waiting.exclude(email="").order_by("received_at", "number")


def show_identity(
    case_id: UUID,
    method: IdentityMethod,
    *,
    actor: Actor,
    now: datetime,
    user: models.Model | None = None,
    reason: str = "",
    proposed: IdentityCheck | None = None,
) -> SubjectRequest:
    """Record that it was shown who filed this request, and open it; `user` is the account it is from now on about.

    A code that reached a confirmed address leads to its account, but not where it reached a representative. What needs
    no staff begins at once. `proposed` is the check of a first member of the staff to which the actor agrees.
    Raises WrongStage for a request that does not wait for this.
    """
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        if case.stage not in UNIDENTIFIED:
            raise WrongStage
        if method is IdentityMethod.EMAIL_CODE and not is_represented(case):
            user = account_of(case.email)
        _destroy_documents(case, actor=actor, now=now)
        if proposed is None:
            _record(case, method, IdentityOutcome.SHOWN, actor=actor, now=now, reason=reason)
        else:
            proposed.outcome, proposed.agreed_by = IdentityOutcome.SHOWN, UUID(actor.id)
            proposed.save(update_fields=["outcome", "agreed_by", "account_token"])
        case.pauses.filter(answered_at__isnull=True).update(answered_at=now)
        found = {} if user is None else {"user": user, "subject_token": subject_token(user.pk)}
        case = move(
            case_id,
            Stage.OPEN,
            action=f"identified_by_{method}",
            actor=actor,
            now=now,
            reason=reason,
            identified_at=now,
            **found,
        )
        renew_where_foreign(case)
        for package in Package.objects.filter(request=case):
            destroy_package(package, now=now)  # of whoever it seemed to be before: it is put together anew
        return start(case, now=now)


def doubt_identity(case_id: UUID, outcome: IdentityOutcome, *, actor: Actor, now: datetime, reason: str) -> None:
    """Record a check that did not show the person; a document that was looked at for it is destroyed.

    A log-in leaves no doubt: Raises IdentityAlreadyShown (D7).
    """
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        refuse_doubt(case)
        _destroy_documents(case, actor=actor, now=now)
        case.identity_checks.filter(outcome=IdentityOutcome.PROPOSED).update(outcome=outcome)
        _record(case, IdentityMethod.KNOWN_FACTS, outcome, actor=actor, now=now, reason=reason)
        note(case, "identity_doubted", actor=actor, now=now, reason=reason)


def refuse_doubt(case: SubjectRequest) -> None:
    """No proof is asked of who was logged in (clauses.md D7). Raises IdentityAlreadyShown."""
    if case.identity_checks.filter(method=IdentityMethod.LOGIN, outcome=IdentityOutcome.SHOWN).exists():
        raise IdentityAlreadyShown


def check_authority(case_id: UUID, *, actor: Actor, now: datetime, by: UUID, document: str, reason: str) -> None:
    """Record that the authority of the representative was checked, by whom and by which document (clauses.md D6).

    Where it is known already about whom the request is, what needs no staff begins now.
    """
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        representative = Representative.objects.filter(case=case, checked_at__isnull=True).first()
        if representative is None:
            raise NoRepresentative
        representative.checked_at, representative.checked_by, representative.document = now, by, document
        representative.save(update_fields=["checked_at", "checked_by", "document"])
        note(case, "authority_checked", actor=actor, now=now, reason=reason)
        if case.stage == Stage.OPEN:
            start(case, now=now)


def needs_identity(right: Right) -> bool:
    """False for what can be answered without giving anything away about anybody."""
    return right not in NEEDS_NO_IDENTITY


def account_of(address: str) -> models.Model | None:
    """The account whose owner has confirmed this address; nobody's where it was only typed in."""
    confirmed = EmailAddress.objects.filter(email__iexact=address, verified=True).select_related("user").first()
    return confirmed.user if address and confirmed else None


def has_confirmed(account: models.Model, address: str) -> bool:
    """Whether this account has confirmed this very address."""
    return bool(address) and EmailAddress.objects.filter(user=account, verified=True, email__iexact=address).exists()


def _destroy_documents(case: SubjectRequest, *, actor: Actor, now: datetime) -> None:
    """First of all: the database records no outcome beside a document that is still there (security I9)."""
    if settle(case, now=now):
        note(case, "document_destroyed", actor=actor, now=now)


def _record(
    case: SubjectRequest,
    method: IdentityMethod,
    outcome: IdentityOutcome,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
) -> None:
    by = UUID(actor.id) if actor.kind == "staff" else None
    IdentityCheck.objects.create(case=case, method=method, outcome=outcome, at=now, by=by, reason=reason)
