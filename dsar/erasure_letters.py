"""What we write about an erasure: that it waits, that it stopped, and the last letter of all (Art. 17; security E1)."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from datamap.terms import Right, Text
from dsar.cases import case_key
from dsar.letters import PURPOSE, complaint_sentence, day_of, is_by_log_in, mail_about
from dsar.models import SubjectRequest
from mailing.services import absolute_url, send


def tell_erasure_stopped(case: SubjectRequest, why: Text, *, now: datetime) -> None:
    """The executor refused, most often because the data changed: nothing was erased (security E1)."""
    with translation.override(case.language):
        paragraphs = [_("You had confirmed the erasure of your data, but we erased nothing."), str(why)]
        mail_about(case, _("Nothing was deleted"), paragraphs, link=_erasure_page(case), now=now)


def tell_erasure_waits(case: SubjectRequest, *, now: datetime) -> None:
    """Nothing goes before the person saw the list: who filed without a log-in hears that here (security E1)."""
    with translation.override(case.language):
        paragraphs = [
            _("Your request %(number)s waits for you: nothing is erased before you have looked at the list.")
            % {"number": case.number},
            _("The page shows what would go and what must stay, and why. There you confirm it with a code."),
        ]
        mail_about(case, _("Please confirm the erasure"), paragraphs, link=_erasure_page(case), now=now)


def tell_erased(
    case: SubjectRequest,
    address: str,
    receipt_link: str,
    *,
    archive_until: datetime | None,
    others: Sequence[SubjectRequest] = (),
    now: datetime,
) -> None:
    """The last letter; its address is forgotten with its delivery, because nobody has an account here any more. If it
    comes back, the request says so.

    It says where the address still lies: in the sealed archive, unless the person objected to that (clause 10).

    The links of the other requests are the only way to them from now on. To who gave no address for
    e-mail, staff send it on paper.
    """
    if not address:
        return
    with translation.override(case.language):
        paragraphs = [
            _("Your data have been erased (request %(number)s).") % {"number": case.number},
            _("The receipt says what was erased, and what we must keep, why and until when. Please keep its link."),
            _archive_sentence(archive_until),
            *(_other_request_sentence(item) for item in others),
            complaint_sentence(),
        ]
        context = {
            "heading": _("Your data have been erased"),
            "paragraphs": paragraphs,
            "link": receipt_link,
            "link_label": _("Read the receipt"),
            "reference": case.number,
        }
        send(
            "notice",
            to=address,
            language=case.language,
            purpose=PURPOSE,
            context=context,
            now=now,
            forget_after_delivery=True,
        )


def _archive_sentence(until: datetime | None) -> str:
    if until is None:
        return _("From now on we do not know this address any more, and nobody can bring the account back.")
    return _(
        "Your name and this address lie sealed in the archive until %(day)s, for disputes only. You can object to that"
        " at any time and need no account: %(link)s"
    ) % {"day": day_of(until), "link": absolute_url(reverse("privacy:archive-objection"))}


def _other_request_sentence(case: SubjectRequest) -> str:
    return _("Your other request %(number)s (%(right)s) stays on this page, without an account: %(link)s") % {
        "number": case.number,
        "right": Right(case.right).label,
        "link": absolute_url(reverse("privacy:case", args=[case_key(case)])),
    }


def _erasure_page(case: SubjectRequest) -> str:
    return reverse("account-delete") if is_by_log_in(case) else reverse("privacy:case-erasure", args=[case_key(case)])
