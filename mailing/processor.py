"""What Mailgun got about a person, and what becomes of it when the person asks for erasure (Art. 15(1)(c), 19, 28)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from datamap.catalogue import length_of
from datamap.processors import Outcome, RecipientResult
from datamap.registry import registry
from datamap.terms import Text
from datamap.trace import Subject, rows_about
from mailing.models import Forgetting, OutgoingMessage
from outbox.services import enqueue
from vault.tokens import email_token

CODE = "MAILGUN"


class MailgunHandler:
    """Answers from our own rows; the network belongs to the outbox."""

    def describe(self, subject: Subject) -> Text:
        found = _handed_over(subject).aggregate(times=Count("pk"), last=Max("handed_over_at"))
        if not found["times"]:
            return ""
        return ngettext(
            "%(count)d e-mail with your address, on %(date)s",
            "%(count)d e-mails with your address, the last on %(date)s",
            found["times"],
        ) % {"count": found["times"], "date": date_format(localtime(found["last"]), "DATE_FORMAT")}

    def erase(self, subject: Subject, *, now: datetime) -> RecipientResult:
        """Has the address taken off its lists; it offers no deletion of one person's logs, so what they hold ends by
        its own term, and then somebody looks whether it did."""
        addresses = sorted(set(_handed_over(subject).values_list("to_address", flat=True)))
        if not addresses:
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        for address in addresses:
            _order_forgetting(address, now=now)
        return RecipientResult(
            CODE,
            Outcome.KEPT,
            format_lazy(
                "{} {} {}",
                _("Mailgun deletes the text and the records of e-mails by itself, at the latest after 30 days."),
                _("We take your address off its lists of letters that came back and of refusals."),
                _("After the 30 days we look whether it is gone; until then we keep your address sealed for that."),
            ),
        )


def _order_forgetting(address: str, *, now: datetime) -> None:
    with transaction.atomic():
        row = Forgetting.objects.create(email_token=email_token(address), email=address, asked_at=now)
        aggregate, payload = f"forgetting:{row.pk}", {"forgetting": str(row.pk)}
        enqueue("mailing.empty_lists", aggregate=aggregate, payload=payload, now=now)
        after = now + length_of("MAILGUN_LOG")
        enqueue("mailing.prove_forgotten", aggregate=aggregate, payload=payload, now=now, not_before=after)


def _handed_over(subject: Subject) -> QuerySet[OutgoingMessage]:
    rows: QuerySet[OutgoingMessage] = rows_about(registry().holding(OutgoingMessage), subject)
    return rows.filter(handed_to=CODE).order_by()
