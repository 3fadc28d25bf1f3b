"""Change of the master key: rewraps data keys without touching what they sealed (Art. 32)."""

from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from vault.keys import SealBroken, current_master, unwrap, wrap
from vault.models import DataKey

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many live keys there are, how many still hung on an older master key, and what became of those."""

    master_key_id: str
    keys: int
    due: int
    rewrapped: int = 0
    failed: int = 0


def keys_due() -> QuerySet[DataKey]:
    """Live data keys wrapped by any other than the current master key."""
    master_id, _master = current_master()
    return DataKey.objects.filter(destroyed_at__isnull=True).exclude(master_key_id=master_id)


def rotate(*, apply: bool) -> Rotation:
    """Rewrap what is due in batches that each commit: a killed run goes on where it stopped. Dry without `apply`."""
    live = DataKey.objects.filter(destroyed_at__isnull=True).count()
    due = keys_due().count()
    rewrapped = failed = last = 0
    while apply and (batch := _next_batch(last)):
        last, done, broken = batch
        rewrapped += done
        failed += broken
    return Rotation(current_master()[0], live, due, rewrapped, failed)


@transaction.atomic
def _next_batch(after: int) -> tuple[int, int, int] | None:
    """Rewrap the next keys: the last id seen, how many succeeded, how many failed. Locked, so that a key destroyed
    meanwhile stays destroyed.
    """
    master_id, master = current_master()
    rows = list(keys_due().filter(pk__gt=after).order_by("pk").select_for_update()[:BATCH])
    if not rows:
        return None
    done = []
    for row in rows:
        try:
            key = unwrap(row)
        except SealBroken:
            continue
        row.wrapped = wrap(key.material, row.owner, master_id=master_id, master=master)
        row.master_key_id = master_id
        done.append(row)
    DataKey.objects.bulk_update(done, ["wrapped", "master_key_id"])
    return rows[-1].pk, len(done), len(rows) - len(done)
