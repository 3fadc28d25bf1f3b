"""What Braintree got about a person, what it holds, and what it does when she uses a right (Art. 15-19)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db.models import Count, Max, QuerySet
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from datamap.processors import NO_ACCOUNT, Outcome, RecipientResult
from datamap.registry import registry
from datamap.terms import Text
from datamap.trace import Subject, rows_about
from outbox.questions import ask
from payments.cards.gateway import CODE, Braintree, is_configured
from payments.models.cards import CardPayment


class BraintreeHandler:
    """Knows from our own rows which payments are hers."""

    def describe(self, subject: Subject) -> Text:
        found = _handed_over(subject).aggregate(times=Count("pk"), last=Max("tried_at"))
        if not found["times"]:
            return ""
        return ngettext(
            "amount and an opaque number of %(count)d payment, on %(date)s",
            "amounts and opaque numbers of %(count)d payments, the last on %(date)s",
            found["times"],
        ) % {"count": found["times"], "date": date_format(localtime(found["last"]), "DATE_FORMAT")}

    def collect(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Her transactions as it tells them, but nothing of a card: that is not read here (Q8.19)."""
        payments = list(_handed_over(subject).order_by("-tried_at")[:_MOST])
        if not payments:
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        if not is_configured():
            return RecipientResult(CODE, Outcome.NOT_POSSIBLE, NO_ACCOUNT)
        return ask(CODE, lambda: (line for payment in payments for line in _lines(payment)), now=now)

    def rectify(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """It has nothing that could be corrected."""
        return _impossible(subject, _NOT_CORRECTED)

    def restrict(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """It does nothing with a payment by itself; new ones begin with her alone."""
        return _impossible(subject, _NOT_SET_ASIDE)

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Nothing there is under her name: it never got it from us, and keeps no customer for us."""
        if not _handed_over(subject).exists():
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        return RecipientResult(
            CODE,
            Outcome.KEPT,
            format_lazy(
                "{} {}",
                _("Braintree keeps the transactions because the laws on payments and accounts tell it to."),
                _NAMELESS,
            ),
        )

    def probe(self, reference: str, *, now: datetime) -> RecipientResult:
        """Nothing is ever ordered of it for a right, so nothing can become of it."""
        return RecipientResult(CODE, Outcome.NOT_POSSIBLE, _NAMELESS, reference=reference)

    def health(self, *, now: datetime) -> RecipientResult:
        """Whether it takes our keys: asked for what it made under a number that nobody has."""
        if not is_configured():
            return RecipientResult(CODE, Outcome.NOT_POSSIBLE, NO_ACCOUNT)
        return ask(CODE, _answering_merchant, now=now)


_MOST: Final = 200
"""Payments of one person that are asked for, the youngest first."""

_NAMELESS: Text = _("We gave it neither your name nor your address, and no account was opened for you there.")
_NOT_CORRECTED: Text = format_lazy(
    "{} {}",
    _NAMELESS,
    _("It knows amounts and numbers of payments. An amount that is wrong is put right by sending money back."),
)
_NOT_SET_ASIDE: Text = format_lazy(
    "{} {}",
    _("It charges nothing unless you press to pay, and keeps the earlier payments as the laws tell it to."),
    _NAMELESS,
)


def _impossible(subject: Subject, why: Text) -> RecipientResult:
    if not _handed_over(subject).exists():
        return RecipientResult(CODE, Outcome.NOTHING_HELD)
    return RecipientResult(CODE, Outcome.NOT_POSSIBLE, why)


def _lines(payment: CardPayment) -> Iterator[str]:
    """Looked up by our number, not by its own: so that a lost answer hides nothing."""
    for charge in Braintree.of_settings().of_order(payment.pk):
        when = "" if charge.created_at is None else date_format(localtime(charge.created_at), "DATETIME_FORMAT")
        parts = [charge.id, f"{charge.amount} {charge.currency}", charge.status, charge.dispute, when]
        yield ", ".join(filter(None, parts))


def _answering_merchant() -> tuple[str, ...]:
    Braintree.of_settings().of_order(uuid4())
    return (str(settings.BRAINTREE["MERCHANT_ID"]),)


def _handed_over(subject: Subject) -> QuerySet[CardPayment]:
    rows: QuerySet[CardPayment] = rows_about(registry().holding(CardPayment), subject)
    return rows.filter(tried_at__isnull=False).order_by()
