"""What staff do with a survey besides writing it: publish, close, count, copy; each on record (policy clause 5)."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from audit.trail import Actor, record
from surveys.in_use import answers_of, participations
from surveys.models import Participation, Question, Survey
from surveys.tallies import tally
from surveys.terms import Kind, State


class NotPossible(ValueError):
    """The survey is not in a state in which this can be done; says why, in a sentence."""


@transaction.atomic
def publish(survey_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Put a draft on its page. Raises NotPossible for one that lacks something, Latvian first of all (Q0.3)."""
    survey = _locked(survey_id)
    if survey.state != State.DRAFT:
        raise NotPossible(_("It is published already."))
    if lacking := missing(survey, now=now):
        raise NotPossible(" ".join(lacking))
    survey.state, survey.published_at = State.PUBLISHED, now
    survey.save(update_fields=["state", "published_at"])
    record("survey.published", actor=actor, about=survey, now=now)


def missing(survey: Survey, *, now: datetime) -> list[str]:
    """What keeps a draft from being published, as sentences."""
    found = []
    if not (survey.title_lv and survey.intro_lv):
        found.append(_("Title and introduction in Latvian are compulsory."))
    if survey.kind == Kind.DRAW and not survey.prize_lv:
        found.append(_("A draw says in Latvian what the prize is."))
    if survey.kind == Kind.QUESTIONS and not survey.questions.exists():
        found.append(_("A survey has at least one question."))
    if survey.closes_at <= now:
        found.append(_("The time to close lies in the past."))
    return found


@transaction.atomic
def close(survey_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Close an open survey before its time; the answers go that much earlier. Raises NotPossible."""
    survey = _locked(survey_id)
    if not survey.is_open(now=now):
        raise NotPossible(_("It is not open."))
    survey.closes_at = now
    survey.save(update_fields=["closes_at"])
    Participation.objects.filter(survey=survey).exclude(answers="").update(ends_at=survey.answers_end_at)
    record("survey.closed", actor=actor, about=survey, now=now)


@transaction.atomic
def count(survey_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Count the answers, once, when the survey is over. Raises NotPossible."""
    survey = _locked(survey_id)
    if not survey.is_over(now=now) or survey.counted_at is not None:
        raise NotPossible(_("It is counted once, when it is over."))
    sheets = [answers_of(row) for row in participations(survey, now=now)]
    survey.totals, survey.counted_at = tally(survey.questions.all(), sheets), now
    survey.save(update_fields=["totals", "counted_at"])
    record("survey.counted", actor=actor, about=survey, details={"people": len(sheets)}, now=now)


@transaction.atomic
def copy(survey_id: UUID, *, actor: Actor, now: datetime) -> Survey:
    """A new draft with the same texts and questions, for what cannot be changed any more."""
    survey = Survey.objects.get(pk=survey_id)
    questions = list(survey.questions.all())
    survey.pk, survey._state.adding = uuid4(), True
    survey.slug = f"{survey.slug[:50]}-{survey.pk.hex[:8]}"
    survey.state, survey.published_at, survey.totals, survey.counted_at = State.DRAFT, None, {}, None
    survey.save(force_insert=True)
    for question in questions:
        question.pk, question._state.adding, question.survey = uuid4(), True, survey
    Question.objects.bulk_create(questions)
    record("survey.copied", actor=actor, about=survey, now=now)
    return survey


def _locked(survey_id: UUID) -> Survey:
    """Also whoever answers waits for it, so that what was asked here holds."""
    return Survey.objects.select_for_update().get(pk=survey_id)
