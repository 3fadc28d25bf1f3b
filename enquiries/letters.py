"""What we write about enquiries: that it reached us, and the answer; in the language it was asked in (Q5.6).

Anybody can type any address into a form: a letter never repeats what was typed before a member of the staff read it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from enquiries.models import Enquiry
from enquiries.terms import CameBy, Kind
from mailing.services import send
from vault.tokens import token

PURPOSES: Final = {Kind.QUESTION: "SERVICE", Kind.OFFER: "OFFER", Kind.PROBLEM: "SERVICE"}
"""What a letter is written for: who asked for an offer is sent that offer, and by this purpose nobody else (Q7.2)."""


def acknowledge(enquiry: Enquiry, *, now: datetime) -> None:
    """The number, and where the answer will be; nothing where no address is known."""
    with translation.override(enquiry.language):
        paragraphs = [
            _("We received what you wrote. Its number is %(number)s.") % {"number": enquiry.number},
            _("A person on our side reads it and answers by e-mail. You can read it and add to it on its page."),
        ]
        if enquiry.user_id is None and enquiry.came_by == CameBy.FORM:
            paragraphs.append(_("If it was not you who wrote to us, you need not do anything."))
        _send(enquiry, _("We received your message"), paragraphs, now=now)


def answer(enquiry: Enquiry, text: str, *, now: datetime) -> None:
    """Our answer in full; to write on, the person uses its page."""
    with translation.override(enquiry.language):
        heading = _("Our answer to %(number)s") % {"number": enquiry.number}
        last = _("If you want to write on, please use the page of your enquiry: there we know what it is about.")
        _send(enquiry, heading, [*_paragraphs(text), last], now=now)


def _send(enquiry: Enquiry, heading: str, paragraphs: Sequence[str], *, now: datetime) -> None:
    address = enquiry.email if enquiry.user is None else enquiry.user.email
    if not address:
        return
    context = {
        "heading": heading,
        "paragraphs": paragraphs,
        "link": page_of(enquiry),
        "link_label": _("To the page of your enquiry"),
        "reference": enquiry.number,
    }
    send(
        "notice",
        to=address,
        language=enquiry.language,
        purpose=PURPOSES[Kind(enquiry.kind)],
        context=context,
        user_id=enquiry.user_id,
        now=now,
    )


def page_of(enquiry: Enquiry) -> str:
    """The path of the page on which its person reads it: behind the log-in, or behind the link."""
    if enquiry.user_id is not None:
        return reverse("enquiries:own", args=[enquiry.pk])
    return reverse("enquiries:by-link", args=[link_key(enquiry.pk)])


def link_key(number: UUID) -> str:
    """The secret of the link in our letters: made from the enquiry's number by a key of the site, stored nowhere."""
    return token(str(number), purpose="enquiries.link")


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
