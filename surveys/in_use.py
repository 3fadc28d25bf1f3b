"""Which answers may be counted and drawn from now: those whose consent holds, and those of nobody (Q7.4, Art. 18)."""

import json
from datetime import datetime

from consent.crowds import decided
from consent.terms import ConsentPurpose
from datamap.standstill import without_restricted
from surveys.models import Participation, Survey
from surveys.wordings import Answers
from vault.tokens import subject_token


def participations(survey: Survey, *, now: datetime) -> list[Participation]:
    """All that are answered and nobody restricted or withdrew, with three queries however many they are."""
    answered = Participation.objects.filter(survey=survey).exclude(answers="").select_related("user")
    whose = {row: _token_of(row) for row in without_restricted(answered).order_by("pk")}
    tokens = [token for token in whose.values() if token]
    said = decided(tokens, ConsentPurpose.SURVEY, scope=survey.scope, now=now)
    return [row for row, token in whose.items() if not token or said.get(token)]


def answers_of(row: Participation) -> Answers:
    """What one sheet says."""
    found: Answers = json.loads(row.answers) if row.answers else {}
    return found


def is_answered(survey: Survey) -> bool:
    """Whether anybody has answered: from then on the questions stay as they are."""
    return Participation.objects.filter(survey=survey).exclude(answers="").exists()


def _token_of(row: Participation) -> str:
    """The name under which the record of consents knows the person; empty for nobody."""
    return row.email_token if row.user_id is None else subject_token(row.user_id)
