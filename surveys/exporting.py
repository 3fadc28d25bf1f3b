"""Totals and single answers as sheets; no cell is run as a formula, and no row says whose it is (ASVS 1.2.10)."""

import csv
import io
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from audit.trail import Actor, record
from datamap.sheets import safe_text
from surveys.in_use import answers_of, participations
from surveys.models import Survey
from surveys.tallies import report
from surveys.terms import spoken_language
from surveys.wordings import worded

_BOM = "\ufeff"


def totals_sheet(survey: Survey) -> str:
    """The totals as they were counted: question, answer, how often."""
    rows = ((section.question, *line) for section in report(survey) for line in section.lines)
    return _written([(_("question"), _("answer"), _("how often")), *rows])


def answers_sheet(survey: Survey, *, actor: Actor, reason: str, now: datetime) -> str:
    """Every sheet as one line, in an order that says nothing; that they were taken out, and why, is on record."""
    questions, language = list(survey.questions.all()), spoken_language()
    found = [answers_of(row) for row in participations(survey, now=now)]
    secrets.SystemRandom().shuffle(found)
    record("survey.answers_exported", actor=actor, about=survey, reason=reason, details={"people": len(found)}, now=now)
    lines = (
        [worded(one, sheet[str(one.pk)], language) if str(one.pk) in sheet else "" for one in questions]
        for sheet in found
    )
    return _written([[str(one.said(language)) for one in questions], *lines])


def _written(rows: Iterable[Iterable[str]]) -> str:
    sink = io.StringIO()
    csv.writer(sink).writerows(_safe(row) for row in rows)
    return _BOM + sink.getvalue()


def _safe(row: Iterable[str]) -> Iterator[str]:
    return map(safe_text, row)
