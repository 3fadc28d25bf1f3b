"""The one way by which data about a person go to a third party: the record first, then the data (policy clause 8).

`disclose` writes who gets what on which ground, commits, and only then lets the adapter have the extract; what it does
not write, nobody can send. A consent is asked anew each time, so that a disclosure dies with it (Q8.2).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from audit import trail
from audit.trail import Actor
from datamap.catalogue import catalogue, period
from datamap.gate import may_process
from datamap.periods import RIGA
from datamap.terms import LawfulBasis
from datamap.trace import Subject
from datamap.uses import ANY_CONSENT, asks_itself
from dsar.queries import standing_objections
from registers.extracts import Extract, Scope, categories_in, disclosable
from registers.models import AuthorityRequest, Disclosure
from registers.refusals import RegisterRefused
from registers.remembering import remember
from registers.terms import BY_REQUEST, DESPITE_RESTRICTION, Ground, RecipientKind, RequestState
from retention.restriction import is_restricted
from vault.tokens import email_token, subject_token

log = logging.getLogger(__name__)

_SHORTEST_NAME: Final = 4  # letters

Carry = Callable[[Extract], None]
"""Takes the data to the recipient: an adapter, or the answer to a request of staff."""


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Not told to the person because of an act or a recorded reason, until the end of a day; both or neither."""

    because: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class NewDisclosure:
    """To whom, on which ground, what: `act` for a legal obligation, `balance` for a legitimate interest, `purpose` for
    a consent, `reason` for whoever acts against abuse, `request` for an authority."""

    kind: RecipientKind
    recipient: str
    ground: Ground
    scope: Scope
    act: str = ""
    balance: str = ""
    purpose: str = ""
    reason: str = ""
    secrecy: Secrecy = field(default_factory=Secrecy)
    request: AuthorityRequest | None = None


@asks_itself(ANY_CONSENT, before="carry")
def disclose(new: NewDisclosure, subject: Subject, carry: Carry, *, by: models.Model, now: datetime) -> Disclosure:
    """Write the disclosure down, then hand the extract to `carry`, outside any transaction.

    Raises RegisterRefused where the ground does not bear it; then nothing was written and `carry` was not called.
    """
    consent = _check(new, subject, now)
    row = _row(new, subject, by=by, now=now)
    row.consent = consent
    with transaction.atomic():
        _take_request(new, now=now)
        row.save(force_insert=True)
        remember(row, now=now)
        trail.record(
            "disclosure.recorded",
            actor=Actor.of(by),
            # A secret disclosure must not shine through the trail that the person may read.
            subject=None if row.secret_under else subject.user_id,
            about=row,
            details={"kind": new.kind.value, "ground": new.ground.value, "tables": len(new.scope.tables)},
            now=now,
        )
    carry(Extract(str(row.pk), row.recipient, subject, new.scope))
    with transaction.atomic():
        row.handed_over_at = now
        row.save(update_fields=["handed_over_at"])
        remember(row, now=now)
    log.info("disclosure %s handed over", row.pk)
    return row


def _row(new: NewDisclosure, subject: Subject, *, by: models.Model, now: datetime) -> Disclosure:
    if subject.user_id is None:
        raise RegisterRefused(_("Name the account that the data belong to."))
    end = period("CASE_FILE").ends_at(now)
    return Disclosure(
        kind=new.kind,
        recipient=new.recipient.strip(),
        ground=new.ground,
        act=new.act.strip(),
        balance=new.balance.strip(),
        purpose=new.purpose,
        reason=new.reason.strip(),
        request=new.request,
        categories=categories_in(new.scope.tables),
        tables=list(new.scope.tables),
        subject_token=subject_token(subject.user_id),
        email_token=_address_token(subject),
        at=now,
        by=by.pk,
        secret_under=new.secrecy.because.strip(),
        secret_until=new.secrecy.until,
        ends_at=end or now,
    )


def _address_token(subject: Subject) -> str:
    return email_token(min(subject.emails)) if subject.emails else ""


