"""The plan of an erasure: for every table what goes, what stays, why, under which act, until when (Art. 17; Q17.1)."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Max, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.refusing import objectors_to
from datamap.registry import model_of, registry
from datamap.standstill import is_accountability
from datamap.terms import Category, Erasure, Source, Text
from datamap.trace import Subject, rows_about
from retention import restriction
from retention.aside import is_taken
from retention.holds import active_holds, condition_of
from retention.plan_lines import lines_of, lines_of_objection, lines_of_stores, lines_written, planned_recipients
from retention.planned import ARCHIVE, ErasurePlan, Found, PlanLine, PlannedRecipient
from retention.precedence import Reason, keepers
from retention.standing import LegalHold

__all__ = [
    "ErasurePlan",
    "PlanLine",
    "PlannedRecipient",
    "erasure_of",
    "plan_erasure",
    "standing_holds",
    "wish",
]


def plan_erasure(subject: Subject, *, now: datetime, archive: bool, child: bool = False) -> ErasurePlan:
    """Say what an erasure at `now` would do, without changing anything.

    `archive` is False where the person objects to the six-year archive, that of an earlier account included; somebody
    without an account gets none. The digest is the same with and without. `child` is the erasure of a child's data:
    what she published goes too, and only holds that two people decided on stand. Whoever has objected to claims before
    gets no archive either, whatever `archive` says (Art. 21(1)).
    """
    archive = archive and not _objected_before(subject)
    holds = standing_holds(child=child)
    found = [part for holding in registry().holdings for part in _looks(holding, subject, holds, child=child)]
    decided = found if archive else [_objected(item) for item in found]
    ends_at = period("ARCHIVE").ends_at(now) if archive and _has_account(found) else None
    return ErasurePlan(
        lines=tuple(line for item in decided if item.count for line in lines_of(item)),
        created=tuple(lines_written(now, ends_at, already={item.holding.model for item in found if item.count})),
        searched=tuple(item.holding.label for item in found if not item.count),
        stores=tuple(lines_of_stores()),
        recipients=tuple(planned_recipients(subject)),
        archive_ends_at=ends_at,
        digest=_digest(found),
        conflicts=tuple(_conflicts(decided, subject, child=child)),
        is_restricted=Reason.RESTRICTION in keepers(wish(child=child)) and restriction.keeps(subject),
        objected=not archive,
        older_archive=tuple(lines_of_objection(found)),
    )


def _objected(found: Found) -> Found:
    """With an objection no archive is left, that of an earlier account neither (policy clause 10)."""
    return replace(found, erasure=Erasure.DELETE) if found.is_archive else found


def _objected_before(subject: Subject) -> bool:
    """True where an objection stands to every purpose that the archive has: nothing else would justify it."""
    purposes = registry().holding(ARCHIVE).purposes
    return subject.user_id is not None and all(subject.user_id in objectors_to(code) for code in purposes)


def wish(*, child: bool) -> Reason:
    """As what an erasure stands in the order of reasons."""
    return Reason.CHILD if child else Reason.ERASURE


def standing_holds(*, child: bool) -> list[LegalHold]:
    """The holds that stand against an erasure; against a child's only those that two people decided on (X15)."""
    return [hold for hold in active_holds() if hold.is_confirmed or not child]


def erasure_of(holding: Holding, *, child: bool) -> Erasure:
    """What happens to the rows of a table; of a child nothing published stays, however de-authored (Q6.2)."""
    published = any(item.category is Category.PUBLIC_CONTENT for item in holding.personal.values())
    stays = {name for name in holding.kept if holding.personal[name].category is not Category.PUBLIC_CONTENT}
    is_changed = holding.erasure is Erasure.BLANK and not stays
    return Erasure.DELETE if child and published and is_changed else holding.erasure


def _looks(holding: Holding, subject: Subject, holds: list[LegalHold], *, child: bool) -> Iterator[Found]:
    """What one table holds; rows that nobody else ever saw apart, because they go where the others stay."""
    rows, erasure = rows_about(holding, subject, owned_only=True).order_by(), erasure_of(holding, child=child)
    own = holding.unpublished if erasure is Erasure.BLANK else None
    yield _look(holding, rows.exclude(**own.where) if own else rows, holds, erasure)
    if own:
        part = _look(replace(holding, label=own.label), rows.filter(**own.where), holds, Erasure.DELETE)
        yield from [part] if part.count else []


def _look(holding: Holding, rows: QuerySet[Any], holds: list[LegalHold], erasure: Erasure) -> Found:
    holds = [hold for hold in holds if hold.table == holding.model and _may_go(holding)]
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
    return Found(holding, row["count"], row.get("latest"), keys, held, erasure)


def _may_go(holding: Holding) -> bool:
    """True where an erasure can take or change rows, so that a hold has something to stand against."""
    return is_taken(holding) or holding.model == ARCHIVE


def _has_account(found: Iterable[Found]) -> bool:
    return any(item.count for item in found if model_of(item.holding) is get_user_model())


def _is_fixed(holding: Holding) -> bool:
    """True for what the person or others provided, and for an archive that an objection would destroy. What the site
    writes by itself (a visit, the trail, the file of this very request) changes while she reads the preview and must
    not make it void."""
    if holding.model == ARCHIVE:
        return True
    if holding.ledger or holding.source in {Source.OBSERVED, Source.DERIVED, Source.INFERRED}:
        return False
    return not is_accountability(holding)


def _digest(found: list[Found]) -> str:
    rows = sorted([item.holding.model, item.count, item.keys] for item in found if _is_fixed(item.holding))
    held = sorted(str(hold.pk) for item in found for hold, _count in item.held)
    declared = sorted(_declared(item.holding) for item in found)
    return hashlib.sha256(json.dumps([rows, held, declared]).encode()).hexdigest()


def _declared(holding: Holding) -> list[Any]:
    """What this version of the code does to a table: after a deployment that changes it, the person confirms anew."""
    fates = [
        [name, item.on_erasure.verdict.value, item.on_erasure.act, item.on_erasure.until, item.archive]
        for name, item in sorted(holding.personal.items())
    ]
    own = {**holding.unpublished.where, "period": holding.unpublished.period} if holding.unpublished else {}
    ways = [holding.erase_with, holding.cleans_with, own]
    return [holding.model, *ways, holding.period, repr(period(holding.period).term), fates]


def _conflicts(found: list[Found], subject: Subject, *, child: bool) -> Iterator[Text]:
    """Every reason that had to give way, in a sentence: a conflict is reported, never silent."""
    stopped = [hold for item in found if item.erasure is not Erasure.KEEP for hold, _count in item.held]
    if any(not hold.secrecy for hold in stopped):
        yield _("A legal hold stands against this erasure: the held rows stay sealed until two people release it.")
    if restriction.keeps(subject):
        yield (
            _("The processing was restricted, but the data of a child go at once.")
            if child
            else _("The processing is restricted: nothing is erased before the restriction is lifted.")
        )
    if child and _is_held_by_one(found, subject):
        yield _("A legal hold that no second person confirmed gave way to the erasure of a child's data.")


def _is_held_by_one(found: list[Found], subject: Subject) -> bool:
    tables = {item.holding.model: item.holding for item in found if item.count and _may_go(item.holding)}
    return any(
        rows_about(tables[hold.table], subject, owned_only=True).filter(condition_of(hold)).exists()
        for hold in active_holds().filter(confirmed_by=None)
        if hold.table in tables
    )
