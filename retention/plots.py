"""The figures about purges: what the sweeps took, what they held back and where they failed (Q5.11)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Q, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import period
from datamap.dashboard import board
from datamap.drawing import Figure, Series, day_label, days_until
from datamap.periods import RIGA
from retention.models import SweepRun

_DAY: Final = timedelta(hours=24)
DAYS: Final = 28
_SOMETHING: Final = Q(taken__gt=0) | Q(kept__gt=0) | Q(missed__gt=0)
Key = tuple[str, date]


@board("purges", _("Purges"), permission="retention.view_sweeprun", place=3)
def figures(*, now: datetime) -> Iterator[Figure]:
    """Of the last four weeks, by day: the runs of one day are added up, but for what each of them holds back anew."""
    days = days_until(now.astimezone(RIGA).date(), DAYS)
    runs = SweepRun.objects.filter(at__gt=now - DAYS * _DAY, applied=True).order_by()
    by_run = runs.values("run", "rule", day=TruncDate("at", tzinfo=RIGA))
    taken, held, failed = Counter[Key](), Counter[Key](), Counter[Key]()
    for row in by_run.annotate(taken=Sum("deleted"), kept=Sum("held"), missed=Sum("failed")).filter(_SOMETHING):
        rule, day = row["rule"], row["day"]
        taken[rule, day] += row["taken"]
        held[rule, day] = max(held[rule, day], row["kept"])
        failed[rule, day] += row["missed"]
    rules = sorted({rule for counts in (taken, held, failed) for rule, _day in counts})
    common: dict[str, Any] = {
        "labelled": _("day"),
        "labels": [day_label(day) for day in days],
        "unit": _("rows"),
        "one_scale": False,
        "rows_at": "admin:retention_sweeprun_changelist",
    }
    kinds = [(_("purged"), taken), (_("held back"), held), (_("failed"), failed)]
    yield Figure(
        key="purged",
        title=_("Rows purged by day"),
        about=_("all rules together; each picture has its own scale"),
        series=[Series(name, [sum(counts[rule, day] for rule in rules) for day in days]) for name, counts in kinds],
        **common,
    )
    yield Figure(
        key="rules",
        title=_("Rows purged by rule and day"),
        about=_("the last four weeks; rules that had nothing to do are left out"),
        series=[Series(f"{rule} ({period(rule).label})", [taken[rule, day] for day in days]) for rule in rules],
        **common,
    )
