"""Objections: the processing stops first and is examined then; advertising stops for good (Art. 21; Q16.4, Q16.5)."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction

from audit.trail import Actor
from datamap.declarations import Purpose
from datamap.gate import Decision
from datamap.refusing import open_to_objection
from datamap.terms import LawfulBasis, SubjectKey
from datamap.trace import Subject
from dsar.cases import note
from dsar.models import Objection, SubjectRequest
from dsar.queries import address_shown, standing_objections
from dsar.refusals import NoGrounds, SamePersonOverrules, WrongStage
from dsar.remembering import note_objection
from dsar.terms import Stage
from vault.keys import destroy_keys
from vault.tokens import email_token, email_tokens


def stop_processing(case: SubjectRequest, *, actor: Actor, now: datetime) -> list[str]:
    """Stop every purpose on legitimate interests for this person, before anybody examines anything; the codes.

    Raises WrongStage where the request leads neither to an account nor to an address.
    """
    whose = _whose(case)
    stopped = []
    with transaction.atomic():
        for purpose in open_to_objection():
            number = uuid4()
            fresh = {"id": number, "case_number": case.number, "at": now, "sealed_under": case.user_id or number}
            objection, is_new = Objection.objects.get_or_create(
                **whose, purpose=purpose, overruled_at=None, defaults=fresh
            )
            if is_new:
                stopped.append(purpose)
            elif not SubjectRequest.objects.filter(number=objection.case_number).exists():
                # It stood again after a restore, its request did not: this one takes it over, so that it can be judged.
                objection.case_number = case.number
                objection.save(update_fields=["case_number"])
            else:
                continue
            note_objection(objection, now=now)
        note(case, "objected", actor=actor, now=now)
    return stopped


def _whose(case: SubjectRequest) -> dict[str, Any]:
    """The account, else the token of the address that was shown: the form can have been anybody's."""
    if case.user_id is not None:
        return {"user_id": case.user_id}
    address = address_shown(case)
    if not address:
        raise WrongStage
    return {"user_id": None, "email_token": email_token(address)}


def propose_grounds(objection_id: UUID, grounds: str, *, by: models.Model, now: datetime) -> Objection:
    """Write down compelling grounds against an objection; nothing goes on before a second person agrees.

    Raises NoGrounds, WrongStage where the request of the objection is answered.
    """
    if not grounds.strip():
        raise NoGrounds
    with transaction.atomic():
        objection = _standing(objection_id)
        case = _examined(objection)
        objection.grounds, objection.proposed_by = grounds, by.pk
        objection.save(update_fields=["grounds", "proposed_by"])
        note(case, "grounds_proposed", actor=Actor.of(by), now=now, reason=grounds)
    return objection


def overrule(objection_id: UUID, *, by: models.Model, reason: str, now: datetime) -> Objection:
    """Let the processing go on: the second pair of eyes finds the grounds compelling (Art. 21(1)).

    Raises NoGrounds, SamePersonOverrules, WrongStage where the request of the objection is answered.
    """
    with transaction.atomic():
        objection = _standing(objection_id)
        case = _examined(objection)
        if objection.proposed_by is None:
            raise NoGrounds
        if objection.proposed_by == by.pk:
            raise SamePersonOverrules
        objection.overruled_by, objection.overruled_at = by.pk, now
        objection.save(update_fields=["overruled_by", "overruled_at"])
        note_objection(objection, now=now)
        note(case, "objection_overruled", actor=Actor.of(by), now=now, reason=reason)
    return objection


def answer(subject: Subject, purpose: Purpose, now: datetime, /, *, scope: str) -> Decision | None:
    """What the gate hears: no, where the person objected to a purpose on legitimate interests."""
    if purpose.basis is not LawfulBasis.LEGITIMATE_INTERESTS:
        return None
    standing = standing_objections(subject).filter(purpose=purpose.code)
    return Decision(False, "the person objected, Art. 21 GDPR") if standing.exists() else None


def objectors(purpose: str) -> set[UUID]:
    """The accounts that objected to a purpose: the answer to `datamap.refusing.objectors_to`."""
    standing = Objection.objects.filter(purpose=purpose, overruled_at__isnull=True, user__isnull=False)
    return set(standing.values_list("user_id", flat=True))


def erase(subject: Subject, *, now: datetime) -> int:
    """Delete the objections of who is erased; the grounds against those of an address go with their keys."""
    nobodys = Objection.objects.filter(user__isnull=True, email_token__in=email_tokens(subject.emails))
    destroy_keys(nobodys.values_list("pk", flat=True), now=now)
    hers = Objection.objects.filter(user__in=subject.keys(SubjectKey.USER))
    return nobodys.delete()[0] + hers.delete()[0]


def _standing(objection_id: UUID) -> Objection:
    return Objection.objects.select_for_update(of=("self",)).get(pk=objection_id, overruled_at__isnull=True)


def _examined(objection: Objection) -> SubjectRequest:
    """The request of an objection under its lock, while it is being worked on. Raises WrongStage."""
    case = SubjectRequest.objects.select_for_update().filter(number=objection.case_number).first()
    if case is None or case.stage != Stage.OPEN:
        raise WrongStage
    return case
