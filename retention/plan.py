"""The plan of an erasure: for every table what goes, what stays, why, under which act, until when (Art. 17; Q17.1)."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Max, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue, period
from datamap.declarations import Holding, Personal
from datamap.periods import RIGA
from datamap.processors import handlers
from datamap.registry import model_of, registry
from datamap.terms import Erasure, OnErasure, Source, Text
from datamap.trace import Subject, rows_about


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What happens to some fields of some rows. `until` is the last possible day where it can be computed, `term` the
    words of the rule; both empty for what goes."""

    table: str
    label: Text
    action: Erasure
    count: int
    fields: tuple[Text, ...] = ()
    reason: Text = ""
    act: str = ""
    until: date | None = None
    term: Text = ""


@dataclass(frozen=True, slots=True)
class PlannedRecipient:
    """A recipient that will be told, and what it got."""

    code: str
    name: str
    description: Text


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """Everything an erasure would do to one person's data; made by reading only.

    `created` is what the erasure itself leaves behind, `searched` the tables in which nothing was found, `digest`
    SHA-256 over the rows: the same as long as nothing was added or removed.
    """

    lines: tuple[PlanLine, ...]
    created: tuple[PlanLine, ...]
    searched: tuple[Text, ...]
    stores: tuple[PlanLine, ...]
    recipients: tuple[PlannedRecipient, ...]
    archive_ends_at: datetime | None
    digest: str

    @property
    def erased(self) -> tuple[PlanLine, ...]:
        """What goes: deleted, blanked or detached."""
        return tuple(line for line in self.lines if line.action is not Erasure.KEEP)

    @property
    def kept(self) -> tuple[PlanLine, ...]:
        """What stays of the person's rows, and what the erasure adds to it."""
        return (*(line for line in self.lines if line.action is Erasure.KEEP), *self.created)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one table holds about the person: number of rows, latest counting instant, digest of the keys."""

    holding: Holding
    count: int
    latest: datetime | None
    keys: str


def plan_erasure(subject: Subject, *, now: datetime, archive: bool) -> ErasurePlan:
    """Say what an erasure at `now` would do, without changing anything.

    `archive` is False where the person objects to the six-year archive; somebody without an account has none.
    """
    found = [_look(holding, subject) for holding in registry().holdings]
    ends_at = period("ARCHIVE").ends_at(now) if archive and _has_account(found) else None
    return ErasurePlan(
        lines=tuple(line for item in found if item.count for line in _lines(item)),
        created=tuple(_created(now, ends_at, already={item.holding.model for item in found if item.count})),
        searched=tuple(item.holding.label for item in found if not item.count),
        stores=tuple(_stores()),
        recipients=tuple(_recipients(subject)),
        archive_ends_at=ends_at,
        digest=_digest(found),
    )


def _look(holding: Holding, subject: Subject) -> _Found:
    rows = rows_about(holding, subject, owned_only=True).order_by()
    counting = holding.ends or holding.clock
    sums: dict[str, Any] = {"count": Count("pk", distinct=True)}
    if counting:
        sums["latest"] = Max(counting)
    if _is_fixed(holding):
        key = Cast("pk", TextField())
        sums["keys"] = StringAgg(key, Value(","), distinct=True, order_by=key, default=Value(""))
    row = rows.aggregate(**sums)
    keys = hashlib.sha256(row.get("keys", "").encode()).hexdigest()
    return _Found(holding, row["count"], row.get("latest"), keys)


def _has_account(found: Iterable[_Found]) -> bool:
    return any(item.count for item in found if model_of(item.holding) is get_user_model())


def _is_fixed(holding: Holding) -> bool:
    """True for what the person or others provided. What the site writes by itself (a visit, the trail, the file of this
    very request) changes while she reads the preview and must not make it void."""
    if holding.ledger or holding.source in {Source.OBSERVED, Source.DERIVED, Source.INFERRED}:
        return False
    purposes = catalogue().purposes
    return not all(purposes[code].act.startswith("GDPR") for code in holding.purposes)


def _digest(found: Iterable[_Found]) -> str:
    rows = sorted([item.holding.model, item.count, item.keys] for item in found if _is_fixed(item.holding))
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _lines(found: _Found) -> Iterator[PlanLine]:
    holding = found.holding
    if holding.erasure is Erasure.DELETE:
        yield PlanLine(holding.model, holding.label, Erasure.DELETE, found.count)
        return
    for verdict in (Erasure.BLANK, Erasure.DETACH):
        fields = [(name, item) for name, item in holding.personal.items() if item.on_erasure.verdict is verdict]
        if fields:
            yield PlanLine(holding.model, holding.label, verdict, found.count, _labels(holding, fields))
    for kept in dict.fromkeys(holding.kept.values()):
        yield _kept_line(found, kept)


def _kept_line(found: _Found, kept: OnErasure) -> PlanLine:
    holding = found.holding
    fields = [(name, item) for name, item in holding.personal.items() if item.on_erasure == kept]
    return PlanLine(
        holding.model,
        holding.label,
        Erasure.KEEP,
        found.count,
        fields=_labels(holding, fields),
        reason=kept.reason,
        act=kept.act,
        until=_until(found, kept),
        term=period(kept.until or holding.period).label,
    )


def _until(found: _Found, kept: OnErasure) -> date | None:
    """The last day of the row that stays longest; None where the count has not begun or a criterion decides."""
    holding = found.holding
    if found.latest is None:
        return None
    if holding.ends and kept.until in {"", holding.period}:
        return found.latest.astimezone(RIGA).date()
    if not holding.ends:
        end = period(kept.until or holding.period).ends_at(found.latest)
        return end and end.astimezone(RIGA).date()
    return None


def _labels(holding: Holding, fields: Iterable[tuple[str, Personal]]) -> tuple[Text, ...]:
    meta = model_of(holding)._meta
    return tuple(item.label or getattr(meta.get_field(name), "verbose_name", name) for name, item in fields)


def _created(now: datetime, archive_ends_at: datetime | None, *, already: set[str]) -> Iterator[PlanLine]:
    """What an erasure writes: the archive unless objected to, the journal with the receipt, the file of the case."""
    if archive_ends_at:
        yield _kept_copy(registry().holding("retention.ArchiveRecord"), archive_ends_at)
    for holding in registry().holdings:
        ends_at = period(holding.period).ends_at(now)
        # Where rows of the table stay anyway, one more of them needs no line of its own.
        if holding.written_by_erasure and ends_at and holding.model not in already:
            yield _kept_copy(holding, ends_at)


def _kept_copy(holding: Holding, ends_at: datetime) -> PlanLine:
    kept = next(iter(holding.kept.values()))
    return PlanLine(
        holding.model,
        holding.label,
        Erasure.KEEP,
        1,
        reason=kept.reason,
        act=kept.act,
        until=ends_at.astimezone(RIGA).date(),
        term=period(holding.period).label,
    )


def _stores() -> Iterator[PlanLine]:
    for store in registry().stores:
        rule = period(store.period)
        if store.erase_with:
            yield PlanLine(store.code, store.label, Erasure.DELETE, 0, (store.holds,))
        else:
            yield PlanLine(
                store.code,
                store.label,
                Erasure.KEEP,
                0,
                (store.holds,),
                _("goes by itself"),
                rule.source,
                None,
                rule.label,
            )


def _recipients(subject: Subject) -> Iterator[PlannedRecipient]:
    declared = catalogue().recipients
    for code, handler in handlers().items():
        if description := handler.describe(subject):
            yield PlannedRecipient(code, declared[code].name, description)
