"""Seals what the ledgers of leaves have gathered, under the site's signature; asked by beat and by `/readyz` (L4)."""

from datetime import datetime, timedelta
from typing import Any, Final

from audit import sealing
from audit.models import SEAL_TYPE, Seal
from audit.sealing import Signer, last_seal, leaf_ledgers, seal
from retention.signed import is_ours
from vault import signing

UNSEALED_LIMIT: Final = timedelta(minutes=15)
"""Beat seals every minute; a row that is older than this by its own time and has no seal yet is an alarm."""


def seal_ledgers(*, now: datetime) -> list[Seal]:
    """Seal every row that can be seen and has no seal yet; the seals made. Two at once seal each row once."""
    signer = Signer(signing.key_id(), signing.sign)
    return [made for model in leaf_ledgers() for made in seal(model, signer=signer, now=now)]


def unsealed_too_long(*, now: datetime) -> dict[str, int]:
    """By ledger the first row that waits for its seal although sealing should have come by; no entry where all is well.

    A row that was repeated after a restore carries the time of the decision: it is late only where nothing was sealed
    since either.
    """
    late = {}
    for model in leaf_ledgers():
        newest = last_seal(model)
        if newest is not None and now - newest.at <= UNSEALED_LIMIT:
            continue
        waiting = model._base_manager.filter(seal=None, at__lt=now - UNSEALED_LIMIT).order_by("pk")
        if (row := waiting.values_list("pk", flat=True).first()) is not None:
            late[model._meta.label] = row
    return late


def first_forged() -> Seal | None:
    """The first seal that does not carry our signature, or does not follow the one before it."""
    before: dict[str, Any] = {}
    for one in Seal.objects.order_by("ledger", "number").iterator(2000):
        follows = before.get(one.ledger)
        expected = (follows.number + 1, follows.hash) if follows else (1, sealing.GENESIS)
        if (one.number, one.previous_seal) != expected or not is_ours(one.document(), kind=SEAL_TYPE):
            return one
        before = {one.ledger: one}
    return None
