"""Counts that may outlive the visit log, because nobody can be found in them (Art. 4(1), recital 26; clause Q10.8).

A finished day is counted once, by fixed groups. A group of fewer than ten visitors is not shown; neither is one that
would give it away by subtraction. A day is never counted again: the difference between two counts would be somebody.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connections, router, transaction
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.urls import reverse

from visits.browsers import BROWSERS
from visits.models import LEAST_VISITORS, DailyStatistic, Visit
from visits.partitions import LOCK, Day, existing_days, log_connection
from visits.queries import begins_after, current
from visits.terms import Dimension, Platform

SETTLED_AFTER: Final = timedelta(hours=1)
"""So long after midnight UTC the last visits of a day have left the buffers of all processes."""

_OTHER: Final = "other"
_FINE: Final = "fine"
_OUTCOMES: Final = (("server error", 500), ("client error", 400), ("moved", 300))
_SPEEDS: Final = (("fast", 100), ("usual", 500), ("slow", 2000))
"""Below how many milliseconds an answer is called so."""
_SLOWEST: Final = "very slow"


def count_days(*, now: datetime) -> int:
    """Count every finished day of the log that has not been counted; the number of days. Safe to repeat.

    A day of which the purge has already taken a part is left out: part of a day is no count.
    """
    oldest_whole = begins_after(now=now)
    finished = (
        day
        for day in existing_days(log_connection())
        if day.is_attached and day.start > oldest_whole and day.end + SETTLED_AFTER <= now
    )
    return sum(_count_once(day, now=now) for day in finished)


def groups(dimension: Dimension) -> tuple[str, ...]:
    """The fixed list of groups by which a day is counted."""
    match dimension:
        case Dimension.PLATFORM:
            return tuple(item.value for item in Platform if item is not Platform.ROBOT)
        case Dimension.BROWSER:
            return (*BROWSERS, _OTHER)
        case Dimension.PAGE:
            return (*settings.VISITS_COUNTED_ROUTES, _OTHER)
        case Dimension.OUTCOME:
            return (_FINE, *(name for name, _least in _OUTCOMES))
        case Dimension.SPEED:
            return (*(name for name, _below in _SPEEDS), _SLOWEST)
    return (Dimension.ALL.value,)


def _count_once(day: Day, *, now: datetime) -> int:
    using = router.db_for_write(DailyStatistic)
    with transaction.atomic(using=using):
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK[0], LOCK[1] + 2])
        if DailyStatistic.objects.filter(day=day.day).exists():
            return 0
        # People whose data are restricted are not among the current rows, and programs are no visitors (Art. 18).
        rows = current(now=now).filter(at__gte=day.start, at__lt=day.end).exclude(platform=Platform.ROBOT)
        DailyStatistic.objects.bulk_create(cell for dimension in Dimension for cell in _cells(day, dimension, rows))
    return 1


def _cells(day: Day, dimension: Dimension, rows: QuerySet[Visit]) -> Iterator[DailyStatistic]:
    shown = _shown(rows.annotate(group=_group_of(dimension)))
    for group in groups(dimension):
        visits, visitors = shown.get(group, (None, None))
        yield DailyStatistic(day=day.day, dimension=dimension, bucket=group, visits=visits, visitors=visitors)


def _shown(rows: QuerySet[Any]) -> dict[str, tuple[int, int]]:
    """Visits and visitors of the groups that may be shown.

    The hidden ones must have ten visitors together: the total of the day less what is shown is what they had.
    """
    counted = rows.order_by().values_list("group").annotate(Count("pk"), Count("visitor_key", distinct=True))
    found = {group: (visits, visitors) for group, visits, visitors in counted}
    hidden = {group for group, (_visits, visitors) in found.items() if visitors < LEAST_VISITORS}
    # Ends when the hidden ones are enough, or when nothing is shown.
    while hidden and hidden != found.keys() and _visitors(rows, hidden) < LEAST_VISITORS:
        hidden.add(min(found.keys() - hidden, key=lambda group: (found[group][1], group)))
    return {group: counts for group, counts in found.items() if group not in hidden}


def _visitors(rows: QuerySet[Any], hidden: set[str]) -> int:
    return rows.filter(group__in=hidden).aggregate(found=Count("visitor_key", distinct=True))["found"]


def _group_of(dimension: Dimension) -> Combinable:
    match dimension:
        case Dimension.PLATFORM:
            return _listed("platform", dimension, otherwise=Platform.UNKNOWN.value)
        case Dimension.BROWSER:
            return _listed("browser", dimension, otherwise=_OTHER)
        case Dimension.PAGE:
            pages = [When(_is_page(reverse(name)), then=Value(name)) for name in settings.VISITS_COUNTED_ROUTES]
            return Case(*pages, default=Value(_OTHER), output_field=CharField())
        case Dimension.OUTCOME:
            failed = [When(status__gte=least, then=Value(name)) for name, least in _OUTCOMES]
            return Case(*failed, default=Value(_FINE), output_field=CharField())
        case Dimension.SPEED:
            quick = [When(response_ms__lt=below, then=Value(name)) for name, below in _SPEEDS]
            return Case(*quick, default=Value(_SLOWEST), output_field=CharField())
    return Value(Dimension.ALL.value)


def _listed(field: str, dimension: Dimension, *, otherwise: str) -> Case:
    return Case(
        When(**{f"{field}__in": groups(dimension)}, then=F(field)), default=Value(otherwise), output_field=CharField()
    )


def _is_page(address: str) -> Q:
    return Q(path=address) | Q(path__startswith=f"{address}?")
