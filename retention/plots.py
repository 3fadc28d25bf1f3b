"""The figures about purges: what the sweeps took, what they held back and where they failed (Q5.11)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import period
from datamap.dashboard import board
from datamap.drawing import Figure, Label, Series, day_label
from datamap.periods import RIGA
from retention.models import SweepRun

_DAY: Final = timedelta(hours=24)
DAYS: Final = 28


@board("purges", _("Purges"), permission="retention.view_sweeprun", place=3)
def figures(*, now: datetime) -> Iterator[Figure]:
    """Of the last four weeks, by day and by rule; of what is held or fails again at each run, the most at one run."""
    days = [(now - number * _DAY).astimezone(RIGA).date() for number in reversed(range(DAYS))]
    runs = SweepRun.objects.filter(at__gt=now - DAYS * _DAY, applied=True).order_by()
    by_day = {row["day"]: row for row in _counted(runs.values(day=TruncDate("at", tzinfo=RIGA)))}
    yield Figure(
        key="purged",
        title=_("Rows purged by day"),
        about=_("all rules together"),
        labelled=_("day"),
        labels=[day_label(day) for day in days],
        series=_series([by_day.get(day, {}) for day in days]),
        unit=_("rows"),
        rows_at="admin:retention_sweeprun_changelist",
    )
    rules = sorted(_counted(runs.values("rule")), key=lambda row: (-(row["taken"] + row["kept"]), row["rule"]))
    busy = [row for row in rules if row["taken"] or row["kept"] or row["missed"]]
    yield Figure(
        key="rules",
        title=_("Rows purged by rule"),
        about=_("the last four weeks; rules that had nothing to do are left out"),
        labelled=_("rule"),
        labels=[Label("", f"{row['rule']} ({period(row['rule']).label})") for row in busy],
        series=_series(busy),
        unit=_("rows"),
        rows_at="admin:retention_sweeprun_changelist",
    )


def _counted(runs: Any) -> Any:
    return runs.annotate(taken=Sum("deleted"), kept=Max("held"), missed=Max("failed"))


def _series(rows: list[dict[str, Any]]) -> list[Series]:
    names = {"taken": _("purged"), "kept": _("held back"), "missed": _("failed")}
    return [Series(words, [row.get(name, 0) for row in rows]) for name, words in names.items()]
