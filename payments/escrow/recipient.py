"""What Escrow.com got about a person, and the notice it gets when she is erased (Art. 15(1)(c), 19; Q9.10).

It decides for itself what it keeps, so its answer is not awaited; the person is told whom to ask there.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from datamap.catalogue import catalogue
from datamap.processors import Outcome, RecipientResult
from datamap.registry import registry
from datamap.terms import Text
from datamap.trace import Subject, rows_about
from mailing.services import send
from payments.escrow.client import CODE
from payments.escrow.services import order_cancelling
from payments.escrow.settling import end_here
from payments.models.escrow import DealState, EscrowAccount, EscrowDeal


class EscrowHandler:
    """Answers from our own rows; the network belongs to the outbox."""

    def describe(self, subject: Subject) -> Text:
        """Which of her data went there, in how many payments, and when last."""
        deals, accounts = _told_deals(subject), _told_accounts(subject)
        parts: list[Text] = []
        if accounts.exists():
            parts.append(_("your e-mail address, to open an account for you as a seller"))
        if times := deals.count():
            last = deals.aggregate(last=Max("ordered_at"))["last"]
            words = ngettext(
                "your e-mail address, what was sold and its price, for %(count)d payment, on %(date)s",
                "your e-mail address, what was sold and its price, for %(count)d payments, the last on %(date)s",
                times,
            )
            parts.append(words % {"count": times, "date": date_format(localtime(last), "DATE_FORMAT")})
        return "; ".join(str(part) for part in parts)

    @transaction.atomic
    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Ends what can be ended, and tells Escrow.com by the numbers of its transactions and accounts alone."""
        deals, accounts = _told_deals(subject), _told_accounts(subject)
        transactions = sorted(number for number in deals.values_list("provider_id", flat=True) if number)
        known = sorted(filter(None, accounts.values_list("provider_reference", flat=True)))
        is_known = bool(transactions or known or accounts.exists() or deals.exists())
        _end_open(subject, now=now)
        if not is_known:
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        _notify([*map(str, transactions)], known, now=now)
        return RecipientResult(CODE, Outcome.NOTICE_SENT, format_lazy(_WHOM_TO_ASK, _contact()))


_WHOM_TO_ASK = _(
    "Escrow.com decides for itself what it keeps, above all because of the law against money laundering. We have told"
    " it of your erasure; ask it about your data there: {}."
)


_NOTICE = (
    "A data subject has asked us to erase personal data (Art. 17 GDPR). We tell you because you received some of it"
    " from us (Art. 19 GDPR). No answer is needed."
)


def _contact() -> str:
    return catalogue().recipients[CODE].contact


def _told_deals(subject: Subject) -> QuerySet[EscrowDeal]:
    """What was ordered there, as far as we know."""
    rows: QuerySet[EscrowDeal] = rows_about(registry().holding(EscrowDeal), subject)
    return rows.filter(Q(provider_id__isnull=False) | Q(state=DealState.ORDERED)).order_by()


def _told_accounts(subject: Subject) -> QuerySet[EscrowAccount]:
    rows: QuerySet[EscrowAccount] = rows_about(registry().holding(EscrowAccount), subject)
    return rows.order_by()


def _end_open(subject: Subject, *, now: datetime) -> None:
    """What nobody has paid yet is cancelled: she will not be there to go on. Held money goes its way at Escrow.com."""
    rows: QuerySet[EscrowDeal] = rows_about(registry().holding(EscrowDeal), subject)
    ends = [DealState.PROPOSED, DealState.ORDERED, DealState.CREATED, DealState.AGREED]
    for deal in EscrowDeal.objects.select_for_update().filter(pk__in=rows.values("pk"), state__in=ends):
        if deal.state == DealState.PROPOSED:
            end_here(deal, DealState.CANCELLED, now=now)
        else:
            order_cancelling(deal, now=now)


def _notify(transactions: list[str], accounts: list[str], *, now: datetime) -> None:
    """The notice of Art. 19, in its language, by the numbers that Escrow.com gave; it names nobody."""
    with translation.override("en"):
        paragraphs = [_NOTICE]
        if transactions:
            paragraphs.append("Your transactions concerned: " + ", ".join(transactions) + ".")
        if accounts:
            paragraphs.append("Your customers concerned: " + ", ".join(accounts) + ".")
        context = {"heading": "Notice of an erasure under Art. 19 GDPR", "paragraphs": paragraphs}
        send("notice", to=_contact(), language="en", purpose="ACCOUNTABILITY", context=context, now=now)
