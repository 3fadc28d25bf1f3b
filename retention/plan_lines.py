"""The lines of a plan: what of one table goes or stays, what the erasure writes, who else is told (Art. 17; Q17.1)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue, period
from datamap.declarations import Holding, Personal
from datamap.periods import RIGA
from datamap.processors import handlers
from datamap.registry import model_of, registry
from datamap.terms import Erasure, OnErasure, Text
from datamap.trace import Subject
from retention.planned import ARCHIVE, Found, PlanLine, PlannedRecipient
from retention.standing import LegalHold

EARLIER: Final = _("Six-year archive of an earlier account under your address, with its key")


def lines_of(found: Found) -> Iterator[PlanLine]:
    """What happens to the rows of one table: those under a hold first, then what goes, then what stays."""
    if found.is_archive and found.erasure is Erasure.KEEP:  # nothing wants it gone, so no hold stands against anything
        yield from (_kept_line(found, kept) for kept in dict.fromkeys(found.holding.kept.values()))
        return
    yield from _held_lines(found)
    holding = found.holding
    if found.erasure is Erasure.DELETE:
        if found.free:
            yield PlanLine(holding.model, _label(found), Erasure.DELETE, found.free)
        return
    for verdict in (Erasure.BLANK, Erasure.DETACH):
        fields = [(name, item) for name, item in holding.personal.items() if item.on_erasure.verdict is verdict]
        if fields and found.free:
            yield PlanLine(holding.model, holding.label, verdict, found.free, _labels(holding, fields))
    yield from (_kept_line(found, kept) for kept in dict.fromkeys(holding.kept.values()))


def lines_of_objection(found: Iterable[Found]) -> Iterator[PlanLine]:
    """What an objection does to archive records that stand already: they go with their keys but for held ones."""
    for item in found:
        if item.is_archive and item.count:
            yield from lines_of(replace(item, erasure=Erasure.DELETE))


def _label(found: Found) -> Text:
    return EARLIER if found.is_archive else found.holding.label


def _held_lines(found: Found) -> Iterator[PlanLine]:
    for hold, count in found.held:
        yield held_line(hold, count, label=_label(found))


def held_line(hold: LegalHold, count: int, *, label: Text) -> PlanLine:
    """What a hold keeps, until when it is looked at again; of a secret one only that a law demands it (Art. 23)."""
    return PlanLine(
        hold.table,
        label,
        Erasure.KEEP,
        count,
        reason=_("kept because a law demands it") if hold.secrecy else _("kept sealed because of a legal hold"),
        act="GDPR Art. 17(3)" if hold.secrecy else hold.act,
        until=None if hold.secrecy else hold.review_on,
        term=period("HOLD").label,
        hold=hold.pk,
    )


def _kept_line(found: Found, kept: OnErasure) -> PlanLine:
    holding = found.holding
    fields = [(name, item) for name, item in holding.personal.items() if item.on_erasure == kept]
    return PlanLine(
        holding.model,
        _label(found),
        Erasure.KEEP,
        found.count,
        fields=_labels(holding, fields),
        reason=kept.reason,
        act=kept.act,
        until=_until(found, kept),
        term=period(kept.until or holding.period).label,
    )


def _until(found: Found, kept: OnErasure) -> date | None:
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


def lines_written(now: datetime, archive_ends_at: datetime | None, *, already: set[str]) -> Iterator[PlanLine]:
    """What an erasure writes: the archive unless objected to, the journal with the receipt, the file of the case."""
    if archive_ends_at:
        yield _kept_copy(registry().holding(ARCHIVE), archive_ends_at)
    for holding in registry().holdings:
        ends_at = period(holding.period).ends_at(now)
        # Where rows of the table stay anyway, one more of them needs no line of its own.
        if holding.written_by_erasure and holding.model not in already:
            yield _kept_copy(holding, ends_at)


def _kept_copy(holding: Holding, ends_at: datetime | None) -> PlanLine:
    kept = next(iter(holding.kept.values()))
    return PlanLine(
        holding.model,
        holding.label,
        Erasure.KEEP,
        1,
        reason=kept.reason,
        act=kept.act,
        until=ends_at and ends_at.astimezone(RIGA).date(),
        term=period(holding.period).label,
    )


def lines_of_stores() -> Iterator[PlanLine]:
    """What happens outside the tables: caches, files, the browser."""
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


def planned_recipients(subject: Subject) -> Iterator[PlannedRecipient]:
    """The recipients that hold something of the person, and what."""
    declared = catalogue().recipients
    for code, handler in handlers().items():
        if description := handler.describe(subject):
            yield PlannedRecipient(code, declared[code].name, description)
