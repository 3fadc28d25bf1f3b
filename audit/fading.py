"""Blanks rows out of the middle of a ledger when their term is over; the chain stays whole (Art. 5(1)(e), 7(1))."""

from collections.abc import Sequence
from typing import Final

from django.db import connections, router

from audit.ledger import CommittedRow
from audit.triggers import FADE

BATCH: Final = 1000


def fade(model: type[CommittedRow], ids: Sequence[int]) -> int:
    """Take content and salt of these rows, in batches that each commit; how many lost it.

    Without its salt nobody can guess the content from the commitment. Raises TypeError for a ledger whose content must
    stay, and DatabaseError for rows that are younger than the database allows.
    """
    if not model.CONTENT_MAY_GO:
        raise TypeError(f"The content of {model._meta.label} must stay.")
    faded = 0
    for start in range(0, len(ids), BATCH):
        with connections[router.db_for_write(model)].cursor() as cursor:
            cursor.execute(f"SELECT {FADE}(%s, %s)", [model._meta.db_table, list(ids[start : start + BATCH])])
            faded += cursor.fetchone()[0]
    return faded
