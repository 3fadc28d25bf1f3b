"""Restriction of processing: a person's data are stored and nothing else, until she was told of its end (Art. 18)."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from audit import trail
from audit.trail import Actor
from datamap import standstill
from datamap.catalogue import period
from datamap.declarations import Purpose
from datamap.gate import Decision
from datamap.once import once
from datamap.standstill import Tells
from datamap.terms import SubjectKey, Text
from datamap.trace import People, Subject, keys_of_users, normalise_email, rows_condition
from retention.holds import entry
from retention.remembering import note_restriction
from retention.standing import KEEPING_GROUNDS, Restriction, RestrictionGround
from vault.fields import share_keys
from vault.keys import destroy_keys
from vault.tokens import email_token, email_tokens

log = logging.getLogger(__name__)

CLAIMS: Final = "CLAIMS"
"""The one purpose besides storage that Art. 18(2) leaves; what the GDPR itself demands goes on too."""

without_restricted = standstill.without_restricted


class RestrictionRefused(Exception):
    """Nothing was changed; the message is the sentence for staff."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


def place(
    user: models.Model,
    *,
    ground: RestrictionGround,
    case_number: str,
    reason: str,
    by: models.Model,
    now: datetime,
) -> Restriction:
    """Restrict everything about an account from now on. A second time on the same ground changes nothing."""
    person: Any = user
    whose = {"user_id": person.pk, "email_token": email_token(email_of(person))}
    whose["language"] = getattr(person, "language", "")
    return _place(whose, ground=ground, case_number=case_number, reason=reason, by=by, now=now)


def place_at(
    address: str,
    *,
    language: str,
    ground: RestrictionGround,
    case_number: str,
    reason: str,
    by: models.Model,
    now: datetime,
) -> Restriction:
    """The same for who has no account and has shown that she reads the mail at this address; letters to her are in
    `language`."""
    spelling = normalise_email(address)
    whose = {"user_id": None, "email_token": email_token(spelling), "address": spelling, "language": language}
    return _place(whose, ground=ground, case_number=case_number, reason=reason, by=by, now=now)


def _place(
    whose: dict[str, Any],
    *,
    ground: RestrictionGround,
    case_number: str,
    reason: str,
    by: models.Model,
    now: datetime,
) -> Restriction:
    with transaction.atomic():
        standstill.deciding()
        same = Q(user_id=whose["user_id"]) if whose["user_id"] else Q(user_id=None, email_token=whose["email_token"])
        found = active().filter(same, ground=ground).first()
        if found is not None:
            return found
        restriction = Restriction(
            **whose,
            ground=RestrictionGround(ground),
            case_number=case_number,
            reason=reason,
            placed_by=by.pk,
            placed_at=now,
        )
        restriction.save(force_insert=True)
        record("restriction.placed", restriction, by=by, reason=reason, now=now)
    return restriction


def end_with_erasure(subject: Subject, *, now: datetime) -> int:
    """Where everything goes nothing is left to restrict: the proof stays for its term and loses token and address, so
    that it binds nobody who gets the address later."""
    hers = Q(user_id__in=subject.keys(SubjectKey.USER)) | _nobodys(subject.emails)
    mine = list(Restriction.objects.filter(hers).values_list("pk", flat=True))
    ended = active().filter(pk__in=mine).update(ends_at=period("CASE_FILE").ends_at(now))
    Restriction.objects.filter(pk__in=mine).update(email_token="", address="")
    destroy_keys(mine, now=now)
    return ended


def active() -> QuerySet[Restriction]:
    """The restrictions in force: neither lifted nor ended with an erasure."""
    return Restriction.objects.filter(ends_at=None)


def is_restricted(subject: Subject) -> bool:
    """True while any restriction of this person is in force, found by her account or by her address."""
    return active().filter(_of(subject)).exists()


def keeps(subject: Subject) -> bool:
    """True while her rows may not go either: she opposes the erasure, or needs them for a claim."""
    return active().filter(_of(subject), ground__in=KEEPING_GROUNDS).exists()


def answer(subject: Subject, purpose: Purpose, now: datetime, /, *, scope: str) -> Decision | None:
    """What the gate hears: no to everything but claims and what the GDPR itself demands (Art. 18(2))."""
    if purpose.code == CLAIMS or purpose.act.startswith("GDPR"):
        return None
    if not once(("restricted", subject), lambda: is_restricted(subject)):
        return None
    return Decision(False, "processing is restricted, Art. 18 GDPR")


