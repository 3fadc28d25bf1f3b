"""Ends the proof of a consent three years after the consent itself ended, amid whole seals (K10, T14)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Least

from audit.fading import fade
from consent.models import COOKIE_CHOICES, ENDS_A_CONSENT, ConsentEvent, ProofTerm
from consent.queries import COOKIE_CHOICE_HOLDS
from consent.terms import COOKIE_PURPOSES, PERMITTING
from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.periods import CalendarYears, Period
from datamap.registry import registry
from datamap.standstill import without_kept
from datamap.sweeping import SweepCounts

_RUN_OUT: Final = ExpressionWrapper(F("at") + COOKIE_CHOICE_HOLDS, output_field=DateTimeField())


def free_events(*, now: datetime) -> list[int]:
    """The events that the next purge may take the content of."""
    holding = registry().holding(ConsentEvent)
    moment, rule = min(now, _clock_of_database()), period(holding.period)
    return _due(without_kept(_ended(_a_term_before(moment, rule)), holding), rule, moment)


def purge(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Take the content of every event whose consent ended a term ago: withdrawn, run out, or gone with its account.

    The database holds to its own clock as well. A row loses all but its hashes, so that its seal stays verifiable;
    rows under a legal hold or a restriction stay.
    """
    moment, rule = min(now, _clock_of_database()), period(holding.period)
    ended = _ended(_a_term_before(moment, rule))
    due = _due(ended, rule, moment)
    free = _due(without_kept(ended, holding), rule, moment)
    deleted = fade(ConsentEvent, free) if apply else 0
    return SweepCounts(due=len(due), deleted=deleted, held=len(due) - len(free), oldest_at=_oldest())


def is_left(holding: Holding, *, now: datetime) -> bool:
    """Whether `purge` would take anything; asked of the oldest that ended in each way, by indexes: of the events that
    still hold, however many and however old, none is looked at.
    """
    moment, rule = min(now, _clock_of_database()), period(holding.period)
    free = without_kept(ConsentEvent.objects.filter(at__lte=_a_term_before(moment, rule)), holding)
    ended = free.filter(ENDS_A_CONSENT).order_by("at").values_list("at", flat=True).first()
    chosen = free.filter(COOKIE_CHOICES).order_by("at").values_list("at", flat=True).first()
    run_out = chosen + COOKIE_CHOICE_HOLDS if chosen else None
    if any(rule.is_due(at, now=moment) for at in (ended, run_out) if at):
        return True
    proofs = free.filter(subject_token=OuterRef("subject_token"))
    return ProofTerm.objects.filter(Exists(proofs), ends_at__lte=moment).exists()


def _oldest() -> datetime | None:
    oldest: datetime | None = ConsentEvent.objects.exclude(subject_token="").aggregate(at=Min("at"))["at"]
    return oldest


def purge_terms(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Forget when an account ended, once no proof of its consents is left that waits for it."""
    proofs = ConsentEvent.objects.filter(subject_token=OuterRef("subject_token"))
    due = ProofTerm.objects.filter(~Exists(proofs), ends_at__lte=now)
    count = due.count()
    deleted = due.delete()[0] if apply else 0
    oldest = ProofTerm.objects.aggregate(oldest=Min("ended_at"))["oldest"]
    return SweepCounts(due=count, deleted=deleted, oldest_at=oldest)


def _a_term_before(now: datetime, rule: Period) -> datetime:
    """Nothing that ended later than this is due; a day too late, because ends clamp to the shorter February."""
    if not isinstance(rule.term, CalendarYears):
        raise TypeError("The proof of a consent needs a period in calendar years.")
    return CalendarYears(-rule.term.years).ends_at(now) + timedelta(hours=24)


def _clock_of_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (moment,) = cursor.fetchone()
    return moment.astimezone(UTC)


def _ended(now: datetime) -> QuerySet[ConsentEvent]:
    """The events whose consent has ended by now at all, each with when: a consent given lasts until it is next ended,
    a cookie's half a year, none longer than its account. What ends or denies one is at an end itself.
    """
    later = ConsentEvent.objects.filter(
        ~Q(state__in=PERMITTING),
        subject_token=OuterRef("subject_token"),
        purpose=OuterRef("purpose"),
        scope=OuterRef("scope"),
        at__gte=OuterRef("at"),
    )
    account = ProofTerm.objects.filter(subject_token=OuterRef("subject_token"))
    ended_at = Least(
        Subquery(later.order_by("at").values("at")[:1]),
        Subquery(account.values("ended_at")[:1]),
        Case(When(purpose__in=COOKIE_PURPOSES, then=_RUN_OUT)),
    )
    old = ConsentEvent.objects.exclude(subject_token="").filter(at__lte=now)
    return old.annotate(ended_at=ended_at).filter(ended_at__lte=now)


def _due(ended: QuerySet[ConsentEvent], rule: Period, now: datetime) -> list[int]:
    rows: Iterable[Any] = ended.order_by("id").only("id").iterator()
    return [row.pk for row in rows if rule.is_due(row.ended_at, now=now)]
