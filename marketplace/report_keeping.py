"""When removals go: after their term, and the listing that stays down with them (Art. 5(1)(e))."""

from datetime import datetime
from typing import Any

from django.db import transaction

from datamap.declarations import Holding
from datamap.registry import registry
from datamap.standstill import deleting_by_parts, kept_back, without_kept
from datamap.sweeping import Ended, SweepCounts, end_each
from marketplace.models import Listing, Removal
from marketplace.photo_files import remove_gone
from marketplace.report_terms import RemovalState
from marketplace.terms import ListingState
from vault.erasure import destroy_keys_of


def purge(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Removals at the end of their term, each with a listing that stayed down. For `purge_with`."""
    due = Removal.objects.filter(ends_at__lte=now).order_by("pk")
    count = due.count()
    kept = without_kept(due, holding).exclude(listing__in=_held_listings())
    held, ended = count - kept.count(), Ended()
    if apply:
        with deleting_by_parts():
            ended = end_each(list(kept.values_list("pk", flat=True)), _delete)
    return ended.counts(due=count, held=held)


def _held_listings() -> Any:
    kept = kept_back(registry().holding(Listing))
    return Listing.objects.filter(kept).values("pk") if kept else Listing.objects.none().values("pk")


@transaction.atomic
def _delete(keys: list[Any]) -> int:
    rows = Removal.objects.filter(pk__in=keys)
    down = rows.exclude(state=RemovalState.RESTORED)
    Listing.objects.filter(removals__in=down, state=ListingState.REMOVED).delete()
    transaction.on_commit(remove_gone, robust=True)
    destroy_keys_of(rows)
    return rows.delete()[0]