def concealing() -> Tells:
    """The rows of restricted people, table by table: the answer to `datamap.standstill.concealed`."""
    return _rows_of(active())


def keeping() -> Tells:
    """The rows that restricted people want kept: the answer to `datamap.standstill.kept_back`."""
    return _rows_of(active().filter(ground__in=KEEPING_GROUNDS))


def _rows_of(restrictions: QuerySet[Restriction]) -> Tells:
    people = _people(restrictions)
    return lambda holding: rows_condition(holding, people, owned_only=True)


class _Together(People):
    """Many people at once, with all their keys: what any of these leads to belongs to one of them."""

    def keys(self, kind: SubjectKey) -> frozenset[Any]:
        return super().keys(kind) or Subject.keys(self, kind)


@dataclass(frozen=True)
class _Restricted(Subject):
    """Whom restrictions are about. Most tables know people by their accounts: what else leads to these is looked up
    for the first table that is asked by it."""

    accounts: frozenset[UUID] = frozenset()
    addresses: frozenset[str] = frozenset()

    def keys(self, kind: SubjectKey) -> frozenset[Any]:
        if kind in {SubjectKey.USER, SubjectKey.ALSO} and not self.addresses:
            return self.accounts
        return self._people.keys(kind)

    @cached_property
    def _people(self) -> Subject:
        # Who has got an account with the address since is who reads the mail there: the account stands still with it.
        model: Any = get_user_model()
        owned = Q(**{f"{model.get_email_field_name()}__in": sorted(self.addresses)})
        users = list(model._default_manager.filter(Q(pk__in=self.accounts) | owned))
        keys = keys_of_users(users)
        ids = self.accounts | {user.pk for user in users}
        return _Together(None, keys["emails"] | self.addresses, keys["phones"], keys["visitors"], ids)


def _people(restrictions: QuerySet[Restriction]) -> Subject:
    """Whom these restrictions are about; those without an account by their addresses."""
    found = list(restrictions.only("user_id", "address"))
    at_addresses = [row for row in found if row.user_id is None]
    share_keys(at_addresses)
    addresses = frozenset(row.address for row in at_addresses) - {""}
    accounts = frozenset(row.user_id for row in found if row.user_id is not None)
    return _Restricted(accounts=accounts, addresses=addresses) if accounts or addresses else Subject()


def _of(subject: Subject) -> Q:
    """Her account, or her address; one that another account has by now leads to that account alone, but for what was
    asked for by who reads the mail there."""
    if subject.user_id is not None:
        return Q(user_id=subject.user_id) | _nobodys(subject.emails)
    owners = _owners(subject.emails)
    free = subject.emails - owners.keys()
    return Q(email_token__in=email_tokens(free)) | Q(user_id__in=owners.values()) | _nobodys(subject.emails)


def _nobodys(addresses: frozenset[str]) -> Q:
    """The restrictions of these addresses that no account stands behind."""
    return Q(user_id=None, email_token__in=email_tokens(addresses))


def _owners(addresses: frozenset[str]) -> dict[str, UUID]:
    model: Any = get_user_model()
    field = model.get_email_field_name()
    accounts = model._default_manager.filter(**{f"{field}__in": sorted(addresses)})
    return {address.lower(): key for address, key in accounts.values_list(field, "pk")}


def email_of(user: Any) -> str:
    """The address of an account."""
    return str(getattr(user, user.get_email_field_name()))


def record(action: str, restriction: Restriction, *, by: models.Model, reason: str, now: datetime) -> None:
    """Write a step of somebody of the staff into the history, the trail and the journal. Raises RestrictionRefused
    where it has no reason."""
    if not reason.strip():
        raise RestrictionRefused(gettext_lazy("Please say why."))
    write_down(restriction, entry(action, by=by, reason=reason, now=now), actor=Actor.of(by), now=now)
    note_restriction(action, restriction, now=now)


def write_down(restriction: Restriction, step: dict[str, str], *, actor: Actor, now: datetime) -> None:
    """A step in the history and the trail alone: for what another line of the journal repeats."""
    restriction.history = [*restriction.history, step]
    restriction.save(update_fields=["history"])
    trail.record(
        step["action"],
        actor=actor,
        subject=restriction.user_id,
        about=restriction,
        details={"case": restriction.case_number, "ground": restriction.ground},
        now=now,
    )
    log.info("%s %s", step["action"], restriction.pk)
