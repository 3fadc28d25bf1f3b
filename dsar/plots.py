"""The figures about requests: what is due, how long answers took, what came too late, and what people ask for."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Aggregate, Count, DateField, DurationField, F, Value
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datamap.dashboard import board
from datamap.drawing import Figure, Label, Series, Shape, day_label, first_moment, month_labels, months_until
from datamap.periods import RIGA
from datamap.terms import Right
from datamap.together import together
from dsar.desk_words import right_words
from dsar.models import CasePause, SubjectRequest
from dsar.queries import deadline_of
from dsar.terms import RUNNING

_DAY: Final = timedelta(hours=24)
_WEEKS: Final = 12
"""So many weeks ahead have a bar of their own."""
_NEVER_LATE_WITHIN: Final = 27
"""Days; a month has 28 and more, so an answer that took no longer was in time, and its dates need not be counted."""

Dues = Counter[date | None]
Asked = dict[tuple[date, str], int]


class _Percentile(Aggregate):
    """PostgreSQL's `percentile_cont`: how long so great a share of the answers took at most."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@board("requests", _("Requests"), permission="dsar.view_subjectrequest", place=1)
def figures(*, now: datetime) -> Iterator[Figure]:
    """Of all requests, also of those that are in a colleague's hands: totals name nobody."""
    today = now.astimezone(RIGA).date()
    months = months_until(today)
    dues, asked = _counted(months[0])
    yield _open_by_due_date(dues, today)
    yield _answer_times(months)
    yield _late(dues, months, today)
    yield _by_right(asked, months)


def _counted(since: date) -> tuple[Dues, Asked]:
    """The open requests by due date, and those that came since then by month and right, in one question."""
    running = SubjectRequest.objects.filter(stage__in=[stage.value for stage in RUNNING]).order_by()
    received = SubjectRequest.objects.filter(received_at__gte=first_moment(since)).order_by()
    month = TruncMonth("received_at", tzinfo=RIGA, output_field=DateField())
    by_month = received.values_list(month, "right").annotate(Count("pk"))
    by_day = running.values_list("due_on", Value("")).annotate(Count("pk"))
    rows = list(by_month.union(by_day, all=True))
    dues = Counter({day: count for day, right, count in rows if not right})
    return dues, {(day, right): count for day, right, count in rows if right}


def _open_by_due_date(dues: Dues, today: date) -> Figure:
    weeks = [_monday(today, ahead) for ahead in range(_WEEKS)]
    bars: Counter[int] = Counter()
    for day, count in dues.items():
        bars[_place(day, today)] += count
    labels = [
        Label(gettext("overdue"), gettext("overdue")),
        Label(gettext("this week"), gettext("the rest of this week")),
        *(Label(day_label(day).short, _in_week(day)) for day in weeks[1:]),
        Label(gettext("later"), gettext("later")),
        Label(gettext("paused"), gettext("the clock stands still")),
    ]
    return Figure(
        key="due",
        title=_("Open requests by due date"),
        about=_("each bar is one week"),
        unit=_("requests"),
        labelled=_("due"),
        labels=labels,
        series=[Series("", [bars[number] for number in range(len(labels))])],
        striped=frozenset({0}),
        striped_are=_("overdue"),
        rows_at="admin:dsar_subjectrequest_changelist",
    )


def _place(day: date | None, today: date) -> int:
    """The bar of a due date: overdue, a week each, later, none."""
    if day is None:
        return _WEEKS + 2
    if day < today:
        return 0
    ahead = (day.toordinal() - _monday(today).toordinal()) // 7
    return min(ahead, _WEEKS) + 1


def _answer_times(months: list[date]) -> Figure:
    took = F("answered_at") - F("received_at")
    by_month = (
        SubjectRequest.objects.filter(answered_at__gte=first_moment(months[0]))
        .order_by()
        .values(month=TruncMonth("answered_at", tzinfo=RIGA))
        .annotate(half=_Percentile(took, share=0.5), most=_Percentile(took, share=0.9))
    )
    found: dict[date, dict[str, Any]] = {row["month"].date(): {**row} for row in by_month}
    return Figure(
        key="times",
        title=_("How long answers took"),
        about=_("from receipt to answer, by month of the answer; pauses and extensions are not taken off"),
        unit=_("days"),
        labelled=_("month"),
        labels=month_labels(months),
        series=[
            Series(_("half of them at most"), [_days(found, month, "half") for month in months]),
            Series(_("nine of ten at most"), [_days(found, month, "most") for month in months]),
            Series(_("limit of one month"), [_limit(month) for month in months], is_limit=True),
        ],
        shape=Shape.LINES,
    )


def _late(dues: Dues, months: list[date], today: date) -> Figure:
    answered = Counter(due.replace(day=1) for due in _answered_late(months[0]))
    still: Counter[date] = Counter()
    for day, count in dues.items():
        if day is not None and day < today:
            still[max(day.replace(day=1), months[0])] += count
    return Figure(
        key="late",
        title=_("What was not answered in time"),
        about=_("by the month in which it was due; pauses and extensions are counted in"),
        unit=_("requests"),
        labelled=_("month"),
        labels=month_labels(months),
        series=[
            Series(_("answered late"), [answered[month] for month in months]),
            Series(_("overdue today"), [still[month] for month in months]),
        ],
        rows_at="admin:dsar_subjectrequest_changelist",
    )


def _answered_late(since: date) -> Iterator[date]:
    """The due dates of answers that came after them."""
    slow = SubjectRequest.objects.filter(
        answered_at__gte=first_moment(since), answered_at__gt=F("received_at") + _NEVER_LATE_WITHIN * _DAY
    )
    found, paused = together(slow, CasePause.objects.filter(case__in=slow.values("pk")))
    pauses = defaultdict[UUID, list[CasePause]](list)
    for pause in paused:
        pauses[pause.case_id].append(pause)
    for case in found:
        due = deadline_of(case, pauses[case.pk]).due
        last = due.date() if isinstance(due, datetime) else due
        if last is not None and case.answered_at is not None and case.answered_at.astimezone(RIGA).date() > last:
            yield last


def _by_right(asked: Asked, months: list[date]) -> Figure:
    named = [right for right in Right if any(right == other for _month, other in asked)]
    return Figure(
        key="rights",
        title=_("Requests by right and month"),
        about=_("by the month in which they came; all pictures have the same height"),
        unit=_("requests"),
        labelled=_("month"),
        labels=month_labels(months),
        series=[Series(right_words(right), [asked.get((month, right), 0) for month in months]) for right in named],
    )


def _days(found: dict[date, dict[str, Any]], month: date, name: str) -> float | None:
    return round(found[month][name] / _DAY, 1) if month in found else None


def _limit(month: date) -> int:
    """What is answered in a month at the last moment came in the month before, and had as many days as that has."""
    return (month - date.fromordinal(month.toordinal() - 1).replace(day=1)).days


def _monday(day: date, ahead: int = 0) -> date:
    return date.fromordinal(day.toordinal() - day.weekday() + 7 * ahead)


def _in_week(monday: date) -> str:
    return gettext("week from %(day)s") % {"day": date_format(monday, "DATE_FORMAT")}
