"""Requests by authorities, courts, advocates and bailiffs: registered by one, decided by another, answered in scope
(policy clause 8.2.1; Q8.5)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from audit import trail
from audit.trail import Actor
from datamap.catalogue import period
from datamap.trace import subject_of_user
from registers.disclosures import (
    Carry,
    NewDisclosure,
    Secrecy,
    check_scope,
    check_secrecy,
    cites_an_act,
    disclose,
)
from registers.extracts import Scope
from registers.models import AuthorityRequest, Disclosure
from registers.refusals import RegisterRefused
from registers.remembering import remember
from registers.terms import BY_REQUEST, Ground, RecipientKind, RequestState


@dataclass(frozen=True, slots=True)
class NewRequest:
    """Who asks by which power (act and article) in which document, about whom, for what; `secrecy` names its act."""

    kind: RecipientKind
    requester: str
    power: str
    document: str
    subject_id: UUID
    scope: Scope
    received_at: datetime
    secrecy: Secrecy


def register_request(new: NewRequest, *, by: models.Model, now: datetime) -> AuthorityRequest:
    """Write the request down before anybody looks at the data. Raises RegisterRefused for one with a hole."""
    if new.kind not in BY_REQUEST or not (new.requester.strip() and new.document.strip()):
        raise RegisterRefused(_("Name the institution and its document."))
    if not cites_an_act(new.power):
        raise RegisterRefused(_("Cite the act and its article or section that gives the power to ask."))
    if new.received_at > now:
        raise RegisterRefused(_("The request cannot have arrived in the future."))
    check_scope(new.scope)
    check_secrecy(new.secrecy, now=now)
    request = AuthorityRequest(
        kind=new.kind,
        requester=new.requester.strip(),
        power=new.power.strip(),
        document=new.document.strip(),
        subject_id=new.subject_id,
        tables=list(new.scope.tables),
        since=new.scope.since,
        until=new.scope.until,
        secret_under=new.secrecy.because.strip(),
        secret_until=new.secrecy.until,
        received_at=new.received_at,
        registered_by=by.pk,
        registered_at=now,
    )
    with transaction.atomic():
        request.save(force_insert=True)
        _record("authority.registered", request, by=by, now=now)
    return request


def approve(request_id: UUID, *, reason: str, by: models.Model, now: datetime) -> AuthorityRequest:
    """The second person finds the power and the scope in order. Raises RegisterRefused."""
    with transaction.atomic():
        request = _waiting(request_id)
        if request.registered_by == by.pk:
            raise RegisterRefused(_("Whoever registered the request cannot approve it: another person must."))
        return _decided(request, RequestState.APPROVED, reason, by=by, now=now)


def refuse(request_id: UUID, *, reason: str, by: models.Model, now: datetime) -> AuthorityRequest:
    """Nothing is given out, and why. Raises RegisterRefused."""
    with transaction.atomic():
        return _decided(_waiting(request_id), RequestState.REFUSED, reason, by=by, now=now)


def give_out(request_id: UUID, carry: Carry, *, by: models.Model, now: datetime) -> Disclosure:
    """Answer an approved request: the disclosure is written, then `carry` gets what the scope allows, once."""
    request = AuthorityRequest.objects.get(pk=request_id)
    person = get_user_model()._default_manager.filter(pk=request.subject_id).first()
    if person is None:
        raise RegisterRefused(
            _("The account is gone. What the archive holds opens by its own way, for its own reasons.")
        )
    new = NewDisclosure(
        kind=RecipientKind(request.kind),
        recipient=request.requester,
        ground=Ground.LEGAL_OBLIGATION,
        scope=Scope(tuple(request.tables), request.since, request.until),
        act=request.power,
        secrecy=_secrecy_still_running(request, now),
        request=request,
    )
    return disclose(new, subject_of_user(person), carry, by=by, now=now)


def _secrecy_still_running(request: AuthorityRequest, now: datetime) -> Secrecy:
    secrecy = Secrecy(request.secret_under, request.secret_until)
    try:
        check_secrecy(secrecy, now=now)
    except RegisterRefused:
        return Secrecy()
    return secrecy


def _waiting(request_id: UUID) -> AuthorityRequest:
    request = AuthorityRequest.objects.select_for_update().get(pk=request_id)
    if request.state != RequestState.REGISTERED:
        raise RegisterRefused(_("This request is decided already."))
    return request


def _decided(
    request: AuthorityRequest, state: RequestState, reason: str, *, by: models.Model, now: datetime
) -> AuthorityRequest:
    if not reason.strip():
        raise RegisterRefused(_("Please say why."))
    request.state, request.decision = state, reason.strip()
    request.decided_by, request.decided_at = by.pk, now
    request.ends_at = period("CASE_FILE").ends_at(now)
    request.save(update_fields=["state", "decision", "decided_by", "decided_at", "ends_at"])
    _record(f"authority.{state.value}", request, by=by, now=now)
    return request


def _record(action: str, request: AuthorityRequest, *, by: models.Model, now: datetime) -> None:
    remember(request, now=now)
    # A secret request must not shine through the trail that the person may read.
    subject = None if request.secret_under else request.subject_id
    details: dict[str, str | int] = {"kind": request.kind, "tables": len(request.tables)}
    trail.record(action, actor=Actor.of(by), subject=subject, about=request, details=details, now=now)
