"""What Mailgun got about a person, and what becomes of it when the person asks for erasure (Art. 15(1)(c), 19, 28)."""

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
from mailing.models import OutgoingMessage

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
        """Mailgun offers no deletion of one person's logs: what it holds ends by its own term."""
        if not _handed_over(subject).exists():
            return RecipientResult(CODE, Outcome.NOTHING_HELD)
        return RecipientResult(
            CODE,
            Outcome.KEPT,
            format_lazy(
                "{} {}",
                _("Mailgun deletes the text and the records of e-mails by itself, at the latest after 30 days."),
                _("If you refused advertising, a note of that stays there."),
            ),
        )


def _handed_over(subject: Subject) -> QuerySet[OutgoingMessage]:
    rows: QuerySet[OutgoingMessage] = rows_about(registry().holding(OutgoingMessage), subject)
    return rows.filter(handed_to=CODE).order_by()
