"""Remembers the due date of each running request, so that the desk can sort very many, and follows the table of
holidays: an earlier date holds at once, a later one waits for a decision of the staff (clauses.md C3)."""

from datetime import date, datetime
from typing import Any

from dsar.deadlines import TABLE_VERSION
from dsar.deadlines.calendar import working_days_after
from dsar.models import SubjectRequest
from dsar.queries import counted_deadline, deadline_of
from dsar.terms import RUNNING

ALARMS = (10, 5, 1)
"""Working days before the last day (clauses.md C6)."""


def remember_due(case: SubjectRequest) -> None:
    """Write down when this request is due, in the transaction of what may have changed it.

    What was counted with an older table is left to `dsar.recounting`, which tells apart what the table did.
    """
    if case.due_table in ("", TABLE_VERSION):
        write_due(case, due_now(case), cap=case.due_cap)


def write_due(case: SubjectRequest, due: date | None, *, cap: date | None) -> None:
    """Store a due date as counted with the present table; `cap` where a later one waits for a decision."""
    values: dict[str, Any] = {"due_on": due, "due_table": TABLE_VERSION, "due_cap": cap}
    if any(getattr(case, name) != value for name, value in values.items()):
        SubjectRequest.objects.filter(pk=case.pk).update(**values)
        for name, value in values.items():
            setattr(case, name, value)


def due_now(case: SubjectRequest, *, capped: bool = True) -> date | None:
    """The last day for the answer; none where the request is closed or its clock stands still."""
    if case.stage not in RUNNING:
        return None
    due = (deadline_of(case) if capped else counted_deadline(case)).due
    return due.date() if isinstance(due, datetime) else due


def days_of_alarm(today: date) -> dict[int, date]:
    """For each alarm the last day that it rings for today."""
    return {count: working_days_after(today, count) for count in ALARMS}
