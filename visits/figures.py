"""What staff see of the log at a glance: counts of ten visitors and more, by day and by notice (Q7.11, Q10.8)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Min, Sum
from django.utils.translation import gettext_lazy as _

from consent.models import ConsentEvent, RefusalCount
from consent.terms import COOKIE_PURPOSES, PERMITTING
from datamap.drawing import Figure, Label, Series, day_label, share
from visits.models import LEAST_VISITORS, DailyStatistic
from visits.queries import current_uses
from visits.terms import Dimension

_DAY = timedelta(hours=24)
_MOST_PAGES = 30
_DRAWN = (Dimension.ALL, Dimension.OUTCOME, Dimension.SPEED)
Sums = dict[tuple[date, str, str], int]


def figures(*, now: datetime, days: int = 56) -> list[Figure]:
    """Visits, errors and slow answers of the last finished days, and how many visitors agree to cookies."""
    since = now.date() - days * _DAY
    shown = [since + number * _DAY for number in range(days)]
    by_day: dict[str, Any] = {"unit": _("visits"), "labelled": _("day"), "labels": [day_label(day) for day in shown]}
    rates, sums = consent_rates(), _sums(shown[0])
    return [
        Figure(
            key="visits",
            title=_("Visits by day"),
            about=_("programs left out"),
            series=[_by_day(shown, sums, Dimension.ALL, ["all"])],
            **by_day,
        ),
        Figure(
            key="errors",
            title=_("Errors by day"),
            about=_("pages not found and failures of ours"),
            series=[_by_day(shown, sums, Dimension.OUTCOME, ["client error", "server error"])],
            **by_day,
        ),
        Figure(
            key="slow",
            title=_("Slow answers by day"),
            about=_("half a second and longer"),
            series=[_by_day(shown, sums, Dimension.SPEED, ["slow", "very slow"])],
            **by_day,
        ),
        Figure(
            key="agreed",
            title=_("Visitors who agreed to optional cookies, by version of the notice"),
            about=_("of those who chose"),
            unit="%",
            labelled=_("version of the notice"),
            labels=[Label(notice, notice) for notice, _rate in rates],
            series=[Series("", [rate for _notice, rate in rates])],
            top=100,
        ),
    ]


def page_figures(*, now: datetime) -> list[dict[str, Any]]:
    """How the pages of this week were used by visitors who agreed to that: means, where ten of them or more were there.

    Of each page `path`, `visitors`, `seconds`, `scroll` and `clicks`, the most visited first. Who is restricted, or has
    withdrawn, is not among them from the next purge on.
    """
    rows = current_uses(now=now).filter(at__gt=now - 7 * _DAY).order_by().values("path")
    means = {"seconds": Avg("seconds"), "scroll": Avg("scroll"), "clicks": Avg("clicks")}
    found = rows.annotate(visitors=Count("receipt_token", distinct=True), **means)
    shown = found.filter(visitors__gte=LEAST_VISITORS).order_by("-visitors", "path")[:_MOST_PAGES]
    return [dict(page) for page in shown]


def consent_rates() -> list[tuple[str, float | None]]:
    """For each version of the notice the share of choices that accepted something, in percent, the oldest first.

    None where fewer than ten accepted or fewer than ten refused: with the other number either would be known.
    """
    given = (
        ConsentEvent.objects.filter(purpose__in=COOKIE_PURPOSES, state__in=PERMITTING, evidence__notice__isnull=False)
        .values_list("evidence__notice")
        .annotate(Count("subject_token", distinct=True), Min("at"))
    )
    accepted = {notice: (count, first.date()) for notice, count, first in given}
    counted = RefusalCount.objects.values_list("notice").annotate(Sum("count"), Min("day"))
    refused = {notice: (count, first) for notice, count, first in counted}
    first_seen: dict[str, date] = {
        notice: min(day for _count, day in found)
        for notice in accepted.keys() | refused.keys()
        if (found := [item[notice] for item in (accepted, refused) if notice in item])
    }
    return [
        (notice, share(accepted.get(notice, (0,))[0], refused.get(notice, (0,))[0]))
        for notice in sorted(first_seen, key=lambda notice: (first_seen[notice], notice))
    ]


def _sums(since: date) -> Sums:
    """What may be shown of each group of each day."""
    rows = DailyStatistic.objects.filter(day__gte=since, dimension__in=_DRAWN, visits__isnull=False).order_by()
    shown = rows.values_list("day", "dimension", "bucket", "visits")
    return {(day, kind, group): times for day, kind, group, times in shown if times is not None}


def _by_day(shown: Sequence[date], sums: Sums, dimension: Dimension, groups: list[str]) -> Series:
    """The sum of what may be shown of these groups, day by day; None for a day of which nothing may."""
    found = [[sums[key] for group in groups if (key := (day, dimension, group)) in sums] for day in shown]
    return Series("", [sum(numbers) if numbers else None for numbers in found])
