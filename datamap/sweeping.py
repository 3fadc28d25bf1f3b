"""What one sweep over one table counted, and how it gets past a row that fails (Art. 5(1)(e))."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

End = Callable[[list[Any]], int]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepCounts:
    """Rows due, deleted, held back and failed; `oldest_at` is the start of the oldest row that remains.

    `failure` is the class of the first error; never its text, which may quote a row.
    """

    due: int = 0
    deleted: int = 0
    held: int = 0
    failed: int = 0
    failure: str = ""
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How many rows went, and the class of the error of each that did not."""

    deleted: int = 0
    failures: tuple[str, ...] = ()

    def __add__(self, other: "Ended") -> "Ended":
        return Ended(self.deleted + other.deleted, self.failures + other.failures)

    def counts(self, *, due: int, held: int = 0, oldest_at: datetime | None = None) -> SweepCounts:
        """The same as the counts of a whole sweep."""
        failure = self.failures[0] if self.failures else ""
        return SweepCounts(due, self.deleted, held, len(self.failures), failure, oldest_at)


def end_together(keys: list[Any], end: End) -> Ended:
    """End these rows at once; where that fails, one by one, so that one row never keeps the others from their end."""
    try:
        with transaction.atomic():
            return Ended(end(keys))
    except Exception as error:  # noqa: BLE001 - a key or a file fails otherwise than a row, and keeps as little
        log.warning("rows are ended one by one: %s", name_of(error))
        return end_each(keys, end)


def end_each(keys: Iterable[Any], end: End) -> Ended:
    """End each of these rows in a transaction of its own; one that fails is set aside and counted."""
    ended = Ended()
    for key in keys:
        try:
            with transaction.atomic():
                ended += Ended(end([key]))
        except Exception as error:  # noqa: BLE001 - whatever it was, the next row is due as well
            log.warning("a row was set aside: %s", name_of(error))
            ended += Ended(failures=(name_of(error),))
    return ended


def name_of(error: Exception) -> str:
    """The class of an error, or of what the database's driver said; no text of it."""
    return type(error.__cause__ or error).__name__
