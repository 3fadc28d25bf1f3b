"""The plan of an erasure: for every table what goes, what stays, why, under which act, until when (Art. 17; Q17.1)."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Max, Q, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue, period
from datamap.declarations import Holding, Personal
from datamap.periods import RIGA
from datamap.processors import handlers
from datamap.registry import model_of, registry
from datamap.standstill import is_accountability
from datamap.terms import Category, Erasure, OnErasure, Source, Text
from datamap.trace import Subject, rows_about
from retention import restriction
from retention.aside import is_taken
from retention.holds import active_holds, condition_of
from retention.precedence import Reason, keepers
from retention.standing import LegalHold


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What happens to some fields of some rows. `until` is the last possible day where it can be computed, `term` the
    words of the rule; both empty for what goes. `hold` is the legal hold that keeps the rows."""

    table: str
    label: Text
    action: Erasure
    count: int
    fields: tuple[Text, ...] = ()
    reason: Text = ""
    act: str = ""
    until: date | None = None
    term: Text = ""
    hold: UUID | None = None


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
    SHA-256 over the rows and the holds on them: the same as long as nothing was added or removed. `conflicts` says what
    was overruled (`retention.precedence`), `is_restricted` that Art. 18 keeps everything where it is.
    """

    lines: tuple[PlanLine, ...]
    created: tuple[PlanLine, ...]
    searched: tuple[Text, ...]
    stores: tuple[PlanLine, ...]
    recipients: tuple[PlannedRecipient, ...]
    archive_ends_at: datetime | None
    digest: str
    conflicts: tuple[Text, ...] = ()
    is_restricted: bool = False

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
    """What one table holds about the person: number of rows, latest counting instant, digest of the keys, the rows that
    each hold keeps (a row under two of them counts with the older one), and what happens to the row as a whole."""

    holding: Holding
    count: int
    latest: datetime | None
    keys: str
    held: tuple[tuple[LegalHold, int], ...]
    erasure: Erasure

    @property
    def free(self) -> int:
        """The rows that no hold keeps."""
        return self.count - sum(count for _hold, count in self.held)


def plan_erasure(subject: Subject, *, now: datetime, archive: bool, child: bool = False) -> ErasurePlan:
    """Say what an erasure at `now` would do, without changing anything.

    `archive` is False where the person objects to the six-year archive; somebody without an account has none. `child`
    is the erasure of a child's data: what she published goes too, and only holds that two people decided on stand.
    """
    holds = standing_holds(child=child)
    found = [_look(holding, subject, holds, child=child) for holding in registry().holdings]
    ends_at = period("ARCHIVE").ends_at(now) if archive and _has_account(found) else None
    return ErasurePlan(
        lines=tuple(line for item in found if item.count for line in _lines(item)),
        created=tuple(_created(now, ends_at, already={item.holding.model for item in found if item.count})),
        searched=tuple(item.holding.label for item in found if not item.count),
        stores=tuple(_stores()),
        recipients=tuple(_recipients(subject)),
        archive_ends_at=ends_at,
        digest=_digest(found),
        conflicts=tuple(_conflicts(found, subject, child=child)),
        is_restricted=Reason.RESTRICTION in keepers(wish(child=child)) and restriction.keeps(subject),
    )


def wish(*, child: bool) -> Reason:
    """As what an erasure stands in the order of reasons."""
    return Reason.CHILD if child else Reason.ERASURE


def standing_holds(*, child: bool) -> list[LegalHold]:
    """The holds that stand against an erasure; against a child's only those that two people decided on (X15)."""
    return [hold for hold in active_holds() if hold.is_confirmed or not child]


def erasure_of(holding: Holding, *, child: bool) -> Erasure:
    """What happens to the rows of a table; of a child nothing published stays, however de-authored (Q6.2)."""
    published = any(item.category is Category.PUBLIC_CONTENT for item in holding.personal.values())
    is_changed = holding.erasure is Erasure.BLANK and not holding.kept
    return Erasure.DELETE if child and published and is_changed else holding.erasure


