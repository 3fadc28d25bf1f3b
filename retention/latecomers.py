"""Rows that reach a table after their person was erased, because another process had them in a buffer (Art. 17)."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from datamap.registry import registry
from datamap.terms import Erasure, Source
from datamap.trace import Subject, rows_about
from retention.models import ErasureRun
from retention.statements import check_references, delete_rows

WINDOW: Final = timedelta(hours=3)
"""Longer than any buffer lives, and than the hour between two looks."""


def erase_latecomers(*, now: datetime) -> int:
    """Delete what was observed about people who were erased within the last hours; the number of rows."""
    erased = ErasureRun.objects.filter(executed_at__gt=now - WINDOW, subject_id__isnull=False)
    return sum(_erase_observed(Subject(user_id=run.subject_id)) for run in erased.only("subject_id"))


def _erase_observed(subject: Subject) -> int:
    deleted = 0
    with transaction.atomic():
        for holding in registry().holdings:
            if holding.source is Source.OBSERVED and holding.erasure is Erasure.DELETE and not holding.erase_with:
                deleted += delete_rows(rows_about(holding, subject, owned_only=True))
        check_references()
    return deleted
