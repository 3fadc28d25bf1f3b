"""Answers in words: each under its question, in the language of whoever reads them (Art. 12(1), 15)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.formats import number_format

from surveys.models import Question, Survey
from surveys.terms import QuestionKind, spoken_language

Value = str | int | list[int]
Answers = Mapping[str, Value]
"""The number of a question -> its text, the number of a choice, or the numbers of several."""


def titles() -> dict[UUID, str]:
    """What each survey is called."""
    language = spoken_language()
    return {survey.pk: str(survey.said("title", language)) for survey in Survey.objects.all()}


def spoken(answers: str) -> str:
    """Stored answers as lines of question and answer; what is no such thing stays as it is."""
    try:
        found = json.loads(answers)
        numbers = [UUID(number) for number in found]
    except (ValueError, TypeError):
        return answers
    return "\n".join(f"{question}: {said}" for question, said in in_words(_questions(numbers), found))


def in_words(questions: Iterable[Question], answers: Answers) -> list[tuple[str, str]]:
    """Each question that was answered, with its answer."""
    language = spoken_language()
    return [
        (str(question.said(language)), worded(question, answers[str(question.pk)], language))
        for question in questions
        if str(question.pk) in answers
    ]


def worded(question: Question, value: Any, language: str) -> str:
    """One answer in words."""
    if question.is_choosing:
        options = question.options(language)
        return ", ".join(options[number - 1] for number in (value if isinstance(value, list) else [value]))
    return number_format(value) if question.kind == QuestionKind.NUMBER else str(value)


def _questions(numbers: Iterable[UUID]) -> list[Question]:
    return list(Question.objects.filter(pk__in=numbers))