def _look(holding: Holding, subject: Subject, holds: list[LegalHold], *, child: bool) -> _Found:
    holds = [hold for hold in holds if hold.table == holding.model and is_taken(holding)]
    rows = rows_about(holding, subject, owned_only=True).order_by()
    counting = holding.ends or holding.clock
    sums: dict[str, Any] = {"count": Count("pk", distinct=True)}
    if counting:
        sums["latest"] = Max(counting)
    if _is_fixed(holding):
        key = Cast("pk", TextField())
        sums["keys"] = StringAgg(key, Value(","), distinct=True, order_by=key, default=Value(""))
    older = Q()
    for number, hold in enumerate(holds):
        mine = condition_of(hold)
        sums[f"held_{number}"] = Count("pk", distinct=True, filter=mine & ~older if older else mine)
        older |= mine
    row = rows.aggregate(**sums)
    keys = hashlib.sha256(row.get("keys", "").encode()).hexdigest()
    held = tuple((hold, row[f"held_{number}"]) for number, hold in enumerate(holds) if row[f"held_{number}"])
    return _Found(holding, row["count"], row.get("latest"), keys, held, erasure_of(holding, child=child))


def _has_account(found: Iterable[_Found]) -> bool:
    return any(item.count for item in found if model_of(item.holding) is get_user_model())


def _is_fixed(holding: Holding) -> bool:
    """True for what the person or others provided. What the site writes by itself (a visit, the trail, the file of this
    very request) changes while she reads the preview and must not make it void."""
    if holding.ledger or holding.source in {Source.OBSERVED, Source.DERIVED, Source.INFERRED}:
        return False
    return not is_accountability(holding)


def _digest(found: list[_Found]) -> str:
    rows = sorted([item.holding.model, item.count, item.keys] for item in found if _is_fixed(item.holding))
    held = sorted(str(hold.pk) for item in found for hold, _count in item.held)
    return hashlib.sha256(json.dumps([rows, held] if held else rows).encode()).hexdigest()


def _lines(found: _Found) -> Iterator[PlanLine]:
    holding = found.holding
    yield from _held_lines(found)
    if found.erasure is Erasure.DELETE:
        if found.free:
            yield PlanLine(holding.model, holding.label, Erasure.DELETE, found.free)
        return
    for verdict in (Erasure.BLANK, Erasure.DETACH):
        fields = [(name, item) for name, item in holding.personal.items() if item.on_erasure.verdict is verdict]
        if fields and found.free:
            yield PlanLine(holding.model, holding.label, verdict, found.free, _labels(holding, fields))
    for kept in dict.fromkeys(holding.kept.values()):
        yield _kept_line(found, kept)


def _held_lines(found: _Found) -> Iterator[PlanLine]:
    """What a hold keeps, until when it is looked at again; of a secret one only that a law demands it (Art. 23)."""
    for hold, count in found.held:
        yield PlanLine(
            found.holding.model,
            found.holding.label,
            Erasure.KEEP,
            count,
            reason=_("kept because a law demands it") if hold.secrecy else _("kept sealed because of a legal hold"),
            act="GDPR Art. 17(3)" if hold.secrecy else hold.act,
            until=None if hold.secrecy else hold.review_on,
            term=period("HOLD").label,
            hold=hold.pk,
        )


def _conflicts(found: list[_Found], subject: Subject, *, child: bool) -> Iterator[Text]:
    """Every reason that had to give way, in a sentence: a conflict is reported, never silent."""
    if any(not hold.secrecy for item in found for hold, _count in item.held):
        yield _("A legal hold stands against this erasure: the held rows stay sealed until two people release it.")
    if restriction.keeps(subject):
        yield (
            _("The processing was restricted, but the data of a child go at once.")
            if child
            else _("The processing is restricted: nothing is erased before the restriction is lifted.")
        )
    if child and _is_held_by_one(found, subject):
        yield _("A legal hold that no second person confirmed gave way to the erasure of a child's data.")


def _is_held_by_one(found: list[_Found], subject: Subject) -> bool:
    tables = {item.holding.model: item.holding for item in found if item.count and is_taken(item.holding)}
    return any(
        rows_about(tables[hold.table], subject, owned_only=True).filter(condition_of(hold)).exists()
        for hold in active_holds().filter(confirmed_by=None)
        if hold.table in tables
    )


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
