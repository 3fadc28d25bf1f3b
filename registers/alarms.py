"""What needs somebody now or soon: breaches near their 72 hours, contracts and tests near their end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue
from datamap.periods import RIGA
from datamap.together import together
from dsar.queries import cases_waiting_for
from outbox.queries import Effects, effects_at
from registers.balancing import reviews_due
from registers.breaches import alarm_of, deadline_of
from registers.contracts import Entered, contract_on, decide, stops_within, under_contract
from registers.models import AuthorityRequest, Breach, ContractVersion
from registers.terms import REMIND_DAYS, RequestState

_NAMED: Final = 10
"""So many requests an alarm names."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to do: `code` names it and its stage, `is_urgent` says that something stands still or is late."""

    code: str
    sentence: str
    path: str
    is_urgent: bool


def alarms(*, now: datetime) -> list[Alarm]:
    """Everything that presses at `now`, in the active language, the urgent ones first."""
    today = now.astimezone(RIGA).date()
    open_breaches = Breach.objects.filter(closed_at=None).order_by("aware_at")
    breaches, contracts = together(open_breaches, ContractVersion.objects.all())
    found = [*_breaches(breaches, now), *_contracts(contracts, today), *_reviews(today), *_requests()]
    return sorted(found, key=lambda alarm: not alarm.is_urgent)


def _breaches(found: list[Breach], now: datetime) -> Iterator[Alarm]:
    for breach in found:
        stage, due = alarm_of(breach, now=now), deadline_of(breach).due
        if stage and due is not None:
            yield Alarm(
                code=f"breach:{breach.number}:{stage}",
                sentence=_breach_sentence(stage)
                % {"number": breach.number, "due": date_format(localtime(due, RIGA), "DATETIME_FORMAT")},  # type: ignore[arg-type]
                path=reverse("admin:registers_breach_change", args=[breach.pk]),
                is_urgent=True,
            )


def _breach_sentence(stage: str) -> str:
    match stage:
        case "late":
            return _("Breach %(number)s: the authority should have been told by %(due)s. Tell it now, with the reason.")
        case "untold":
            return _("Breach %(number)s: the authority must be told before %(due)s.")
        case _unassessed:
            return _("Breach %(number)s is not assessed, and its 72 hours end on %(due)s.")


def _contracts(among: Entered, today: date) -> Iterator[Alarm]:
    path = reverse("admin:registers_contractversion_changelist")
    stopped = [code for code in under_contract() if not decide(code, today, among=among)]
    effects, cases = _waiting(stopped)
    for code in under_contract():
        name = catalogue().recipients[code].name
        if code in stopped:
            sentence = _(
                "%(name)s: no contract in force. Nothing is handed over to it until one is entered."
                " Orders that wait for it: %(count)d."
            )
            words = {"name": name, "count": effects[code].waiting}
            told = " ".join([sentence % words, *_named(cases[str(name)])])
            yield Alarm(f"contract:{code}:{_end(code, today, among)}:0", told, path, is_urgent=True)
            continue
        if stage := _stage(code, today, among):
            sentence = _(
                "%(name)s: contract or transfer mechanism ends within %(days)d days. Nothing goes out after that."
            )
            marker = _end(code, today + timedelta(days=stage), among)
            words = {"name": name, "days": stage}
            yield Alarm(f"contract:{code}:{marker}:{stage}", sentence % words, path, is_urgent=False)
        contract = contract_on(code, today, among=among)
        if contract is not None and contract.review_on <= today:
            sentence = _("%(name)s: the contract is to be looked at again since %(day)s.")
            words = {"name": name, "day": date_format(contract.review_on, "DATE_FORMAT")}
            yield Alarm(f"contract:{code}:review:{contract.review_on}", sentence % words, path, is_urgent=False)


def _waiting(codes: list[str]) -> tuple[dict[str, Effects], dict[str, list[str]]]:
    """What waits for contracts with these recipients; where none is missing nothing is asked."""
    names = [catalogue().recipients[code].name for code in codes]
    return (effects_at(codes), cases_waiting_for(names)) if codes else ({}, {})


def _named(numbers: list[str]) -> Iterator[str]:
    if numbers:
        shown = ", ".join(numbers[:_NAMED]) + (" …" if len(numbers) > _NAMED else "")
        yield _("Requests that wait for it: %(numbers)s.") % {"numbers": shown}


def _end(code: str, day: date, among: Entered) -> str:
    """The day that stops the hand-over, so that the next end is told of anew."""
    contract = contract_on(code, day, among=among)
    ends = [end for end in (contract.ends_on, contract.transfer_ends_on) if end] if contract else []
    return min(ends).isoformat() if ends else ""


def _stage(code: str, today: date, among: Entered) -> int:
    """The nearest of the reminders that has come, 0 where none has."""
    return min((days for days in REMIND_DAYS if stops_within(code, days, today=today, among=among)), default=0)


def _reviews(today: date) -> Iterator[Alarm]:
    for code, due in reviews_due().items():
        if due <= today:
            words = {"purpose": catalogue().purposes[code].label, "day": date_format(due, "DATE_FORMAT")}
            sentence = _("Balancing test “%(purpose)s”: to be looked at again since %(day)s.") % words
            path = reverse("admin:registers_balancingversion_changelist")
            yield Alarm(f"balancing:{code}:{due}", sentence, path, is_urgent=False)


def _requests() -> Iterator[Alarm]:
    waiting = AuthorityRequest.objects.filter(state=RequestState.REGISTERED).count()
    if waiting:
        sentence = _("Requests of authorities that wait for a second person: %(count)d.") % {"count": waiting}
        yield Alarm("requests", sentence, reverse("admin:registers_authorityrequest_changelist"), is_urgent=False)
