"""What must be true of a history, worked out without the site's own arithmetic of terms."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, models

from datamap.registry import model_of, registry, tables
from datamap.trace import Subject

RIGA: Final = ZoneInfo("Europe/Riga")
TWENTY_WEEKS: Final = timedelta(days=140)
COPY_TERM: Final = timedelta(days=30)
OPT_IN: Final = timedelta(days=7)


@dataclass(slots=True)
class Fact:
    """A row that was written, and when it must be gone; None while nothing has begun to count."""

    row: models.Model
    ends: datetime | None = None

    @property
    def is_stored(self) -> bool:
        return type(self.row)._base_manager.filter(pk=self.row.pk).exists()


@dataclass(slots=True)
class Person:
    """Somebody of the history: her account, her canaries, and what of hers goes or stays when she leaves."""

    user: Any
    subject: Subject
    canaries: set[str]
    personal: list[Fact] = field(default_factory=list)
    kept: list[Fact] = field(default_factory=list)
    case_number: str = ""
    plan_digest: str = ""
    objected: bool = False

    @property
    def facts(self) -> Iterator[Fact]:
        yield from self.personal
        yield from self.kept


def years_after(start: datetime, years: int) -> datetime:
    """The same day in Riga so many years later; 29 February becomes the 28th."""
    local = start.astimezone(RIGA)
    year = local.year + years
    return local.replace(year=year, day=min(local.day, monthrange(year, local.month)[1])).astimezone(UTC)


def tables_that_mention(words: set[str]) -> set[str]:
    """The labels of all tables in which one of these words stands in any row, the whole text of which is searched."""
    if not words:
        return set()
    looks = " UNION ALL ".join(
        f"SELECT '{model._meta.label}' WHERE EXISTS (SELECT 1 FROM \"{model._meta.db_table}\" t WHERE t::text ~ %s)"
        for model in tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(looks, ["|".join(sorted(words))] * len(list(tables())))
        return {label for (label,) in cursor.fetchall()}


def tables_that_may_keep_an_id() -> set[str]:
    """Those of the keep list: ledgers, and tables that keep a field of an erased person."""
    return {model_of(item)._meta.label for item in registry().holdings if item.ledger or item.kept}
