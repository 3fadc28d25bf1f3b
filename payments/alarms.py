"""What about money waits for somebody of the staff: counts and days, with the way to where it is decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import ngettext

from payments.cards.disputing import unanswered
from payments.cards.refunding import failed
from payments.models.cards import CardRefund, RefundState
from payments.models.escrow import OVER, EscrowDeal, EscrowStranger, Oddity
from payments.models.orphans import UNDECIDED, CardOrphan


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to do; `is_urgent` says that somebody waits for money, or that a term runs."""

    sentence: str
    path: str
    is_urgent: bool


def alarms(*, now: datetime) -> list[Alarm]:
    """Everything that waits at `now`, in the active language, the urgent ones first."""
    return sorted([*_refunds(), *_orphans(), *_disputes(), *_escrow()], key=lambda alarm: not alarm.is_urgent)


def _refunds() -> Iterator[Alarm]:
    path = reverse("admin:payments_cardrefund_changelist")
    if count := failed().count():
        words = ngettext("%(count)d refund did not arrive.", "%(count)d refunds did not arrive.", count)
        yield Alarm(words % {"count": count}, f"{path}?state__exact={RefundState.REFUSED}", is_urgent=True)
    if count := CardRefund.objects.filter(state=RefundState.PROPOSED).count():
        words = ngettext(
            "%(count)d refund waits for a second person.", "%(count)d refunds wait for a second person.", count
        )
        yield Alarm(words % {"count": count}, f"{path}?state__exact={RefundState.PROPOSED}", is_urgent=False)


def _orphans() -> Iterator[Alarm]:
    if count := CardOrphan.objects.filter(state__in=UNDECIDED).count():
        words = ngettext(
            "%(count)d transaction at Braintree that no payment knows.",
            "%(count)d transactions at Braintree that no payment knows.",
            count,
        )
        yield Alarm(words % {"count": count}, reverse("admin:payments_cardorphan_changelist"), is_urgent=True)


def _disputes() -> Iterator[Alarm]:
    path = reverse("admin:payments_carddispute_changelist")
    if count := unanswered().count():
        first = unanswered().aggregate(day=Min("reply_by"))["day"]
        words = ngettext(
            "%(count)d dispute waits for an answer, until %(day)s.",
            "%(count)d disputes wait for an answer, the first until %(day)s.",
            count,
        )
        day = date_format(first, "DATE_FORMAT") if first else "–"
        yield Alarm(words % {"count": count, "day": day}, f"{path}?status__exact=open", is_urgent=True)


def _escrow() -> Iterator[Alarm]:
    if count := EscrowStranger.objects.count():
        words = ngettext(
            "%(count)d transaction at Escrow.com that no payment knows.",
            "%(count)d transactions at Escrow.com that no payment knows.",
            count,
        )
        yield Alarm(words % {"count": count}, reverse("admin:payments_escrowstranger_changelist"), is_urgent=True)
    path = reverse("admin:payments_escrowdeal_changelist")
    for oddity in Oddity:
        if count := EscrowDeal.objects.filter(oddity=oddity).exclude(state__in=OVER).count():
            words = ngettext("%(count)d payment: %(what)s.", "%(count)d payments: %(what)s.", count)
            said = words % {"count": count, "what": oddity.label}
            yield Alarm(said, f"{path}?oddity__exact={oddity}", is_urgent=True)
