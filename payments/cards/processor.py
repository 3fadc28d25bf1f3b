"""What Braintree got about a person, and what becomes of it when she asks for erasure (Art. 15(1)(c), 19)."""

from datetime import datetime

from django.db.models import Count, Max, QuerySet
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from datamap.processors import Outcome, RecipientResult
from datamap.registry import registry
from datamap.terms import Text
from datamap.trace import Subject, rows_about
from payments.cards.gateway import CODE
from payments.models.cards import CardPayment


class BraintreeHandler:
    """Answers from our own rows; the network belongs to the outbox."""

    def describe(self, subject: Subject) -> Text:
        found = _handed_over(subject).aggregate(times=Count("pk"), last=Max("tried_at"))
        if not found["times"]:
            return ""
        return ngettext(
            "amount and an opaque number of %(count)d payment, on %(date)s",
            "amounts and opaque numbers of %(count)d payments, the last on %(date)s",
            found["times"],
        ) % {"count": found["times"], "date": date_format(localtime(found["last"]), "DATE_FORMAT")}

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
                _("We gave it neither your name nor your address, and no account was opened for you there."),
            ),
        )


def _handed_over(subject: Subject) -> QuerySet[CardPayment]:
    rows: QuerySet[CardPayment] = rows_about(registry().holding(CardPayment), subject)
    return rows.filter(tried_at__isnull=False).order_by()
