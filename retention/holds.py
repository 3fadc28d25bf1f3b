"""Legal holds: named rows that neither time nor an erasure takes; two people release them (Art. 17(3))."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import is_aware
from django.utils.translation import gettext_lazy as _

from audit import trail
from audit.trail import Actor
from datamap.catalogue import length_of, period
from datamap.declarations import Holding, Via
from datamap.periods import RIGA
from datamap.registry import model_of, registry
from datamap.standstill import Tells, deciding
from datamap.terms import SubjectKey, Text
from datamap.trace import Subject, rows_about
from outbox.doorbell import doorbell
from retention import aside
from retention.letting_go import let_go
from retention.remembering import note_hold
from retention.standing import HeldCopy, HoldGround, LegalHold

log = logging.getLogger(__name__)

LOWER: Final = frozenset({"gte", "gt"})
UPPER: Final = frozenset({"lte", "lt"})
LOOKUPS: Final = frozenset({"exact", "in"}) | LOWER | UPPER
MOST_ROWS: Final = 200
"""What more rows need is no hold on named records any more."""


class HoldRefused(Exception):
    """Nothing was changed; the message is the sentence for staff, `field` the input that it speaks of."""

    def __init__(self, message: Text, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True)
class NewHold:
    """What a hold says: which rows, why, on which ground and act, who answers for it, and when it is looked at again.

    `query` maps declared fields, with a lookup such as `__in` or `__gte` if need be, to plain JSON values.
    """

    table: str
    query: dict[str, Any]
    case_number: str
    reason: str
    ground: HoldGround
    act: str
    owner: UUID
    review_on: date
    secrecy: str = ""


def place(new: NewHold, *, by: models.Model, now: datetime) -> LegalHold:
    """Hold the named rows from now on. Raises HoldRefused for an account, for nothing, for unknown fields."""
    holding = _holdable(new.table)
    _check_query(holding, new.query)
    _check_words(new.reason, new.act, new.case_number)
    _check_review(new.review_on, now)
    hold = LegalHold(
        table=holding.model,
        query=new.query,
        case_number=new.case_number,
        reason=new.reason,
        ground=HoldGround(new.ground),
        act=new.act,
        secrecy=new.secrecy,
        owner=new.owner,
        reviewed_on=_today(now),
        review_on=new.review_on,
        placed_by=by.pk,
        placed_at=now,
    )
    with transaction.atomic():
        deciding()
        _check_reach(holding, hold)
        hold.save(force_insert=True)
        _record("hold.placed", hold, by=by, reason=new.reason, now=now)
    return hold


def confirm(hold_id: UUID, *, by: models.Model, reason: str, now: datetime) -> LegalHold:
    """The second person: from now on the hold stands also against the erasure of a child's data (X15)."""
    with transaction.atomic():
        deciding()
        hold = _locked(hold_id)
        if hold.is_confirmed:
            raise HoldRefused(_("This hold is confirmed already."))
        if hold.placed_by == by.pk:
            raise HoldRefused(_("Whoever placed the hold cannot confirm it: another person must."))
        hold.confirmed_by, hold.confirmed_at = by.pk, now
        hold.save(update_fields=["confirmed_by", "confirmed_at"])
        _record("hold.confirmed", hold, by=by, reason=reason, now=now)
    return hold


def review(hold_id: UUID, *, review_on: date, by: models.Model, reason: str, now: datetime) -> LegalHold:
    """Look at the hold again and keep it: the next look is due by `review_on`, half a year on at most."""
    _check_review(review_on, now)
    with transaction.atomic():
        hold = _locked(hold_id)
        hold.reviewed_on, hold.review_on = _today(now), review_on
        hold.save(update_fields=["reviewed_on", "review_on"])
        _record("hold.reviewed", hold, by=by, reason=reason, now=now)
    return hold


def propose_release(hold_id: UUID, *, by: models.Model, reason: str, now: datetime) -> LegalHold:
    """The first of the two who release a hold."""
    with transaction.atomic():
        hold = _locked(hold_id)
        if hold.release_proposed_by is not None:
            raise HoldRefused(_("The release is proposed already."))
        hold.release_proposed_by, hold.release_proposed_at = by.pk, now
        hold.save(update_fields=["release_proposed_by", "release_proposed_at"])
        _record("hold.release_proposed", hold, by=by, reason=reason, now=now)
    return hold


def decline_release(hold_id: UUID, *, by: models.Model, reason: str, now: datetime) -> LegalHold:
    """The second says no: the hold stays, and the release must be proposed anew."""
    with transaction.atomic():
        hold = _locked(hold_id)
        if hold.release_proposed_by is None:
            raise HoldRefused(_("Nobody has proposed the release yet."))
        if hold.release_proposed_by == by.pk:
            raise HoldRefused(_("Whoever proposed the release cannot decline it: another person must."))
        hold.release_proposed_by = hold.release_proposed_at = None
        hold.save(update_fields=["release_proposed_by", "release_proposed_at"])
        _record("hold.release_declined", hold, by=by, reason=reason, now=now)
    return hold


