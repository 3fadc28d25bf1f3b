"""What the day asks for, on the first page of the administration: requests by due date, in few queries."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from datamap.counting import counted
from datamap.terms import Text
from dsar.admin.filters import Cases, bucket_of, days_of_alarm, today_in_riga, waits_for_second
from dsar.models import SubjectRequest
from dsar.queries import CaseView, viewed
from dsar.terms import RUNNING

SOON: Final = 5
"""Working days within which a due date presses."""
SHOWN: Final = 7
"""Requests that the first page names; the queue has the rest."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests stand in one way, and the queue that shows them; `presses` where somebody must act today."""

    words: Text
    count: int
    address: str
    presses: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """One request of the first page, with how near its last day is."""

    case: SubjectRequest
    view: CaseView
    bucket: str


@dataclass(frozen=True, slots=True)
class Board:
    """The counts, and the requests that are due first."""

    tallies: list[Tally]
    coming: list[Coming]


def board(request: HttpRequest) -> Board:
    """Only of requests that this member of the staff sees in the queue."""
    page = admin.site.get_model_admin(SubjectRequest)
    running = [stage.value for stage in RUNNING]
    cases = page.get_queryset(request).filter(stage__in=running)
    today, me = today_in_riga(), request.user.pk
    return Board(_tallies(cases, today, me), _coming(cases.order_by(*page.get_ordering(request)), today))


def _tallies(cases: Cases, today: date, me: Any) -> list[Tally]:
    soon = days_of_alarm(today)[SOON]
    found = counted(
        open=cases,
        overdue=cases.filter(due_on__lt=today),
        soon=cases.filter(due_on__range=(today, soon)),
        free=cases.filter(assigned_to__isnull=True),
        second=waits_for_second(cases, me),
    )
    queue = reverse("admin:dsar_subjectrequest_changelist")
    return [
        Tally(_("overdue"), found["overdue"], f"{queue}?due=overdue", presses=bool(found["overdue"])),
        Tally(_("due within 5 working days"), found["soon"], f"{queue}?due={SOON}"),
        Tally(
            _("waiting for a second person"), found["second"], f"{queue}?mine=approval", presses=bool(found["second"])
        ),
        Tally(_("taken over by nobody"), found["free"], f"{queue}?mine=free"),
        Tally(_("open in all"), found["open"], queue),
    ]


def _coming(cases: Cases, today: date) -> list[Coming]:
    now = timezone.now()
    return [
        Coming(case, viewed(case, now=now), bucket_of(case.due_on, today))
        for case in cases.prefetch_related("pauses")[:SHOWN]
    ]
