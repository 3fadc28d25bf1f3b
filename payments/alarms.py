"""What about money waits for somebody of the staff: counts and days, with the way to where it is decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import ngettext

from datamap.counting import counted
from payments.cards.disputing import unanswered
from payments.cards.refunding import failed
from payments.models.cards import CardRefund, RefundState
from payments.models.escrow import OVER, EscrowDeal, EscrowStranger, Oddity
from payments.models.orphans import UNDECIDED, CardOrphan

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to do; `is_urgent` says that somebody waits for money, or that a term runs."""

    sentence: str
    path: str
    is_urgent: bool


def alarms(*, now: datetime) -> list[Alarm]:
    """Everything that waits at `now`, in the active language, the urgent ones first."""
    counts = counted(
        failed=failed(),
        proposed=CardRefund.objects.filter(state=RefundState.PROPOSED),
        orphans=CardOrphan.objects.filter(state__in=UNDECIDED),
        disputes=unanswered(),
        strangers=EscrowStranger.objects.all(),
        **{one: EscrowDeal.objects.filter(oddity=one).exclude(state__in=OVER) for one in Oddity},
    )
    found = [*_refunds(counts), *_orphans(counts), *_disputes(counts), *_escrow(counts)]
    return sorted(found, key=lambda alarm: not alarm.is_urgent)


def _refunds(counts: Counts) -> Iterator[Alarm]:
    path = reverse("admin:payments_cardrefund_changelist")
    if count := counts["failed"]:
        words = ngettext("%(count)d refund did not arrive.", "%(count)d refunds did not arrive.", count)
        yield Alarm(words % {"count": count}, f"{path}?state__exact={RefundState.REFUSED}", is_urgent=True)
    if count := counts["proposed"]:
        words = ngettext(
            "%(count)d refund waits for a second person.", "%(count)d refunds wait for a second person.", count
        )
        yield Alarm(words % {"count": count}, f"{path}?state__exact={RefundState.PROPOSED}", is_urgent=False)


def _orphans(counts: Counts) -> Iterator[Alarm]:
    if count := counts["orphans"]:
        words = ngettext(
            "%(count)d transaction at Braintree that no payment knows.",
            "%(count)d transactions at Braintree that no payment knows.",
            count,
        )
        yield Alarm(words % {"count": count}, reverse("admin:payments_cardorphan_changelist"), is_urgent=True)


def _disputes(counts: Counts) -> Iterator[Alarm]:
    path = reverse("admin:payments_carddispute_changelist")
    if count := counts["disputes"]:
        first = unanswered().aggregate(day=Min("reply_by"))["day"]
        words = ngettext(
            "%(count)d dispute waits for an answer, until %(day)s.",
            "%(count)d disputes wait for an answer, the first until %(day)s.",
            count,
        )
        day = date_format(first, "DATE_FORMAT") if first else "–"
        yield Alarm(words % {"count": count, "day": day}, f"{path}?status__exact=open", is_urgent=True)


def _escrow(counts: Counts) -> Iterator[Alarm]:
    if count := counts["strangers"]:
        words = ngettext(
            "%(count)d transaction at Escrow.com that no payment knows.",
            "%(count)d transactions at Escrow.com that no payment knows.",
            count,
        )
        yield Alarm(words % {"count": count}, reverse("admin:payments_escrowstranger_changelist"), is_urgent=True)
    path = reverse("admin:payments_escrowdeal_changelist")
    for oddity in Oddity:
        if count := counts[oddity]:
            words = ngettext("%(count)d payment: %(what)s.", "%(count)d payments: %(what)s.", count)
            said = words % {"count": count, "what": oddity.label}
            yield Alarm(said, f"{path}?oddity__exact={oddity}", is_urgent=True)
