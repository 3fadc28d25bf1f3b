"""Reminds before a due date is missed: 10, 5 and 1 working days ahead, and when it is over; follows questions that
nobody answers (clauses.md C6, C8). Each once, in any number of rounds."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue
from datamap.periods import RIGA
from dsar.duedates import days_of_alarm
from dsar.models import CaseReminder, SubjectRequest
from dsar.recounting import recount_due_dates
from dsar.services import ask_late
from dsar.silence import follow_questions
from dsar.terms import RUNNING
from mailing.services import send

log = logging.getLogger(__name__)

PURPOSE: Final = "ACCOUNTABILITY"
_ON_ONE_LETTER: Final = 100
_LANGUAGE: Final = "lv"


def remind(*, now: datetime) -> int:
    """One round; returns how many letters were queued. Whatever was sent in an earlier round is not sent again."""
    earlier = recount_due_dates(now=now)
    sent = _tell_operator_of_earlier(earlier, now=now)
    today = now.astimezone(RIGA).date()
    for stage, cases in _alarms(today):
        sent += _tell_staff(stage, cases, now=now)
    return sent + ask_late(now=now) + follow_questions(now=now)


def _alarms(today: date) -> list[tuple[str, QuerySet[SubjectRequest]]]:
    """Each stage with the requests that have reached it and no later one, and were not told of there."""
    last = days_of_alarm(today)
    spans: dict[str, dict[str, date]] = {
        "overdue": {"due_on__lt": today},
        "1": {"due_on__gte": today, "due_on__lte": last[1]},
        "5": {"due_on__gt": last[1], "due_on__lte": last[5]},
        "10": {"due_on__gt": last[5], "due_on__lte": last[10]},
    }
    return [(stage, _untold(stage, span)) for stage, span in spans.items()]


def _untold(stage: str, span: dict[str, date]) -> QuerySet[SubjectRequest]:
    code = Concat(Value(f"{stage}:"), Cast(OuterRef("due_on"), CharField()))
    told = CaseReminder.objects.filter(case=OuterRef("pk"), code=code)
    running = [item.value for item in RUNNING]
    return SubjectRequest.objects.filter(~Exists(told), stage__in=running, **span).order_by("due_on", "number")


def _tell_staff(stage: str, cases: QuerySet[SubjectRequest], *, now: datetime) -> int:
    """To whom each request was given, else to the operator, who hears of everything that is overdue.

    Ends when no request of this stage is untold: each round of the loop writes down what it tells.
    """
    sent = 0
    while batch := list(cases.only("pk", "number", "due_on", "assigned_to")[:_ON_ONE_LETTER]):
        handlers = {} if stage == "overdue" else _addresses({case.assigned_to for case in batch if case.assigned_to})
        letters_to: dict[str, list[SubjectRequest]] = defaultdict(list)
        for case in batch:
            letters_to[handlers.get(case.assigned_to, catalogue().controller.email)].append(case)
        for address, told in letters_to.items():
            sent += _tell(address, stage, told, now=now)
    return sent


def _tell(address: str, stage: str, cases: Sequence[SubjectRequest], *, now: datetime) -> int:
    """One letter with numbers and dates, in one transaction with the rows that say it was sent; none where another
    worker has just written those rows."""
    rows = [CaseReminder(case=case, code=f"{stage}:{case.due_on}", sent_at=now) for case in cases]
    try:
        with transaction.atomic(), translation.override(_LANGUAGE):
            CaseReminder.objects.bulk_create(rows)
            lines = [f"{case.number}: {date_format(case.due_on, 'DATE_FORMAT')}" for case in cases if case.due_on]
            _mail_staff(address, _heading(stage), lines, now=now)
    except IntegrityError:
        return 0
    log.info("reminder %s for %d requests", stage, len(cases))
    return 1


def _heading(stage: str) -> str:
    if stage == "overdue":
        return _("Requests are overdue")
    return _("Requests are due within %(days)s working days") % {"days": stage}


def _tell_operator_of_earlier(numbers: Sequence[str], *, now: datetime) -> int:
    """The alarm of C3: the new table of holidays made these requests due earlier."""
    if not numbers:
        return 0
    with translation.override(_LANGUAGE):
        heading = _("Requests are due earlier by the corrected table of holidays")
        _mail_staff(catalogue().controller.email, heading, numbers, now=now)
    return 1


def _mail_staff(address: str, heading: str, lines: Sequence[str], *, now: datetime) -> None:
    context = {
        "heading": heading,
        "paragraphs": list(lines),
        "link": reverse("admin:dsar_subjectrequest_changelist"),
        "link_label": _("Open the desk"),
    }
    send("notice", to=address, language=_LANGUAGE, purpose=PURPOSE, context=context, now=now)


def _addresses(ids: set[UUID]) -> dict[UUID | None, str]:
    people = get_user_model()._default_manager.filter(pk__in=ids, is_active=True, is_staff=True)
    return dict(people.values_list("pk", get_user_model().get_email_field_name()))
