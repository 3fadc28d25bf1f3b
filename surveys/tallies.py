"""Totals that name nobody: a group of fewer than five people is never shown apart, nor can it be computed (Art. 89(1)).

Made once, when the survey is over, and kept when the answers go; nobody can compare two of them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from surveys.models import Question, Survey
from surveys.terms import LEAST_ANSWERS, QuestionKind, spoken_language
from surveys.wordings import Answers

NO_ANSWER = 0
"""Stands among the choices for those who left the question out."""

Totals = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One question as staff read it: lines of what was answered and how often."""

    question: str
    lines: list[tuple[str, str]]


def tally(questions: Iterable[Question], sheets: Sequence[Answers]) -> Totals:
    """The totals as they are stored: `people` is None for fewer than five, and then there is nothing else."""
    people = len(sheets)
    if people < LEAST_ANSWERS:
        return {"people": None, "questions": {}}
    return {"people": people, "questions": {str(one.pk): _tallied(one, sheets) for one in questions}}


def _tallied(question: Question, sheets: Sequence[Answers]) -> dict[str, Any]:
    values = [sheet[str(question.pk)] for sheet in sheets if str(question.pk) in sheet]
    match question.kind:
        case QuestionKind.ONE:
            counts = Counter({number + 1: 0 for number in range(len(question.options("lv")))})
            counts.update(int(value) for value in values)  # type: ignore[arg-type]
            counts[NO_ANSWER] = len(sheets) - len(values)
            return _grouped(counts)
        case QuestionKind.SEVERAL:
            chosen = Counter(number for value in values for number in value)  # type: ignore[union-attr]
            every = range(1, len(question.options("lv")) + 1)
            return {"chosen": {str(number): _count(chosen[number], len(sheets)) for number in every}}
        case QuestionKind.NUMBER if _count(len(values), len(sheets)) is not None:
            average = sum(map(Decimal, map(str, values)), Decimal(0)) / len(values)
            return {"count": len(values), "average": str(round(average, 2))}
    return {"count": _count(len(values), len(sheets))}


def _grouped(counts: Counter[int]) -> dict[str, Any]:
    """Small groups are put together, with the next one until those together are five, so that no subtraction tells."""
    small = sorted(number for number, count in counts.items() if count < LEAST_ANSWERS)
    large = sorted((number for number in counts if number not in small), key=lambda number: (counts[number], number))
    while 0 < sum(counts[number] for number in small) < LEAST_ANSWERS and large:
        small.append(large.pop(0))
    together = sum(counts[number] for number in small)
    return {
        "shown": {str(number): counts[number] for number in sorted(large)},
        "together": {"choices": sorted(small), "count": together},
    }


def _count(count: int, of: int) -> int | None:
    """A count, or None where it or the rest is a small group."""
    rest = of - count
    return None if 0 <= count < LEAST_ANSWERS or 0 < rest < LEAST_ANSWERS else count


def report(survey: Survey) -> list[Section]:
    """The stored totals in words, in the language of the page."""
    language, stored = spoken_language(), survey.totals.get("questions", {})
    return [
        Section(str(question.said(language)), list(_lines(question, stored[str(question.pk)], language)))
        for question in survey.questions.all()
        if str(question.pk) in stored
    ]


def _lines(question: Question, found: dict[str, Any], language: str) -> Iterable[tuple[str, str]]:
    labels = {0: _("no answer"), **dict(enumerate(question.options(language), start=1))}
    for number, count in found.get("shown", {}).items():
        yield labels[int(number)], str(count)
    together = found.get("together", {"choices": []})
    if together["choices"]:
        yield (
            _("together: %(choices)s") % {"choices": ", ".join(labels[n] for n in together["choices"])},
            _said(together["count"]),
        )
    for number, count in found.get("chosen", {}).items():
        yield labels[int(number)], _said(count)
    if "count" in found:
        yield _("how many answered"), _said(found["count"])
    if "average" in found:
        yield _("average"), number_format(found["average"])


def _said(count: int | None) -> str:
    return _("not shown: a small group") if count is None else str(count)
