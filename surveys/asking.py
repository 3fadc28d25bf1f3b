"""Taking part without an account: a letter with a link goes to the address, and nothing is asked before (Q5.2)."""

from datetime import datetime
from typing import Final
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from datamap.catalogue import length_of
from mailing.composing import checked_address
from mailing.services import send
from surveys.answering import NotOpen
from surveys.models import Participation, Survey
from surveys.terms import Audience
from vault.tokens import email_token, new_secret, secret_digest

MOST_LETTERS: Final = 3
"""So many letters about one survey one address gets, whoever asks for them: nobody's mailbox is filled by a form."""


class LinkOver(LookupError):
    """The link was replaced by a newer one, its answers were deleted, or it was never ours."""


@transaction.atomic
def ask(survey: Survey, address: str, *, language: str, now: datetime) -> None:
    """Send the holder of the address the link to answer; the page says the same for every address (security I2).

    Raises InvalidAddress, and NotOpen where the survey takes no answers by e-mail.
    """
    if survey.audience != Audience.ADDRESS or not survey.is_open(now=now):
        raise NotOpen
    spelling = checked_address(address)
    row = _row_of(survey, spelling, language=language, now=now)
    if row.letters >= MOST_LETTERS:
        return
    secret = new_secret()
    row.secret_digest, row.letters = secret_digest(secret), row.letters + 1
    row.save()
    by_account = not row.answers and EmailAddress.objects.filter(email=spelling, verified=True).exists()
    with translation.override(language):
        title = str(survey.said("title", language))
        context = _with_account(survey, title) if by_account else _link(survey, title, secret)
    send("notice", to=spelling, language=language, purpose="SERVICE", context=context, now=now)


def _row_of(survey: Survey, address: str, *, language: str, now: datetime) -> Participation:
    """The row of the address, locked; one without answers is forgotten in a week."""
    fresh = {"id": uuid4(), "email": address, "language": language, "ends_at": now + length_of("OPT_IN")}
    row, _is_new = Participation.objects.get_or_create(survey=survey, email_token=email_token(address), defaults=fresh)
    return Participation.objects.select_for_update().get(pk=row.pk)


def behind(secret: str, survey: Survey, *, now: datetime) -> Participation:
    """Whose answers a link leads to. Raises LinkOver."""
    found = Participation.objects.filter(secret_digest=secret_digest(secret), survey=survey, ends_at__gt=now).first()
    if found is None:
        raise LinkOver
    return found


def _link(survey: Survey, title: str, secret: str) -> dict[str, object]:
    return {
        "heading": _("Your link: %(title)s") % {"title": title},
        "paragraphs": [
            _("Somebody entered this address on our page to take part without an account."),
            _(
                "If it was you, answer on the page that opens; there you can also change or delete your answers. Keep"
                " the link to yourself. If it was not you, do nothing: after a week we forget the address."
            ),
        ],
        "link": reverse("surveys:by-link", kwargs={"slug": survey.slug, "secret": secret}),
        "link_label": _("To the page with the questions"),
    }


def _with_account(survey: Survey, title: str) -> dict[str, object]:
    return {
        "heading": _("You have an account: %(title)s") % {"title": title},
        "paragraphs": [
            _("Somebody entered this address on our page to take part without an account."),
            _("You have an account with this address. If it was you, log in on the page and answer there."),
        ],
        "link": reverse("surveys:page", kwargs={"slug": survey.slug}),
        "link_label": _("To the page with the questions"),
    }
