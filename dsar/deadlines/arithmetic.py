"""The arithmetic of Art. 12(3) and 33(1) GDPR under Regulation 1182/71: months, pauses, roll-over, extension."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from datamap.periods import RIGA
from dsar.deadlines.calendar import next_working_day, working_days_after
from dsar.deadlines.values import BadMoment, Channel, Clock, Deadline, Extension, Pause, PauseKind

FIRST_MONTHS = 1
EXTENDED_MONTHS = 3
"""One month, and two more in one step from the receipt, not chained (Art. 12(3))."""

ASK_WITHIN_WORKING_DAYS = 3
"""A question asked later than this does not stop the clock: asking must be without undue delay."""

BREACH_HOURS = ((date(2018, 5, 25), 72),)
"""Hours for the notice of a breach by the day from which they are law (Art. 33(1))."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """The pauses that stop the clock: how many whole days they took, and whether one of them still runs."""

    days: int
    open_since: date | None
    steps: tuple[str, ...]


def answer_due(
    received_at: datetime,
    *,
    channel: Channel = Channel.EMAIL,
    pauses: Sequence[Pause] = (),
    extended_at: datetime | None = None,
    extendable: bool = True,
) -> Deadline:
    """The last day for the answer to a request that arrived at `received_at` (aware), in Riga's calendar.

    `extended_at` is the moment of the notice of extension. Raises BadMoment for a naive moment, for one out of order,
    and where the calendar ends.
    """
    try:
        return _answer_due(received_at, channel, pauses, _notice_day(received_at, extended_at), extendable=extendable)
    except OverflowError:
        raise BadMoment(_("The calendar does not reach that far: please give a date in the years 1 to 9998.")) from None


def _answer_due(
    received_at: datetime, channel: Channel, pauses: Sequence[Pause], notice: date | None, *, extendable: bool
) -> Deadline:
    receipt = _riga_day(received_at)
    target = months_after(receipt, FIRST_MONTHS)
    counted = _count_pauses(received_at, channel, pauses)
    unrolled = target + timedelta(days=counted.days)
    first_due = next_working_day(unrolled)
    extension = _judge_extension(notice, first_due, counted.open_since, extendable=extendable)
    steps = [*_month_steps(receipt, target), *counted.steps, *_roll_steps(unrolled, first_due)]
    due = first_due
    if extension is Extension.VALID:
        unrolled = months_after(receipt, EXTENDED_MONTHS) + timedelta(days=counted.days)
        due = next_working_day(unrolled)
    steps += _extension_steps(extension, unrolled, due)
    if counted.open_since is not None:
        steps.append(_("The clock stands still until the answer arrives, so no due date can be named yet."))
        return Deadline(target, None, None, None, Clock.PAUSED, extension, counted.days, tuple(steps))
    steps.append(_("The answer is in time until the end of %(day)s (24:00), Riga time.") % {"day": _day(due)})
    return Deadline(target, first_due, due, _end_of(due), Clock.RUNNING, extension, counted.days, tuple(steps))


def not_later_than(deadline: Deadline, day: date) -> Deadline:
    """The same dates, but due on `day` where they name a later one: a table of holidays was changed, and a later date
    waits for a decision of the staff (clauses.md C3)."""
    if deadline.due is None or deadline.due <= day:
        return deadline
    step = _("The table of holidays has changed since; until it is decided otherwise, %(day)s stays the last day.")
    steps = (*deadline.steps, step % {"day": _day(day)})
    return replace(deadline, due=day, ends_before_utc=_end_of(day), steps=steps)


def latest_answer(now: datetime) -> datetime:
    """Until when an answer may still be due to a request that is here at `now`: three months, and as many again for
    questions to the person, holidays and a late start (clauses.md D12)."""
    return _end_of(months_after(_riga_day(now), 2 * EXTENDED_MONTHS))


def a_month_ahead(now: datetime) -> datetime:
    """What ends before this is to be seen to now: nothing waits for its last day (clauses.md D12)."""
    return _end_of(months_after(_riga_day(now), FIRST_MONTHS))


def breach_notice_due(aware_at: datetime) -> Deadline:
    """72 elapsed hours after the controller became aware of a breach; hours do not roll over (Art. 33(1))."""
    try:
        learned = _riga(aware_at)
        hours = [value for since, value in BREACH_HOURS if learned.date() >= since] or [BREACH_HOURS[0][1]]
        end = aware_at.astimezone(UTC) + timedelta(hours=hours[-1])
        local = end.astimezone(RIGA)
    except OverflowError:
        raise BadMoment(_("The calendar does not reach that far: please give a date in the years 1 to 9998.")) from None
    steps = (
        _("Known since %(moment)s, Riga time.") % {"moment": date_format(learned, "DATETIME_FORMAT")},
        _("%(hours)d elapsed hours later it is %(moment)s; weekends and holidays do not move hours.")
        % {"hours": hours[-1], "moment": date_format(local, "DATETIME_FORMAT")},
    )
    return Deadline(None, None, local, end, Clock.RUNNING, None, None, steps)


def months_after(day: date, months: int) -> date:
    """The same number so many months later, clamped to the end of a shorter month (1182/71, Art. 3(2)(c))."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year > date.max.year:
        raise OverflowError
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _count_pauses(received_at: datetime, channel: Channel, pauses: Iterable[Pause]) -> _Counted:
    """Whole days between asking and answer, overlapping ones once, late questions and doubts about a log-in never."""
    paused: set[date] = set()
    steps: list[str] = []
    open_since: date | None = None
    free_from = _riga_day(received_at)
    for pause in sorted(pauses, key=lambda item: item.asked_at):
        _check_order(received_at, pause)
        asked = _riga_day(pause.asked_at)
        if refusal := _why_not_counted(pause, asked, free_from=free_from, channel=channel):
            steps.append(refusal)
        elif pause.answered_at is None:
            open_since = asked if open_since is None else open_since
        else:
            answered = _riga_day(pause.answered_at)
            paused |= {asked + timedelta(days=n) for n in range((answered - asked).days)}
            free_from = max(free_from, answered)
    if paused:
        days = len(paused)
        steps.append(
            ngettext("The clock stood still for %(days)d day.", "The clock stood still for %(days)d days.", days)
            % {"days": days}
        )
    return _Counted(len(paused), open_since, tuple(steps))


