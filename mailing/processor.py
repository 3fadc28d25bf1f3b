"""What Mailgun got about a person, what it holds, and what it does when the person uses a right (Art. 15-19, 28)."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from datamap.catalogue import length_of
from datamap.periods import RIGA
from datamap.processors import NO_ACCOUNT, Outcome, RecipientResult
from datamap.registry import registry
from datamap.terms import Text
from datamap.trace import Subject, rows_about
from datamap.transfers import may_hand_over
from mailing.delivery import carrier
from mailing.mailgun import Mailgun
from mailing.models import Forgetting, OutgoingMessage
from outbox.models import Effect, State
from outbox.questions import ask
from outbox.services import enqueue
from vault.tokens import email_token

CODE = "MAILGUN"


class MailgunHandler:
    """Knows from our own rows to which addresses letters went; orders go through the outbox."""

    def describe(self, subject: Subject) -> Text:
        found = _handed_over(subject).aggregate(times=Count("pk"), last=Max(Coalesce("handed_over_at", "tried_at")))
        if not found["times"]:
            return ""
        return ngettext(
            "%(count)d e-mail with your address, on %(date)s",
            "%(count)d e-mails with your address, the last on %(date)s",
            found["times"],
        ) % {"count": found["times"], "date": date_format(localtime(found["last"]), "DATE_FORMAT")}

    def collect(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """What its log and its lists say of the addresses to which letters went."""
        addresses = _addresses(subject)
        if not addresses:
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        if carrier() != CODE:
            return RecipientResult(CODE, Outcome.NOT_POSSIBLE, NO_ACCOUNT)
        return ask(CODE, lambda: (line for address in addresses for line in _lines(address)), now=now)

    def rectify(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """A letter that went cannot be called back."""
        if not _addresses(subject):
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        return RecipientResult(CODE, Outcome.NOT_POSSIBLE, _NOT_CORRECTED)

    def restrict(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """The gate before each letter stops what the restriction stops; what it logged has no such switch."""
        if not _addresses(subject):
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        return RecipientResult(CODE, Outcome.NOT_POSSIBLE, _NOT_SET_ASIDE)

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Has the address taken off its lists; it offers no deletion of one person's logs, so what they hold ends by
        its own term, and then somebody looks whether it did."""
        addresses = _addresses(subject)
        if not addresses:
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        ordered = [str(_order_forgetting(address, now=now)) for address in addresses]
        return _standing(ordered, asked_at=now, now=now)

    def probe(self, reference: str, *, now: datetime) -> RecipientResult:
        """Our sealed copy of an address goes when the log has been seen to say nothing of it, and only then."""
        ordered = reference.split(_BETWEEN)
        asked_at = Forgetting.objects.filter(pk__in=ordered).aggregate(last=Max("asked_at"))["last"]
        if asked_at is None:
            return RecipientResult(CODE, Outcome.NOTHING_LEFT, _SEEN_GONE, reference=reference)
        return _standing(ordered, asked_at=asked_at, now=now)

    def health(self, *, now: datetime) -> RecipientResult:
        """Whether it takes our key for our domain."""
        if carrier() != CODE:
            return RecipientResult(CODE, Outcome.NOT_POSSIBLE, NO_ACCOUNT)
        return ask(CODE, _answering_domain, now=now)


_BETWEEN: Final = " "
_MOST_EVENTS: Final = 1000
_BY_ITSELF: Text = _("Mailgun deletes the text and the records of e-mails by itself, at the latest after 30 days.")
_NOT_CORRECTED: Text = format_lazy(
    "{} {}", _("An e-mail that was sent cannot be changed; the next ones say what is right."), _BY_ITSELF
)
_NOT_SET_ASIDE: Text = format_lazy(
    "{} {} {}",
    _("We hand it no e-mail to you that the restriction stops."),
    _("Its records of earlier ones cannot be set aside."),
    _BY_ITSELF,
)
_ERASING: Text = format_lazy(
    "{} {} {}",
    _BY_ITSELF,
    _("We take your address off its lists of letters that came back and of refusals."),
    _("After the 30 days we look whether it is gone; until then we keep your address sealed for that."),
)
_EVENTS: dict[str, Text] = {
    "accepted": _("taken for sending"),
    "rejected": _("not taken for sending"),
    "delivered": _("handed over to your mailbox"),
    "failed": _("could not be handed over"),
    "stored": _("set aside for sending"),
    "unsubscribed": _("you ended the newsletter"),
    "complained": _("you called it unwanted"),
}
"""What Mailgun calls an event, in words."""
_SEEN_GONE: Text = _("Its log and its lists say nothing of your address any more: we have looked.")


def _standing(ordered: list[str], *, asked_at: datetime, now: datetime) -> RecipientResult:
    """How the forgetting of these addresses stands, of which not all have been seen to be forgotten."""
    orders = Effect.objects.filter(aggregate__in=[_aggregate(number) for number in ordered])
    outcome = Outcome.KEPT
    if orders.filter(state=State.FAILED).exists():
        outcome = Outcome.FAILED
    elif not may_hand_over(CODE, now=now):
        outcome = Outcome.WAITS
    return RecipientResult(CODE, outcome, _ERASING, until=_gone_on(asked_at), reference=_BETWEEN.join(ordered))


def _addresses(subject: Subject) -> list[str]:
    return sorted(set(_handed_over(subject).values_list("to_address", flat=True)))


def _lines(address: str) -> Iterator[str]:
    service = Mailgun.of_settings()
    for name in service.lists_of(address):
        yield gettext("%(address)s: on its list “%(list)s”") % {"address": address, "list": name}
    for event, at in islice(service.events_of(address), _MOST_EVENTS):
        when = date_format(localtime(at), "DATETIME_FORMAT")
        yield gettext("%(address)s: an e-mail, %(event)s (%(at)s)") % {
            "address": address,
            "event": _EVENTS.get(event, event),
            "at": when,
        }


def _answering_domain() -> tuple[str, ...]:
    service = Mailgun.of_settings()
    service.answers()
    return (service.domain,)


def _gone_on(asked_at: datetime) -> date:
    return (asked_at + length_of("MAILGUN_LOG")).astimezone(RIGA).date()


def _aggregate(number: UUID | str) -> str:
    return f"forgetting:{number}"


def _order_forgetting(address: str, *, now: datetime) -> UUID:
    with transaction.atomic():
        row = Forgetting.objects.create(email_token=email_token(address), email=address, asked_at=now)
        aggregate, payload = _aggregate(row.pk), {"forgetting": str(row.pk)}
        enqueue("mailing.empty_lists", aggregate=aggregate, payload=payload, now=now)
        after = now + length_of("MAILGUN_LOG")
        enqueue("mailing.prove_forgotten", aggregate=aggregate, payload=payload, now=now, not_before=after)
    return row.pk


def _handed_over(subject: Subject) -> QuerySet[OutgoingMessage]:
    """What it has, and what it may have: a call whose answer was lost has told it the address all the same."""
    rows: QuerySet[OutgoingMessage] = rows_about(registry().holding(OutgoingMessage), subject)
    perhaps = Q(handed_over_at=None, tried_at__isnull=False) if carrier() == CODE else Q(pk__in=[])
    return rows.filter(Q(handed_to=CODE) | perhaps).order_by()
