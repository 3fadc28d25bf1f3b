"""Restriction of processing: a person's data are stored and nothing else, until she was told of its end (Art. 18)."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import trail
from audit.trail import Actor
from datamap import standstill
from datamap.catalogue import period
from datamap.declarations import Holding, Purpose
from datamap.gate import Decision
from datamap.terms import SubjectKey, Text
from datamap.trace import Subject, rows_condition, subject_of_user
from mailing.services import send
from retention.holds import entry
from retention.remembering import note_restriction
from retention.standing import KEEPING_GROUNDS, Restriction, RestrictionGround
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
    with transaction.atomic():
        standstill.deciding()
        found = active().filter(user_id=user.pk, ground=ground).first()
        if found is not None:
            return found
        restriction = Restriction(
            user_id=user.pk,
            email_token=email_token(_email_of(user)),
            ground=RestrictionGround(ground),
            case_number=case_number,
            reason=reason,
            placed_by=by.pk,
            placed_at=now,
        )
        restriction.save(force_insert=True)
        _record("restriction.placed", restriction, by=by, reason=reason, now=now)
    return restriction


def tell(restriction_id: UUID, *, by: models.Model, reason: str, now: datetime) -> Restriction:
    """Write to the person that the restriction is about to be lifted, and why: the step before lifting (Art. 18(3))."""
    with transaction.atomic():
        restriction = _locked(restriction_id)
        user = get_user_model()._default_manager.filter(pk=restriction.user_id).first()
        if user is not None:
            _write(user, restriction, reason, now=now)
        restriction.told_by, restriction.told_at = by.pk, now
        restriction.save(update_fields=["told_by", "told_at"])
        _record("restriction.told", restriction, by=by, reason=reason, now=now)
    return restriction


def lift(restriction_id: UUID, *, by: models.Model, reason: str, now: datetime) -> Restriction:
    """End the restriction of a person who was told before. Raises RestrictionRefused where she was not."""
    with transaction.atomic():
        standstill.deciding()
        restriction = _locked(restriction_id)
        if restriction.told_at is None or restriction.told_at >= now:
            raise RestrictionRefused(
                gettext_lazy("The person must be told before the restriction is lifted (Art. 18(3) GDPR).")
            )
        restriction.lifted_by, restriction.lifted_at = by.pk, now
        restriction.ends_at = period("CASE_FILE").ends_at(now)
        restriction.save(update_fields=["lifted_by", "lifted_at", "ends_at"])
        _record("restriction.lifted", restriction, by=by, reason=reason, now=now)
    return restriction


def end_with_erasure(subject: Subject, *, now: datetime) -> int:
    """Where everything goes nothing is left to restrict: the proof stays for its term and loses the token, so that it
    binds nobody who gets the address later."""
    mine = active().filter(user_id__in=subject.keys(SubjectKey.USER))
    ended = mine.update(ends_at=period("CASE_FILE").ends_at(now))
    Restriction.objects.filter(user_id__in=subject.keys(SubjectKey.USER)).update(email_token="")
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
    if purpose.code == CLAIMS or purpose.act.startswith("GDPR") or not is_restricted(subject):
        return None
    return Decision(False, "processing is restricted, Art. 18 GDPR")


def concealed(holding: Holding) -> Q:
    """The rows of restricted people: the answer to `datamap.standstill.concealed`."""
    return _rows_of(holding, active())


def kept(holding: Holding) -> Q:
    """The rows that restricted people want kept: the answer to `datamap.standstill.kept_back`."""
    return _rows_of(holding, active().filter(ground__in=KEEPING_GROUNDS))


def _rows_of(holding: Holding, restrictions: QuerySet[Restriction]) -> Q:
    condition = Q()
    for user_id in restrictions.values_list("user_id", flat=True).distinct().order_by("user_id"):
        condition |= rows_condition(holding, _subject(user_id), owned_only=True)
    return condition


def _subject(user_id: UUID) -> Subject:
    user = get_user_model()._default_manager.filter(pk=user_id).first()
    return subject_of_user(user) if user is not None else Subject(user_id=user_id)


def _of(subject: Subject) -> Q:
    """Her account, or her address; one that another account has by now leads to that account alone."""
    if subject.user_id is not None:
        return Q(user_id=subject.user_id)
    model: Any = get_user_model()
    field = model.get_email_field_name()
    accounts = model._default_manager.filter(**{f"{field}__in": sorted(subject.emails)})
    owners = {address.lower(): key for address, key in accounts.values_list(field, "pk")}
    free = subject.emails - owners.keys()
    return Q(email_token__in=email_tokens(free)) | Q(user_id__in=owners.values())


def _locked(restriction_id: UUID) -> Restriction:
    restriction = Restriction.objects.select_for_update().get(pk=restriction_id)
    if restriction.ends_at is not None:
        raise RestrictionRefused(gettext_lazy("This restriction is lifted already."))
    return restriction


def _write(user: Any, restriction: Restriction, reason: str, *, now: datetime) -> None:
    language = getattr(user, "language", "lv")
    with translation.override(language):
        paragraphs: Sequence[str] = [
            _("On your request %(number)s we only stored your data and did nothing else with them.")
            % {"number": restriction.case_number},
            _("We are about to lift this restriction. The reason: %(reason)s") % {"reason": reason},
            _("If you do not agree, please answer us or turn to the supervisory authority."),
        ]
        heading = _("The restriction of your data is about to end")
        send(
            "notice",
            to=_email_of(user),
            language=language,
            purpose="ACCOUNTABILITY",
            context={"heading": heading, "paragraphs": paragraphs},
            now=now,
            user_id=user.pk,
        )


def _email_of(user: Any) -> str:
    return str(getattr(user, user.get_email_field_name()))


def _record(action: str, restriction: Restriction, *, by: models.Model, reason: str, now: datetime) -> None:
    if not reason.strip():
        raise RestrictionRefused(gettext_lazy("Please say why."))
    restriction.history = [*restriction.history, entry(action, by=by, reason=reason, now=now)]
    restriction.save(update_fields=["history"])
    trail.record(
        action,
        actor=Actor.of(by),
        subject=restriction.user_id,
        about=restriction,
        details={"case": restriction.case_number, "ground": restriction.ground},
        now=now,
    )
    note_restriction(action, restriction, now=now)
    log.info("%s %s", action, restriction.pk)
