"""The figures about the outbox: what waits for each service outside, what is unknown, what was given up."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datamap.dashboard import board
from datamap.drawing import Figure, Label, Series
from outbox.handlers import provider_of
from outbox.models import UNFINISHED, Effect, State

_MINUTE: Final = timedelta(minutes=1)
_STATES: Final = (State.PENDING, State.LEASED, State.UNKNOWN, State.FAILED)


@board("outbox", _("Effects outside"), permission="outbox.view_effect", place=4)
def figures(*, now: datetime) -> Iterator[Figure]:
    """By the service that is called; what was carried out is left out."""
    rows = Effect.objects.filter(state__in=_STATES).order_by().values_list("kind", "state")
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_STATES, 0))
    oldest: dict[str, datetime] = {}
    for kind, state, count, first in rows.annotate(Count("pk"), Min("due_at")):
        provider = provider_of(kind)
        counts[provider][state] += count
        if state in UNFINISHED:
            oldest[provider] = min(first, oldest.get(provider, first))
    services = sorted(counts)
    labels = [Label(name or gettext("own work"), name or gettext("own work")) for name in services]
    yield Figure(
        key="effects",
        title=_("Effects that are not done"),
        about=_("by service"),
        unit=_("effects"),
        labelled=_("service"),
        labels=labels,
        series=[Series(state.label, [counts[name][state] for name in services]) for state in _STATES],
        rows_at="admin:outbox_effect_changelist",
    )
    yield Figure(
        key="waiting",
        title=_("How long the oldest one has been due"),
        about=_("what is put off, or waits at a shut gate, counts from the day for which it was meant"),
        unit=_("minutes"),
        labelled=_("service"),
        labels=labels,
        series=[Series("", [_minutes(now, oldest.get(name, now)) for name in services])],
        rows_at="admin:outbox_providergate_changelist",
    )


def _minutes(now: datetime, due: datetime) -> float:
    return round(max((now - due) / _MINUTE, 0), 1)