def _check(new: NewDisclosure, subject: Subject, now: datetime) -> str:
    """Judge everything that the law asks; the proof of the consent where the ground is one."""
    if not new.recipient.strip():
        raise RegisterRefused(_("Say who gets the data: by name."))
    check_scope(new.scope)
    check_secrecy(new.secrecy, now=now)
    if new.kind in BY_REQUEST and new.request is None:
        raise RegisterRefused(_("Authorities, courts, advocates and bailiffs get data by a registered request only."))
    if new.kind is RecipientKind.PARTNER and new.ground is not Ground.CONSENT:
        raise RegisterRefused(_("A partner gets data only where the person agreed."))
    if new.kind is RecipientKind.SECURITY and not new.reason.strip():
        raise RegisterRefused(_("Say which abuse, fraud or crime it is about."))
    _check_wishes(new, subject)
    match new.ground:
        case Ground.CONSENT:
            return _consent_to(new.purpose, subject, now)
        case Ground.LEGAL_OBLIGATION if not cites_an_act(new.act):
            raise RegisterRefused(_("Cite the act and its article or section that asks for the data."))
        case Ground.LEGITIMATE_INTERESTS if not new.balance.strip():
            raise RegisterRefused(_("Write down why the interests of the person do not outweigh ours."))
    return ""


def _check_wishes(new: NewDisclosure, subject: Subject) -> None:
    """What the person asked of us stands against it: a restriction (Art. 18(2)), or an objection (Art. 21(1))."""
    if new.kind not in DESPITE_RESTRICTION and is_restricted(subject):
        raise RegisterRefused(
            _(
                "This person's data are restricted: they go out only for legal claims, for the rights of others or on"
                " the request of an authority (Art. 18(2) GDPR)."
            )
        )
    purpose = "SECURITY" if new.kind is RecipientKind.SECURITY else "CLAIMS"
    if new.ground is Ground.LEGITIMATE_INTERESTS and standing_objections(subject).filter(purpose=purpose).exists():
        raise RegisterRefused(
            _("The person objected. Until two people find compelling grounds, nothing goes out on this ground.")
        )


def _consent_to(purpose: str, subject: Subject, now: datetime) -> str:
    """The consent event that permits it at this very moment (Q8.2)."""
    declared = catalogue().purposes.get(purpose)
    if declared is None or declared.basis is not LawfulBasis.CONSENT:
        raise RegisterRefused(_("Name the consent that the disclosure rests on."))
    decision = may_process(subject, purpose, now=now)
    if not decision or not decision.proof:
        raise RegisterRefused(_("The person has not agreed, or agrees no longer: nothing may go out."))
    return decision.proof


def cites_an_act(words: str) -> bool:
    """True for words with a name and a number in them, such as `Criminal Procedure Law s. 190`."""
    return any(sign.isdigit() for sign in words) and sum(sign.isalpha() for sign in words) >= _SHORTEST_NAME


def check_scope(scope: Scope) -> None:
    """Refuses an empty scope and tables that cannot be given out."""
    known = {holding.model for holding in disclosable()}
    if not scope.tables or not set(scope.tables) <= known:
        raise RegisterRefused(_("Name the tables that may be given out, and no others."))
    if scope.since is not None and scope.until is not None and scope.since >= scope.until:
        raise RegisterRefused(_("The time that is asked for ends before it begins."))


def check_secrecy(secrecy: Secrecy, *, now: datetime) -> None:
    """A disclosure that the person is not told of names its ground and its last day (Art. 23; Q8.10)."""
    if bool(secrecy.because.strip()) != (secrecy.until is not None):
        raise RegisterRefused(_("Secrecy needs both: the act or reason it rests on, and the day on which it ends."))
    if secrecy.until is not None and secrecy.until <= now.astimezone(RIGA).date():
        raise RegisterRefused(_("Secrecy must end on a day that is still to come."))


def _take_request(new: NewDisclosure, *, now: datetime) -> None:
    """An approved request answers once, for its own scope and its own requester."""
    if new.request is None:
        return
    request = AuthorityRequest.objects.select_for_update().get(pk=new.request.pk)
    if request.state != RequestState.APPROVED:
        raise RegisterRefused(_("The request is not approved, or it is answered already."))
    if set(new.scope.tables) - set(request.tables) or (new.scope.since, new.scope.until) != (
        request.since,
        request.until,
    ):
        raise RegisterRefused(_("More was to be given out than the approved request asks for."))
    request.state = RequestState.ANSWERED
    request.save(update_fields=["state"])
    remember(request, now=now)


def subject_id_of(address: str) -> UUID:
    """The account behind an address that staff typed. Raises RegisterRefused where there is none."""
    found = get_user_model()._default_manager.filter(email__iexact=address.strip()).first()
    if found is None:
        raise RegisterRefused(_("There is no account with this address."))
    return UUID(str(found.pk))
