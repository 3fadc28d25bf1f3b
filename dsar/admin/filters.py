"""The filters of the queue: none of them takes a word about a person (security G9)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.lists import WordFilter
from datamap.periods import RIGA
from datamap.terms import Right
from dsar.deadlines import Channel
from dsar.desk_words import right_words
from dsar.duedates import days_of_alarm
from dsar.models import CaseEvent, IdentityCheck, SubjectRequest
from dsar.terms import LAST_LETTER_BOUNCED, PAUSED, RUNNING, UNIDENTIFIED, IdentityOutcome, Stage

Cases = QuerySet[SubjectRequest]


class RunningFilter(WordFilter):
    """The desk shows what is to be done unless it is asked for everything."""

    title = _("work")
    parameter_name = "work"
    words = (("closed", _("closed")), ("all", _("all")))

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Django's first choice, the one without a word in the address, is what is to be done."""
        yield {**next(choices := super().choices(changelist)), "display": _("to be done")}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: Cases) -> Cases:
        running = [stage.value for stage in RUNNING]
        match self.value():
            case "closed":
                return queryset.exclude(stage__in=running)
            case "all":
                return queryset
            case _other:
                # A copy that was stopped is answered already, and yet somebody must look into it; so is an erasure.
                is_asked = request.GET.get(StandingFilter.parameter_name) in {"stopped", "unreached"}
                return queryset if is_asked else queryset.filter(stage__in=running)


class DueFilter(WordFilter):
    """How near the last day is, in working days."""

    title = _("due")
    parameter_name = "due"
    words = (
        ("overdue", _("overdue")),
        ("1", _("within 1 working day")),
        ("5", _("within 5 working days")),
        ("10", _("within 10 working days")),
    )

    def queryset(self, request: HttpRequest, queryset: Cases) -> Cases:
        today = today_in_riga()
        match self.value():
            case "overdue":
                return queryset.filter(due_on__lt=today)
            case "1" | "5" | "10" as count:
                return queryset.filter(due_on__lte=days_of_alarm(today)[int(count)])
            case _other:
                return queryset


class WaitingForMeFilter(WordFilter):
    """What I handle, and what waits for a second person who may be me."""

    title = _("waiting for me")
    parameter_name = "mine"
    words = (("handled", _("handled by me")), ("approval", _("waits for a second person")), ("free", _("nobody's")))

    def queryset(self, request: HttpRequest, queryset: Cases) -> Cases:
        me = request.user.pk
        match self.value():
            case "handled":
                return queryset.filter(assigned_to=me)
            case "approval":
                return waits_for_second(queryset, me)
            case "free":
                return queryset.filter(assigned_to__isnull=True)
            case _other:
                return queryset


class StandingFilter(WordFilter):
    """Where identity was not shown yet, and where the clock stands still."""

    title = _("standing")
    parameter_name = "standing"
    words = (
        ("unidentified", _("identity not shown")),
        ("paused", _("paused")),
        ("stopped", _("stopped from another address")),
        ("unreached", _("last letter of an erasure came back")),
    )

    def queryset(self, request: HttpRequest, queryset: Cases) -> Cases:
        match self.value():
            case "unidentified":
                return queryset.filter(identified_at__isnull=True)
            case "paused":
                return queryset.filter(stage__in=[stage.value for stage in PAUSED])
            case "unreached":
                came_back = CaseEvent.objects.filter(case_number=OuterRef("number"), action=LAST_LETTER_BOUNCED)
                return queryset.filter(Exists(came_back))
            case "stopped":
                return queryset.filter(caution__stopped_at__isnull=False).exclude(stage=Stage.CLOSED_UNIDENTIFIED)
            case _other:
                return queryset


class RightFilter(admin.ChoicesFieldListFilter):
    """What is asked for, in the words of the desk."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Django's choices carry the label for the person."""
        words = {str(right.label): right_words(right) for right in Right}
        for choice in super().choices(changelist):
            yield {**choice, "display": words.get(str(choice["display"]), choice["display"])}


_WORD_FILTERS = (RunningFilter, DueFilter, WaitingForMeFilter, StandingFilter)
_KNOWN = {
    **{item.parameter_name: {word for word, _label in item.words} for item in _WORD_FILTERS},
    "right__exact": set(Right.values),
    "channel__exact": set(Channel.values),
}


class UnknownFilter(ValueError):
    """A word that no filter of the queue knows."""


def checked_query(query: str, *, strict: bool = True) -> str:
    """The words of the queue's own filters in a query string, in one order; raises UnknownFilter for any other, or
    leaves it out."""
    asked = QueryDict(query)
    kept = QueryDict(mutable=True)
    for name in sorted(asked):
        if asked[name] in _KNOWN.get(name, ()):
            kept[name] = asked[name]
        elif strict:
            raise UnknownFilter
    return kept.urlencode()


def waits_for_second(cases: Cases, me: Any) -> Cases:
    """What a colleague proposed and somebody else, who may be this member of the staff, must agree to."""
    refusals = Q(refusal_proposed_by__isnull=False) & ~Q(refusal_proposed_by=me)
    erasures = Q(erasure_proposed_by__isnull=False, stage=Stage.OPEN) & ~Q(erasure_proposed_by=me)
    checks = IdentityCheck.objects.filter(case=OuterRef("pk"), outcome=IdentityOutcome.PROPOSED)
    accounts = Q(Exists(checks.exclude(by=me)), stage__in=[stage.value for stage in UNIDENTIFIED])
    return cases.filter(refusals | erasures | accounts, closed_at__isnull=True)


def today_in_riga() -> date:
    """The civil day by which staff work."""
    return timezone.now().astimezone(RIGA).date()


def bucket_of(due: date | None, today: date) -> str:
    """`overdue`, `1`, `5` or `10` working days before the last day; the empty text for later ones and for none."""
    if due is None:
        return ""
    if due < today:
        return "overdue"
    reached = [count for count, last in days_of_alarm(today).items() if due <= last]
    return str(min(reached)) if reached else ""
