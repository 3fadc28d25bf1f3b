"""The breach register and its clock: 72 elapsed hours from awareness, every step written down (Art. 33, 34).

The words of an entry may not name a data subject: addresses, telephone numbers and personal codes are refused.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction
from django.utils.translation import gettext as _

from audit import trail
from audit.ledger import append, lock
from audit.trail import Actor
from datamap.periods import RIGA
from datamap.terms import Category, Text
from dsar.deadlines import Deadline, breach_notice_due
from registers.models import Breach, BreachEntry
from registers.refusals import RegisterRefused
from registers.remembering import remember
from registers.terms import ALARM_BEFORE, Exemption, ReportedBy, Risk

log = logging.getLogger(__name__)

DESCRIBED: Final = (
    "facts",
    "confidentiality",
    "integrity",
    "availability",
    "started_at",
    "processor",
    "processor_notice_at",
    "subject_groups",
    "subject_count",
    "record_count",
    "data_categories",
    "consequences",
    "measures_taken",
    "measures_proposed",
    "contact",
)
"""What can be added and corrected while a breach is open; the moment of awareness cannot: the clock hangs on it."""

_PERSONAL: Final = re.compile(r"\S@\S|\b\d{6}-?\d{5}\b|(?<!\w)\+\d[\d\s-]{6,}|\b\d{1,3}(?:\.\d{1,3}){3}\b")


@dataclass(frozen=True, slots=True)
class NewBreach:
    """What is known when a breach enters the register; `aware_at` starts the clock (Art. 33(1))."""

    facts: str
    discovered_at: datetime
    aware_at: datetime
    reported_by: ReportedBy
    confidentiality: bool = False
    integrity: bool = False
    availability: bool = False


def open_breach(new: NewBreach, *, by: models.Model, now: datetime) -> Breach:
    """Enter a breach. Raises RegisterRefused without facts or nature, and for moments out of order or to come."""
    if not (new.confidentiality or new.integrity or new.availability):
        raise RegisterRefused(_("Say what was hurt: confidentiality, integrity or availability."))
    breach = Breach(
        facts=new.facts,
        discovered_at=new.discovered_at,
        aware_at=new.aware_at,
        reported_by=new.reported_by,
        confidentiality=new.confidentiality,
        integrity=new.integrity,
        availability=new.availability,
    )
    _check_words({"facts": new.facts}, needed=("facts",))
    _check_moments(breach, now)
    with transaction.atomic():
        lock(BreachEntry)
        breach.number = _next_number(now)
        breach.save(force_insert=True)
        _enter(breach, "opened", [*_names(new), "number"], by=by, now=now)
    log.warning("breach %s entered", breach.number)
    return breach


def describe(number: str, values: Mapping[str, Any], *, by: models.Model, now: datetime) -> Breach:
    """Add to or correct the facts of an open breach; `values` are fields of DESCRIBED."""
    if unknown := set(values) - set(DESCRIBED):
        raise RegisterRefused(_("This cannot be changed: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    _check_words(values)
    with transaction.atomic():
        breach = _open_one(number)
        changed = [name for name, value in values.items() if getattr(breach, name) != value]
        for name in changed:
            setattr(breach, name, values[name])
        if not (breach.confidentiality or breach.integrity or breach.availability):
            raise RegisterRefused(_("Say what was hurt: confidentiality, integrity or availability."))
        _check_moments(breach, now)
        _check_categories(breach.data_categories)
        return _step(breach, "described", changed, by=by, now=now)


def assess(number: str, risk: Risk, reasons: str, *, by: models.Model, now: datetime) -> Breach:
    """Judge the risk to the people, with reasons; a later look may come to another end."""
    if risk is Risk.UNKNOWN:
        raise RegisterRefused(_("Choose the outcome of the assessment."))
    _check_words({"risk_reasons": reasons}, needed=("risk_reasons",))
    with transaction.atomic():
        breach = _open_one(number)
        breach.risk, breach.risk_reasons, breach.assessed_at = risk, reasons, now
        return _step(breach, "assessed", ["risk", "risk_reasons", "assessed_at"], by=by, now=now)


@dataclass(frozen=True, slots=True)
class AuthorityNotice:
    """One phase of the notice to the authority: when it was sent, what it told, whether it was the last (33(4))."""

    sent_at: datetime
    told: str
    is_last: bool
    reference: str = ""
    late_reason: str = ""


def notify(number: str, notice: AuthorityNotice, *, by: models.Model, now: datetime) -> Breach:
    """Write down that the authority was told. The first phase after the 72 hours needs the reason why (Art. 33(1))."""
    words = {"told": notice.told, "late_reason": notice.late_reason, "authority_reference": notice.reference}
    _check_words(words, needed=("told",))
    if notice.sent_at > now:
        raise RegisterRefused(_("What lies in the future has not happened yet."))
    with transaction.atomic():
        breach = _open_one(number)
        if notice.sent_at < breach.aware_at:
            raise RegisterRefused(_("The authority cannot have been told before we knew."))
        fields = ["phases"]
        if breach.notified_at is None:
            fields += _first_phase(breach, notice)
        breach.phases = [*breach.phases, {"at": notice.sent_at.isoformat(), "told": notice.told}]
        if notice.reference:
            breach.authority_reference = notice.reference
            fields.append("authority_reference")
        if notice.is_last:
            breach.notified_completely_at = notice.sent_at
            fields.append("notified_completely_at")
        return _step(breach, "authority_told", fields, by=by, now=now)


def _first_phase(breach: Breach, notice: AuthorityNotice) -> list[str]:
    if deadline_of(breach).is_overdue(notice.sent_at):
        if not notice.late_reason.strip():
            raise RegisterRefused(_("More than 72 hours have passed: the notice must say why it is late."))
        breach.late_reason = notice.late_reason
    breach.notified_at = notice.sent_at
    return ["notified_at", "late_reason"]


def tell_people(number: str, text: str, *, sent_at: datetime, by: models.Model, now: datetime) -> Breach:
    """Write down that the people were told, and in which words (Art. 34(2))."""
    _check_words({"told_text": text}, needed=("told_text",))
    if sent_at > now:
        raise RegisterRefused(_("What lies in the future has not happened yet."))
    with transaction.atomic():
        breach = _open_one(number)
        breach.told_at, breach.told_text = sent_at, text
        return _step(breach, "people_told", ["told_at", "told_text"], by=by, now=now)


def exempt(number: str, exemption: Exemption, reasons: str, *, by: models.Model, now: datetime) -> Breach:
    """Write down why the people need not be told (Art. 34(3))."""
    if exemption is Exemption.NONE:
        raise RegisterRefused(_("Choose which exemption of Art. 34(3) GDPR applies."))
    _check_words({"exemption_reason": reasons}, needed=("exemption_reason",))
    with transaction.atomic():
        breach = _open_one(number)
        breach.exemption, breach.exemption_reason = exemption, reasons
        return _step(breach, "exempted", ["exemption", "exemption_reason"], by=by, now=now)


def close(number: str, lessons: str, *, by: models.Model, now: datetime) -> Breach:
    """Close a breach whose every column is filled in. Raises RegisterRefused with what is missing."""
    _check_words({"lessons": lessons}, needed=("lessons",))
    with transaction.atomic():
        breach = _open_one(number)
        if missing := list(missing_columns(breach)):
            raise RegisterRefused(_("Still missing: %(columns)s.") % {"columns": ", ".join(map(str, missing))})
        breach.lessons, breach.closed_at = lessons, now
        return _step(breach, "closed", ["lessons", "closed_at"], by=by, now=now)


def missing_columns(breach: Breach) -> Iterator[Text]:
    """What a breach lacks before it can be closed."""
    needed = ["subject_groups", "data_categories", "consequences", "measures_taken", "contact", "risk"]
    if breach.risk in {Risk.RISK, Risk.HIGH}:
        needed += ["notified_at", "notified_completely_at", "authority_reference"]
    for name in (*needed, "subject_count", "record_count"):
        if getattr(breach, name) in ("", None, []):
            yield _label(name)
    if breach.reported_by == ReportedBy.PROCESSOR and breach.processor_notice_at is None:
        yield _label("processor_notice_at")
    if breach.risk == Risk.HIGH and breach.told_at is None and not breach.exemption:
        yield _("telling the people, or why they need not be told")


def _label(name: str) -> Text:
    label: Text = Breach._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return label


def deadline_of(breach: Breach) -> Deadline:
    """72 elapsed hours from awareness, computed anew each time (clauses.md C9)."""
    return breach_notice_due(breach.aware_at)


def alarm_of(breach: Breach, *, now: datetime) -> str:
    """`late`, `unassessed` or `untold` where somebody must act at once; empty where nothing presses.

    From 24 hours before the due time on a breach without assessment, and one that must be told and is not.
    """
    due = deadline_of(breach).ends_before_utc
    if breach.closed_at or breach.notified_at or breach.risk == Risk.NONE or due is None or now < due - ALARM_BEFORE:
        return ""
    if now >= due:
        return "late"
    return "untold" if breach.risk else "unassessed"


def entries_of(breach: Breach) -> models.QuerySet[BreachEntry]:
    """What was entered, in order."""
    return BreachEntry.objects.filter(number=breach.number).order_by("id")


def _open_one(number: str) -> Breach:
    breach = Breach.objects.select_for_update().get(number=number)
    if breach.closed_at is not None:
        raise RegisterRefused(_("This breach is closed."))
    return breach


def _next_number(now: datetime) -> str:
    year = now.astimezone(RIGA).year
    return f"B-{year}-{Breach.objects.filter(number__startswith=f'B-{year}-').count() + 1:03}"


def _names(new: NewBreach) -> list[str]:
    return [name for name in new.__dataclass_fields__ if getattr(new, name) not in ("", None)]


def _check_words(values: Mapping[str, Any], *, needed: tuple[str, ...] = ()) -> None:
    if any(not str(values[name]).strip() for name in needed):
        raise RegisterRefused(_("Please say it in words: this column cannot stay empty."))
    if any(isinstance(value, str) and _PERSONAL.search(value) for value in values.values()):
        raise RegisterRefused(
            _("The breach register names no data subject: please leave out addresses, numbers and personal codes.")
        )


def _check_moments(breach: Breach, now: datetime) -> None:
    known = [moment for moment in (breach.started_at, breach.discovered_at, breach.aware_at) if moment is not None]
    if known != sorted(known):
        raise RegisterRefused(_("A breach begins, is discovered, and then we are aware of it, in this order."))
    if max(known) > now or (breach.processor_notice_at is not None and breach.processor_notice_at > now):
        raise RegisterRefused(_("What lies in the future has not happened yet."))


def _check_categories(categories: list[str]) -> None:
    if not set(categories) <= set(Category.values):
        raise RegisterRefused(_("There is no such category of data."))


def _step(breach: Breach, action: str, fields: list[str], *, by: models.Model, now: datetime) -> Breach:
    breach.save(update_fields=fields)
    _enter(breach, action, fields, by=by, now=now)
    return breach


def _enter(breach: Breach, action: str, fields: list[str], *, by: models.Model, now: datetime) -> None:
    """Into the register's own ledger what was entered, into the trail who did it: in this order, as `open_breach` locks
    them, so that two steps at once never wait for each other."""
    values = {name: _plain(getattr(breach, name)) for name in sorted(set(fields))}
    remember(append(BreachEntry(at=now, number=breach.number, action=action, values=values)), now=now)
    remember(breach, now=now)
    trail.record(f"breach.{action}", actor=Actor.of(by), about=breach, details={"fields": len(fields)}, now=now)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
