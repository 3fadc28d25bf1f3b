"""The figures about consents: who agreed of those who chose, by month, where enough people stand behind a share."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from django.db.models import Case, CharField, Count, DateField, Sum, Value, When
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from consent.models import ConsentEvent, RefusalCount
from consent.terms import COOKIE_PURPOSES, PERMITTING, ConsentPurpose, ConsentState
from datamap.dashboard import board
from datamap.drawing import Figure, Series, first_moment, month_labels, months_until, share
from datamap.periods import RIGA

_ENDING: Final = (ConsentState.REFUSED, ConsentState.WITHDRAWN)
_COOKIES: Final = "cookies"
Counts = Counter[tuple[date, str, str]]


@board("consents", _("Consents"), permission="consent.view_consentevent", place=2)
def figures(*, now: datetime) -> Iterator[Figure]:
    """The share of those who agreed, for cookies as a whole and for each other consent."""
    months = months_until(now.astimezone(RIGA).date())
    since = first_moment(months[0])
    said = _said(since)
    yield Figure(
        key="cookie-choices",
        title=_("Visitors who agreed to optional cookies, by month"),
        about=_("of those who chose; a share is shown where ten and more agreed and ten and more refused"),
        unit="%",
        labelled=_("month"),
        labels=month_labels(months),
        series=[Series("", [_share(said, month, _COOKIES) for month in months])],
        top=100,
        rows_at="admin:consent_refusalcount_changelist",
    )
    others = [purpose for purpose in ConsentPurpose if purpose not in COOKIE_PURPOSES]
    yield Figure(
        key="consents",
        title=_("Consents given, by purpose and month"),
        about=_("of those who gave, refused or withdrew it; the same limit of ten holds"),
        unit="%",
        labelled=_("month"),
        labels=month_labels(months),
        series=[Series(purpose.label, [_share(said, month, purpose) for month in months]) for purpose in others],
        top=100,
        rows_at="admin:consent_consentevent_changelist",
    )


def _said(since: datetime) -> Counts:
    """How many people said yes, and how many no, by month and purpose; the services under cookies are one.

    Who has taken cookies back had agreed first, and is counted as that; refusals are counted without anybody's mark.
    """
    about = Case(When(purpose__in=COOKIE_PURPOSES, then=Value(_COOKIES)), default="purpose", output_field=CharField())
    answer = Case(When(state__in=PERMITTING, then=Value("yes")), default=Value("no"), output_field=CharField())
    told = ConsentEvent.objects.filter(at__gte=since, state__in=[*PERMITTING, *_ENDING]).exclude(subject_token="")
    by_people = (
        told.exclude(purpose__in=COOKIE_PURPOSES, state__in=_ENDING)
        .order_by()
        .values_list(TruncMonth("at", tzinfo=RIGA, output_field=DateField()), about, answer)
        .annotate(Count("subject_token", distinct=True))
    )
    refusals = RefusalCount.objects.filter(day__gte=since.date()).order_by()
    by_nobody = refusals.values_list(TruncMonth("day", output_field=DateField()), Value(_COOKIES), Value("no"))
    rows = by_people.union(by_nobody.annotate(Sum("count")), all=True)
    return Counter({(month, purpose, said): times for month, purpose, said, times in rows})


def _share(said: Counts, month: date, purpose: str) -> float | None:
    return share(said[month, purpose, "yes"], said[month, purpose, "no"])
