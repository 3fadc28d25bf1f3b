"""Writes the rows of the registers into the journal, so that a restored backup does not forget who got data (Q10.9).

A line holds the row as it was after the step, sealed: words of staff may name people. The versions of the record of
processing and the wordings of the tests are left out: the next round writes them again.
"""

import json
from datetime import datetime
from typing import Any, Final

from django.core import serializers
from django.db import models, transaction

from audit.ledger import CommittedRow, append, content_fields
from registers.models import AuthorityRequest, BalancingVersion, Breach, BreachEntry, ContractVersion, Disclosure
from replay.journal import note, opened
from replay.segments import Line

KEPT: Final = "registers.kept"

_FOUND_BY: Final[dict[type[models.Model], tuple[str, ...]]] = {
    AuthorityRequest: ("pk",),
    Disclosure: ("pk",),
    Breach: ("number",),
    BreachEntry: ("number", "action", "at"),
    ContractVersion: ("recipient", "at"),
    BalancingVersion: ("purpose", "at", "conclusion"),
}
"""By what a row is known again: numbers that the database draws are drawn anew after a restore."""


def remember(row: models.Model, *, now: datetime) -> None:
    """Note a row as it is now, in the caller's transaction."""
    row.refresh_from_db()
    written = json.loads(serializers.serialize("json", [row]))
    note(KEPT, at=now, details={"table": row._meta.label}, sealed={"row": written})


def keep_again(line: Line) -> bool:
    """Put the row of a line back as it was; False where it is so already."""
    (found,) = serializers.deserialize("json", json.dumps(opened(line)["row"]))
    row = found.object
    known = {name: getattr(row, name) for name in _FOUND_BY[type(row)]}
    current = type(row)._base_manager.filter(**known).first()
    with transaction.atomic():
        if isinstance(row, CommittedRow):
            return current is None and bool(_append_again(row))
        return _put_back(row, current)


def _append_again(row: CommittedRow) -> CommittedRow:
    """To the end of its chain: the chain of before the restore is gone with its hashes."""
    return append(type(row)(**{field.attname: getattr(row, field.attname) for field in content_fields(type(row))}))


def _put_back(row: models.Model, current: models.Model | None) -> bool:
    if current is not None and _values(row) == _values(current):
        return False
    if current is not None:
        row.pk = current.pk
    elif isinstance(row, Breach):
        row.pk = None
    row.save(force_insert=current is None, force_update=current is not None)
    return True


def _values(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
