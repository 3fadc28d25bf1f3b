"""Rows that reach a table after their person was erased, because another process had them in a buffer (Art. 17)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import translation

from audit.appending import check_references
from datamap.databases import together
from datamap.declarations import Holding
from datamap.registry import registry
from datamap.standstill import deleting
from datamap.terms import Erasure, Source
from datamap.trace import Subject, rows_about
from retention.aside import copy_held_rows, name_erasure
from retention.journal import line_in_words
from retention.letting_go import rewrite, still_held
from retention.minors import is_of_child
from retention.models import ErasureRun
from retention.plan import standing_holds
from retention.plan_lines import held_line
from retention.statements import delete_rows

WINDOW: Final = timedelta(hours=3)
"""Longer than any buffer lives, and than the hour between two looks."""


def erase_latecomers(*, now: datetime) -> int:
    """Take what was observed about people who were erased within the last hours; the number of rows.

    Of what a legal hold covers a sealed copy stays, as with the erasure itself, and the receipt says so.
    """
    erased = ErasureRun.objects.filter(executed_at__gt=now - WINDOW, subject_id__isnull=False)
    return sum(_erase_observed(pk, now=now) for pk in erased.order_by("pk").values_list("pk", flat=True))


def _erase_observed(run_id: UUID, *, now: datetime) -> int:
    deleted = 0
    with together():
        deleting()
        run = ErasureRun.objects.select_for_update().get(pk=run_id)
        subject = Subject(user_id=run.subject_id)
        observed = [holding for holding in registry().holdings if _is_observed(holding)]
        tables = {holding.model for holding in observed}
        holds = [hold for hold in standing_holds(child=is_of_child(run)) if hold.table in tables]
        if copies := copy_held_rows(subject, holds, now=now):
            name_erasure(copies, run)
            _tell(run, {copy.hold.table for copy in copies}, now=now)
        for holding in observed:
            deleted += delete_rows(rows_about(holding, subject, owned_only=True))
        check_references()
    return deleted


def _is_observed(holding: Holding) -> bool:
    is_deleted = holding.erasure is Erasure.DELETE and not holding.erase_with
    return holding.source is Source.OBSERVED and is_deleted


def _tell(run: ErasureRun, tables: Iterable[str], *, now: datetime) -> None:
    """Let the receipt say how many rows each hold keeps by now."""
    with translation.override(run.language):
        lines = list(run.lines["lines"])
        for table in sorted(tables):
            for hold, count in still_held(run, table).items():
                line = line_in_words(held_line(hold, count, label=registry().holding(table).label))
                lines = [item for item in lines if item["kept_as"] != str(hold.pk)] + [line]
        rewrite(run, lines, now=now)