def release(hold_id: UUID, *, by: models.Model, reason: str, now: datetime) -> LegalHold:
    """The second: what erasures had to leave goes at once, with new receipts; the purge is rung for the rest."""
    with transaction.atomic():
        deciding()
        hold = _locked(hold_id)
        if hold.release_proposed_by is None:
            raise HoldRefused(_("Nobody has proposed the release yet."))
        if hold.release_proposed_by == by.pk:
            raise HoldRefused(_("Whoever proposed the release cannot carry it out: another person must."))
        hold.released_by, hold.released_at = by.pk, now
        hold.ends_at = period("CASE_FILE").ends_at(now)
        hold.save(update_fields=["released_by", "released_at", "ends_at"])
        erased = let_go(hold, now=now)
        _record("hold.released", hold, by=by, reason=reason, now=now, erasures=erased)
        transaction.on_commit(lambda: doorbell.ring("retention.purge"), robust=True)
    return hold


def latest_review(*, now: datetime) -> date:
    """The last day for which the next look at a hold can be set."""
    return _today(now) + length_of("HOLD_REVIEW")


def active_holds() -> QuerySet[LegalHold]:
    """The holds that are in force, the oldest first."""
    return LegalHold.objects.filter(released_at=None).order_by("placed_at", "pk")


def reviews_due(*, today: date) -> QuerySet[LegalHold]:
    """Holds that nobody has looked at again in time."""
    return active_holds().filter(review_on__lte=today)


def reviews_missed(*, now: datetime) -> QuerySet[LegalHold]:
    """Holds whose day has passed without a look: an alarm, because nobody can say any more why they stand."""
    return active_holds().filter(review_on__lt=_today(now))


def condition_of(hold: LegalHold) -> Q:
    """The rows of its table that this hold covers."""
    return Q(**hold.query)


def keeping() -> Tells:
    """The rows of each table under any hold: the answer to `datamap.standstill.kept_back`."""
    holds: dict[str, list[Q]] = {}
    for hold in active_holds():
        holds.setdefault(hold.table, []).append(condition_of(hold))
    return lambda holding: reduce(or_, holds.get(holding.model, ()), Q())


def numbers_of_holds(user_ids: Iterable[UUID]) -> QuerySet[LegalHold, UUID]:
    """The open holds that concern these accounts, for their access answers; secret ones are not told of (Art. 23)."""
    subjects = [Subject(user_id=user_id) for user_id in user_ids]
    found = {hold.pk for hold in active_holds().filter(secrecy="") if any(_concerns(hold, one) for one in subjects)}
    copies = aside.copies_of(subject.user_id for subject in subjects).filter(hold__secrecy="")
    return LegalHold.objects.filter(Q(pk__in=found) | Q(pk__in=copies.values("hold_id"))).values_list("pk", flat=True)


def numbers_of_holds_under(addresses: Iterable[str]) -> QuerySet[HeldCopy, UUID]:
    """The open holds that keep rows of people who were erased under these addresses, but for secret ones."""
    return aside.copies_under(addresses).filter(hold__secrecy="").values_list("hold_id", flat=True)


def _check_reach(holding: Holding, hold: LegalHold) -> None:
    """Judge by the rows that it covers, whatever its words are: some, not too many, and nobody's all."""
    try:
        covered = model_of(holding)._base_manager.filter(condition_of(hold)).order_by()
        count = covered[: MOST_ROWS + 1].count()
    except (TypeError, ValueError):
        raise HoldRefused(_("These rows cannot be found by their sealed fields."), field="query") from None
    if not count:
        raise HoldRefused(_("No row fits. A hold begins with rows that exist."), field="query")
    if count > MOST_ROWS:
        sentence = _("This covers more than %(count)s rows. Name only the records that are needed.")
        raise HoldRefused(sentence % {"count": MOST_ROWS}, field="query")
    if not _names_each_row(holding, hold.query) and _takes_all(holding, covered):
        raise HoldRefused(_ALL, field="query")


_ALL: Final = _(
    "This covers the whole table, or all that it holds about somebody. Name the records that are needed by their ids."
)


def _names_each_row(holding: Holding, query: dict[str, Any]) -> bool:
    names = {"pk", _key_name(holding)}
    return any(key in names | {f"{name}__in" for name in names} for key in query)


def _takes_all(holding: Holding, covered: QuerySet[Any]) -> bool:
    left = model_of(holding)._base_manager.exclude(pk__in=covered.values("pk"))
    if not left.exists():
        return True
    for path in _ways(holding):
        people = {value for value in covered.values_list(path, flat=True) if value}
        if people - set(left.filter(**{f"{path}__in": people}).values_list(path, flat=True)):
            return True
    return False


def _ways(holding: Holding) -> set[str]:
    return {way.path if isinstance(way, Via) else way for _kind, way in holding.ways}


def _key_name(holding: Holding) -> str:
    key = model_of(holding)._meta.pk
    return "" if key is None else key.name


def _concerns(hold: LegalHold, subject: Subject) -> bool:
    rows = rows_about(registry().holding(hold.table), subject, owned_only=True)
    return rows.filter(condition_of(hold)).exists()