def _why_not_counted(pause: Pause, asked: date, *, free_from: date, channel: Channel) -> str:
    if pause.kind is PauseKind.IDENTITY and channel is Channel.PORTAL_AUTH:
        return _("The question about identity does not stop the clock: the person was logged in.")
    if asked > working_days_after(free_from, ASK_WITHIN_WORKING_DAYS):
        return _(
            "The question of %(day)s does not stop the clock: it was asked later than %(limit)d working days "
            "after there was reason to ask."
        ) % {"day": _day(asked), "limit": ASK_WITHIN_WORKING_DAYS}
    return ""


def _check_order(received_at: datetime, pause: Pause) -> None:
    _riga(pause.asked_at)
    if pause.asked_at < received_at:
        raise BadMoment(_("A question cannot be asked before the request arrived."))
    if pause.answered_at is not None and _riga(pause.answered_at) < pause.asked_at:
        raise BadMoment(_("An answer cannot arrive before its question."))


def _notice_day(received_at: datetime, extended_at: datetime | None) -> date | None:
    if extended_at is None:
        return None
    day = _riga_day(extended_at)
    _riga(received_at)
    if extended_at < received_at:
        raise BadMoment(_("A notice of extension cannot be sent before the request arrived."))
    return day


def _judge_extension(notice: date | None, first_due: date, open_since: date | None, *, extendable: bool) -> Extension:
    if notice is None:
        return Extension.NONE
    if not extendable:
        return Extension.UNAVAILABLE
    in_time = notice <= first_due or (open_since is not None and open_since <= first_due)
    return Extension.VALID if in_time else Extension.LATE


def _month_steps(receipt: date, target: date) -> list[str]:
    steps = [
        _("Received on %(day)s, Riga time; this day is not counted.") % {"day": _day(receipt)},
        _("One month later is %(day)s.") % {"day": _day(target)},
    ]
    if target.day != receipt.day:
        steps.append(_("That month has no day %(number)d, so its last day counts.") % {"number": receipt.day})
    return steps


def _roll_steps(unrolled: date, due: date) -> list[str]:
    if unrolled == due:
        return []
    return [
        _("%(day)s is no working day, so the next working day counts: %(due)s.")
        % {"day": _day(unrolled), "due": _day(due)}
    ]


def _extension_steps(extension: Extension, unrolled: date, due: date) -> list[str]:
    match extension:
        case Extension.VALID:
            text = _("Extended in time: three months from the receipt and the paused days end on %(day)s.")
            return [text % {"day": _day(unrolled)}, *_roll_steps(unrolled, due)]
        case Extension.LATE:
            return [_("The notice of extension came after the first due date and has no effect.")]
        case Extension.UNAVAILABLE:
            return [_("This right takes effect at once and cannot be extended.")]
        case _:
            return []


def _end_of(day: date) -> datetime:
    """The instant at which a day in Riga is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=RIGA).astimezone(UTC)


def _riga(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise BadMoment(_("Please give the moment with its time zone, for example 2026-03-05T10:00:00+02:00."))
    return moment.astimezone(RIGA)


def _riga_day(moment: datetime) -> date:
    return _riga(moment).date()


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
