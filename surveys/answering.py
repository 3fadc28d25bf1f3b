"""Taking answers: one sheet of each person, changed until the survey closes, on a consent to that survey alone (Q5.2).

The answers of an account and of an address rest on their consent and are written behind the gate; those of an anonymous
survey belong to nobody and rest on none.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from consent.services import AccountGone, give, give_by_address
from consent.terms import ConsentPurpose, Method
from consent.turns import take_turn
from datamap.trace import Subject
from datamap.uses import on_consent
from surveys.models import Participation, Survey, fingerprint
from surveys.terms import Audience
from surveys.wordings import Answers
from vault.tokens import subject_token


class NotOpen(ValueError):
    """The survey takes no answers: it has closed, has not opened yet, or is not for whoever wants to answer."""


class QuestionsChanged(ValueError):
    """The page that was answered shows other questions than the survey has now."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody sent: answers, the page they come from, and whether the box of the consent was ticked on it.

    asked     the fingerprint of the survey as the page showed it
    wording   the hash of the consent's wording that it showed
    """

    answers: Answers
    asked: str
    language: str
    place: str
    wording: str = ""
    agreed: bool = False

    @property
    def written(self) -> str:
        """The answers as they are stored."""
        return json.dumps(self.answers, ensure_ascii=False)

    @property
    def told(self) -> dict[str, Any]:
        """What the record of consents needs to know of it."""
        evidence = {"survey": self.asked}
        shown = {"language": self.language, "place": self.place, "wording": self.wording, "evidence": evidence}
        return {**shown, "method": Method.SURVEY_FORM}


@transaction.atomic
def answer(user_id: UUID, survey_id: UUID, given: Given, *, now: datetime) -> None:
    """Keep the answers of an account, new or changed; two at once are taken one after the other, and are one.

    Raises NotOpen, QuestionsChanged, NotPermitted without a consent that holds, AccountGone, and what
    `consent.services.give` raises (AgeNotDeclared for a person known to be under 16, Q6.3).
    """
    survey = _open(survey_id, given, now=now)
    if survey.is_anonymous:
        raise NotOpen
    _alone(user_id)
    if given.agreed:
        give(user_id, ConsentPurpose.SURVEY, **given.told, now=now, scope=survey.scope)
    found = Participation.objects.filter(survey=survey, user_id=user_id).first()
    row = found or Participation(survey=survey, user_id=user_id)
    _store(Subject(user_id=user_id), row, given, now=now)


@transaction.atomic
def answer_by_link(participation_id: UUID, given: Given, *, now: datetime) -> None:
    """Keep the answers of whoever holds the address that the link was sent to. Raises as `answer`."""
    survey_id = Participation.objects.filter(pk=participation_id).values_list("survey_id", flat=True).first()
    if survey_id is None:
        raise NotOpen
    survey = _open(survey_id, given, now=now)
    # Locked: whoever deletes it comes before and it is gone, or waits and finds what was written.
    row = Participation.objects.select_for_update().filter(pk=participation_id).first()
    if row is None or survey.audience != Audience.ADDRESS:
        raise NotOpen
    row.survey = survey
    take_turn(row.email_token)
    if given.agreed:
        give_by_address(row.email, ConsentPurpose.SURVEY, **given.told, now=now, scope=row.survey.scope)
    _store(Subject(emails=frozenset({row.email})), row, given, now=now)


@transaction.atomic
def answer_anonymously(survey_id: UUID, number: UUID, given: Given, *, now: datetime) -> None:
    """Keep answers that belong to nobody, under the random `number` of the form: sent twice, they are there once.

    Neither person nor time is kept, and no consent: the record of one would say who answered. Raises NotOpen and
    QuestionsChanged.
    """
    survey = _open(survey_id, given, now=now)
    if not survey.is_anonymous:
        raise NotOpen
    if not Participation.objects.filter(pk=number).exists():
        row = Participation(pk=number, survey=survey, answers=given.written, ends_at=survey.answers_end_at)
        row.save(force_insert=True)


def _open(survey_id: UUID, given: Given, *, now: datetime) -> Survey:
    """The survey, locked: what it asks stays as it is until the answers are written, and nobody else answers."""
    survey = Survey.objects.select_for_update(no_key=True).get(pk=survey_id)
    if not survey.is_open(now=now):
        raise NotOpen
    if given.asked != fingerprint(survey):
        raise QuestionsChanged
    return survey


def _alone(user_id: UUID) -> None:
    """Until this is written, nobody erases the account or decides about its consents. Raises AccountGone."""
    accounts = get_user_model()._default_manager.select_for_update(no_key=True)
    if not accounts.filter(pk=user_id).exists():
        raise AccountGone
    take_turn(subject_token(user_id))


def scope_of(row: Participation, *_: object) -> str:
    """What the consent is about that these answers rest on."""
    return row.survey.scope


@on_consent("SURVEY", scope=scope_of)
def _store(person: Subject, row: Participation, given: Given, *, now: datetime) -> None:
    """Keeps the answers of a person who agreed to this survey."""
    row.answers, row.language, row.answered_at = given.written, given.language, now
    row.ends_at = row.survey.answers_end_at
    row.save()
