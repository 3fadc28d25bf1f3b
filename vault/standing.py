"""Asks before anything irreversible whether the configured master key opens the keys of this site (Art. 32)."""

from vault.keys import SealBroken, unwrap
from vault.models import DataKey


class WrongMasterKey(SealBroken):
    """The key file does not belong to this database: whoever went on would seal or destroy what nobody could open."""

    def __init__(self) -> None:
        super().__init__(
            "VAULT_MASTER_KEYS does not open the data keys of this database. Nothing was changed. Put the key file that"
            " belongs to this database back and restart; what was asked for is then done by itself."
        )


def require_master_key() -> None:
    """Open the youngest live data key, and forget it again. Raises WrongMasterKey."""
    row = DataKey.objects.filter(destroyed_at__isnull=True).order_by("-pk").first()
    if row is None:
        return
    try:
        unwrap(row)
    except SealBroken:
        raise WrongMasterKey from None
