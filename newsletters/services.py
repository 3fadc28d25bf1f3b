"""Subscribing without an account: nothing is sent before the holder of the mailbox has confirmed it (Q13.9)."""

from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from consent.models import ConsentEvent
from consent.services import give, give_by_address, note_subscription
from consent.terms import ConsentPurpose, Method
from datamap.catalogue import length_of
from mailing.composing import checked_address
from mailing.services import lift, send
from newsletters.models import Subscription, SubscriptionRequest
from newsletters.stopping import way_out
from vault.keys import destroy_key
from vault.tokens import email_token, new_secret, secret_digest

MOST_LETTERS: Final = 3
"""So many letters one address gets within a week, whoever asks for them: nobody's mailbox is filled by a form."""

WEEK: Final = length_of("OPT_IN")


class LinkOver(LookupError):
    """The link was used, is older than a week, or was never ours."""


def ask(address: str, *, language: str, wording: str, ip: str, now: datetime) -> None:
    """Write to the address and ask whether its holder wants the newsletter; the same for every address (security I2).

    `wording` is the hash of the text that was shown, `ip` empty where none is known. Raises InvalidAddress.
    """
    spelling = checked_address(address)
    whose, secret = email_token(spelling), new_secret()
    with transaction.atomic():
        row = _request_of(spelling, now=now)
        if row.letters >= MOST_LETTERS:
            return
        row.language, row.wording, row.ip = language, wording, ip
        row.secret_digest, row.letters = secret_digest(secret), row.letters + 1
        row.save()
        subscribed = Subscription.objects.filter(email_token=whose).exists()
        _write(spelling, secret, subscribed=subscribed, language=language, now=now)


def _request_of(address: str, *, now: datetime) -> SubscriptionRequest:
    """The row of the address, locked; one that is over begins anew."""
    fresh = {"id": uuid4(), "secret_digest": secret_digest(new_secret()), "requested_at": now}
    row, _is_new = SubscriptionRequest.objects.get_or_create(
        email_token=email_token(address), defaults={**fresh, "email": address, "language": "", "wording": ""}
    )
    locked = SubscriptionRequest.objects.select_for_update().get(pk=row.pk)
    if locked.requested_at <= now - WEEK:
        locked.requested_at, locked.letters = now, 0
    return locked


def _write(address: str, secret: str, *, subscribed: bool, language: str, now: datetime) -> None:
    with translation.override(language):
        context = _already() | {"link": way_out(address)} if subscribed else _question(secret)
    send("notice", to=address, language=language, purpose="SERVICE", context=context, now=now)


def _question(secret: str) -> dict[str, object]:
    return {
        "heading": _("Do you want our newsletter?"),
        "paragraphs": [
            _("Somebody entered this address on our page to get our offers and news by e-mail."),
            _(
                "If it was you, press the button on the page that opens. If not, do nothing: nothing will be sent, and"
                " after a week we forget the address."
            ),
        ],
        "link": reverse("newsletters:confirm", kwargs={"secret": secret}),
        "link_label": _("To the page with the button"),
    }


def _already() -> dict[str, object]:
    return {
        "heading": _("You get our newsletter already"),
        "paragraphs": [
            _(
                "Somebody entered this address on our page to get our offers and news by e-mail. You get them already,"
                " so nothing changes."
            ),
            _("If you want them no longer, you can end that with one button."),
        ],
        "link_label": _("End the newsletter"),
    }


def waiting(secret: str, *, now: datetime) -> SubscriptionRequest:
    """What a link asks to confirm. Raises LinkOver."""
    return _first(_asked_with(secret, now=now))


def _asked_with(secret: str, *, now: datetime) -> QuerySet[SubscriptionRequest]:
    return SubscriptionRequest.objects.filter(secret_digest=secret_digest(secret), requested_at__gt=now - WEEK)


def _first(found: QuerySet[SubscriptionRequest]) -> SubscriptionRequest:
    row = found.first()
    if row is None:
        raise LinkOver
    return row


@transaction.atomic
def confirm(secret: str, *, place: str, now: datetime) -> ConsentEvent:
    """The holder of the mailbox says yes: from now on the consent is on record, with its evidence (Q13.3).

    Where the address belongs to an account, the consent is the account's. Raises LinkOver, WordingChanged,
    AgeNotDeclared.
    """
    row = _first(_asked_with(secret, now=now).select_for_update())
    event = _give(row, place=place, now=now)
    if row.ip:
        note_subscription(event, ip=row.ip)
    lift(row.email, now=now)
    row.delete()
    destroy_key(row.pk, now=now)
    return event


def _give(row: SubscriptionRequest, *, place: str, now: datetime) -> ConsentEvent:
    how: dict[str, Any] = {
        "language": row.language,
        "method": Method.NEWSLETTER_FORM,
        "place": place,
        "wording": row.wording,
        "evidence": {"requested_at": row.requested_at.isoformat()},
        "now": now,
    }
    owner = EmailAddress.objects.filter(email=row.email, verified=True).values_list("user_id", flat=True).first()
    if owner is not None:
        return give(owner, ConsentPurpose.MARKETING_EMAIL, **how)
    event = give_by_address(row.email, ConsentPurpose.MARKETING_EMAIL, **how)
    Subscription.objects.get_or_create(
        email_token=row.email_token, defaults={"email": row.email, "language": row.language, "confirmed_at": now}
    )
    return event
