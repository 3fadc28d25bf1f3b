"""What Escrow.com got about a person, what it holds, and what it is told when she uses a right (Art. 15-19; Q9.10).

It decides for itself what it keeps, so its answer is not awaited; the person is told whom to ask there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import catalogue
from datamap.processors import FINAL, NO_ACCOUNT, Outcome, RecipientResult
from datamap.registry import registry
from datamap.terms import Text
from datamap.trace import Subject, rows_about
from mailing.models import OutgoingMessage, State
from mailing.services import send
from outbox.handlers import Halted
from outbox.questions import ask
from payments.escrow.client import CODE, Escrow, is_open
from payments.escrow.services import order_cancelling
from payments.escrow.settling import end_here
from payments.escrow.states import state_of
from payments.models.escrow import DealState, EscrowAccount, EscrowDeal


class EscrowHandler:
    """Knows from our own rows which payments and which account are hers; orders go through the outbox."""

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

    def collect(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Her payments and her account as it tells them; nothing of the other party."""
        if not _is_known(subject):
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        if not is_open():
            return RecipientResult(CODE, Outcome.NOT_POSSIBLE, format_lazy("{} {}", NO_ACCOUNT, _ask_there()))
        deals = list(_told_deals(subject).order_by("-ordered_at")[:_MOST])
        sellers = list(_told_accounts(subject).select_related("user"))
        found = ask(CODE, lambda: chain(_deal_lines(deals), _account_lines(sellers)), now=now)
        return replace(found, detail=_ask_there()) if found.outcome in FINAL else found

    def rectify(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """A notice by numbers: what is right she tells there herself, where she is identified."""
        return _told(subject, _CORRECTED, now=now)

    def restrict(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """A notice by numbers: it decides for itself what it must go on doing with money that it holds."""
        return _told(subject, _SET_ASIDE, now=now)

    @transaction.atomic
    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Ends what can be ended, and tells Escrow.com by the numbers of its transactions and accounts alone."""
        is_known, (transactions, accounts) = _is_known(subject), _numbers(subject)
        _end_open(subject, now=now)
        if not is_known:
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        letter = _notify(_ERASED, transactions, accounts, now=now)
        whom = format_lazy(_WHOM_TO_ASK, _contact())
        return RecipientResult(CODE, Outcome.REQUESTED, whom, reference=str(letter.pk))

    def probe(self, reference: str, *, now: datetime) -> RecipientResult:
        """Whether the notice has gone out; an answer is not awaited."""
        letter = OutgoingMessage.objects.filter(pk=reference).first()
        outcome = Outcome.UNKNOWN if letter is None else _BECAME.get(State(letter.state), Outcome.FAILED)
        return RecipientResult(CODE, outcome, _ask_there(), reference=reference)

    def health(self, *, now: datetime) -> RecipientResult:
        """Whether it takes the key of our account."""
        if not is_open():
            return RecipientResult(CODE, Outcome.NOT_POSSIBLE, NO_ACCOUNT)
        return ask(CODE, _answering_account, now=now)


@dataclass(frozen=True, slots=True)
class _Notice:
    """A notice of Art. 19, in the language of its reader."""

    heading: str
    sentence: str


_MOST: Final = 200
"""Payments of one person that are asked for, the youngest first."""

_BECAME: Final = {State.SENT: Outcome.NOTICE_SENT, State.QUEUED: Outcome.REQUESTED}
_ASK_THERE = _("It holds more that we never see, such as proof of who you are; ask it there: {}.")


def _ask_there() -> Text:
    return format_lazy(_ASK_THERE, _contact())


def _told(subject: Subject, about: _Notice, *, now: datetime) -> RecipientResult:
    """Told is it only when the letter has gone."""
    if not _is_known(subject):
        return RecipientResult(CODE, Outcome.NOTHING_HELD)
    letter = _notify(about, *_numbers(subject), now=now)
    return RecipientResult(CODE, Outcome.REQUESTED, _ask_there(), reference=str(letter.pk))


_WHOM_TO_ASK = _(
    "Escrow.com decides for itself what it keeps, above all because of the law against money laundering. We tell it"
    " of your erasure; ask it about your data there: {}."
)


_ERASED = _Notice(
    "Notice of an erasure under Art. 19 GDPR",
    "A data subject has asked us to erase personal data (Art. 17 GDPR). We tell you because you received some of it"
    " from us (Art. 19 GDPR). No answer is needed.",
)
_CORRECTED = _Notice(
    "Notice of a rectification under Art. 19 GDPR",
    "We have corrected personal data of a data subject (Art. 16 GDPR). We tell you because you received some of it from"
    " us (Art. 19 GDPR). What is right you can hear from the data subject, whom you know. No answer is needed.",
)
_SET_ASIDE = _Notice(
    "Notice of a restriction under Art. 19 GDPR",
    "We have restricted the processing of personal data of a data subject (Art. 18 GDPR). We tell you because you"
    " received some of it from us (Art. 19 GDPR). No answer is needed.",
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


def _is_known(subject: Subject) -> bool:
    return _told_accounts(subject).exists() or _told_deals(subject).exists()


def _numbers(subject: Subject) -> tuple[list[str], list[str]]:
    """Her transactions and her accounts, by the numbers that Escrow.com gave."""
    deals, accounts = _told_deals(subject), _told_accounts(subject)
    transactions = sorted(number for number in deals.values_list("provider_id", flat=True) if number)
    known = sorted(filter(None, accounts.values_list("provider_reference", flat=True)))
    return [*map(str, transactions)], known


def _deal_lines(deals: Iterable[EscrowDeal]) -> Iterator[str]:
    """Where the answer to an order was lost, it is looked up by our reference: it may be there all the same."""
    for deal in deals:
        service = Escrow.of_settings()
        tx = service.get(deal.provider_id) if deal.provider_id else service.by_reference(deal.reference)
        if tx is not None:
            parts = [tx.id, f"{tx.amount} {tx.currency}", state_of(tx).label, *sorted(tx.item), *sorted(tx.money)]
            yield ", ".join(map(str, parts))


def _account_lines(accounts: Iterable[EscrowAccount]) -> Iterator[str]:
    for account in accounts:
        if (known := Escrow.of_settings().customer(account.user.email)) is not None:
            words = {"number": known.id, "email": account.user.email, "word": known.verification}
            yield gettext("account %(number)s of %(email)s, identified: %(word)s") % words


def _answering_account() -> tuple[str, ...]:
    known = Escrow.of_settings().customer("")
    if known is None:
        raise Halted("Escrow.com does not know our account.")
    return (str(known.id),)


def _notify(about: _Notice, transactions: list[str], accounts: list[str], *, now: datetime) -> OutgoingMessage:
    """The notice of Art. 19, in its language, by the numbers that Escrow.com gave; it names nobody."""
    with translation.override("en"):
        paragraphs = [about.sentence]
        if transactions:
            paragraphs.append("Your transactions concerned: " + ", ".join(transactions) + ".")
        if accounts:
            paragraphs.append("Your customers concerned: " + ", ".join(accounts) + ".")
        context = {"heading": about.heading, "paragraphs": paragraphs}
        return send("notice", to=_contact(), language="en", purpose="ACCOUNTABILITY", context=context, now=now)
