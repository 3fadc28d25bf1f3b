"""The figure that two apps make together: how old the visit log grows, against its twenty weeks (policy clause 5.2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, cast

from django.db.models import F, Max
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import period
from datamap.dashboard import board
from datamap.drawing import Figure, Series, Shape, day_label, days_until
from datamap.periods import RIGA, Elapsed
from retention.models import SweepRun

_DAY: Final = timedelta(hours=24)
_WEEK: Final = 7 * _DAY
_DAYS: Final = 28


@board("visits", _("Visit log"), permission="retention.view_sweeprun", place=5)
def figures(*, now: datetime) -> Iterator[Figure]:
    """What the reports of the purge say of the oldest visit that they left, the oldest of each day."""
    days = days_until(now.astimezone(RIGA).date(), _DAYS)
    runs = SweepRun.objects.filter(table="visits.Visit", at__gt=now - _DAYS * _DAY, oldest_at__isnull=False)
    by_day = runs.order_by().values_list(TruncDate("at", tzinfo=RIGA)).annotate(age=Max(F("at") - F("oldest_at")))
    ages = {day: round(age / _WEEK, 2) for day, age in by_day}
    limit = cast("Elapsed", period("VISIT_LOG").term).length / _WEEK
    yield Figure(
        key="oldest-visit",
        title=_("The oldest visit in the log"),
        about=_("its age when the purge had been there"),
        unit=_("weeks"),
        labelled=_("day"),
        labels=[day_label(day) for day in days],
        series=[
            Series(_("age of the oldest visit"), [ages.get(day) for day in days]),
            Series(_("limit"), [limit for _day in days], is_limit=True),
        ],
        shape=Shape.LINES,
        rows_at="admin:visits_dailystatistic_plots",
    )