def _locked(hold_id: UUID) -> LegalHold:
    hold = LegalHold.objects.select_for_update().get(pk=hold_id)
    if hold.released_at is not None:
        raise HoldRefused(_("This hold is released already."))
    return hold


def is_holdable(holding: Holding) -> bool:
    """Whether rows of this table can be held at all: no accounts, no keys or files, nothing of our own record."""
    return not (_is_account(holding) or _is_ours(holding))


def _holdable(table: str) -> Holding:
    try:
        holding = registry().holding(table)
    except KeyError:
        raise HoldRefused(_("There is no table with personal data of this name."), field="table") from None
    if _is_account(holding):
        raise HoldRefused(_ACCOUNT, field="table")
    if _is_ours(holding):
        sentence = _("Rows of this table cannot be held: they hold no more than keys, files or our own record.")
        raise HoldRefused(sentence, field="table")
    return holding


def _is_account(holding: Holding) -> bool:
    return holding.about.get(SubjectKey.USER) == "pk"


def _is_ours(holding: Holding) -> bool:
    is_of_retention = holding.model.startswith("retention.") and holding.model != "retention.ArchiveRecord"
    return bool(holding.erase_with or holding.files_with) or is_of_retention


_ACCOUNT: Final = _("A hold never covers a whole account. Name the records that are needed, table by table.")


def _check_query(holding: Holding, query: dict[str, Any]) -> None:
    if not query:
        raise HoldRefused(_("Say which rows: a hold on a whole table is none."), field="query")
    names = {_check_lookup(holding, key, value) for key, value in query.items()}
    if names <= _ways(holding):
        raise HoldRefused(_ACCOUNT, field="query")
    _check_ranges(holding, query)


def _check_ranges(holding: Holding, query: dict[str, Any]) -> None:
    """What is open above takes in every row that is still to come; a range of ids needs both its ends."""
    ranges: dict[str, set[str]] = {}
    for key in query:
        name, _separator, lookup = key.partition("__")
        if lookup in LOWER | UPPER:
            ranges.setdefault(name, set()).add(lookup)
    for name, bounds in ranges.items():
        is_key = name in {"pk", _key_name(holding)}
        if not bounds & UPPER or (is_key and not bounds & LOWER):
            raise HoldRefused(
                _("%(name)s needs an end: a hold takes no row that is still to come.") % {"name": name}, field="query"
            )


def _check_lookup(holding: Holding, key: str, value: Any) -> str:
    """The field of one lookup, if the model and the declaration know it and the value fits."""
    name, _separator, lookup = key.partition("__")
    meta = model_of(holding)._meta
    fields: dict[str, Any] = {field.name: field for field in meta.concrete_fields}
    if name == "pk" and meta.pk is not None:
        name = meta.pk.name
    if name not in fields or name not in {*holding.personal, *holding.neutral}:
        raise HoldRefused(_("The table has no field %(name)s.") % {"name": name}, field="query")
    if (lookup or "exact") not in LOOKUPS:
        raise HoldRefused(_("%(name)s cannot be asked this way.") % {"name": key}, field="query")
    values = value if lookup == "in" else [value]
    if not (isinstance(values, list) and values and all(_fits(fields[name], item) for item in values)):
        raise HoldRefused(_("The value of %(name)s does not fit the field.") % {"name": key}, field="query")
    return name


def _fits(field: Any, value: Any) -> bool:
    if value is None or isinstance(value, dict | list):
        return False
    target = field.target_field if field.is_relation else field
    if isinstance(target, models.DateTimeField):
        moment = parse_datetime(value) if isinstance(value, str) else None
        return moment is not None and is_aware(moment)
    try:
        target.to_python(value)
    except (ValidationError, ValueError, TypeError):
        return False
    return True


def _check_words(*words: str) -> None:
    if not all(word.strip() for word in words):
        raise HoldRefused(_("A hold needs a case, a reason and an act."))


def _check_review(review_on: date, now: datetime) -> None:
    latest = latest_review(now=now)
    if not _today(now) < review_on <= latest:
        sentence = _("The next look must be due within half a year, on %(day)s at the latest.") % {
            "day": date_format(latest)
        }
        raise HoldRefused(sentence, field="review_on")


def _today(now: datetime) -> date:
    return now.astimezone(RIGA).date()


def _record(action: str, hold: LegalHold, *, by: models.Model, reason: str, now: datetime, erasures: int = 0) -> None:
    """Into the trail what was done; why stays with the hold and ends with it, since words of staff may name people."""
    if not reason.strip():
        raise HoldRefused(_("Please say why."), field="reason")
    hold.history = [*hold.history, entry(action, by=by, reason=reason, now=now)]
    hold.save(update_fields=["history"])
    details: dict[str, str | int] = {"table": hold.table, "case": hold.case_number, "erasures": erasures}
    trail.record(action, actor=Actor.of(by), about=hold, details=details, now=now)
    note_hold(action, hold, now=now)
    log.info("%s %s", action, hold.pk)


def entry(action: str, *, by: models.Model, reason: str, now: datetime) -> dict[str, str]:
    """One line of what was decided, when, by whom, and why."""
    return {"at": now.isoformat(), "action": action, "by": str(by.pk), "reason": reason}
