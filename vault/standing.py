"""Whether the configured master keys open what is stored; asked by `/readyz`, answered from the data (Art. 32)."""

from typing import Final

from django.db.models import QuerySet

from vault.keys import SealBroken, WrongMasterKey, require_master_key, unwrap
from vault.models import DataKey

__all__ = ["WHAT_TO_DO", "WrongMasterKey", "masters_that_fail", "require_master_key"]

WHAT_TO_DO: Final = (
    "VAULT_MASTER_KEYS does not open the data keys of this database. Pages stay up, nothing new is sealed and nobody is"
    " erased. Put the key file that belongs to this database back and restart (docs/keys.md)."
)


def masters_that_fail() -> list[str]:
    """The names of master keys that live data keys hang on and that do not open the youngest of them.

    One look into an index for each name, however many keys there are.
    """
    failing, name = [], ""
    while row := _after(name):
        name = row.master_key_id
        if not _opens(row):
            failing.append(name)
    return failing


def _after(name: str) -> DataKey | None:
    live: QuerySet[DataKey] = DataKey.objects.filter(destroyed_at__isnull=True, master_key_id__gt=name)
    return live.order_by("master_key_id", "-pk").first()


def _opens(row: DataKey) -> bool:
    try:
        unwrap(row)
    except SealBroken:
        return False
    return True
