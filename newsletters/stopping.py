"""The way out of advertising: one link that works without log-in or cookie, for years, after an erasure (Q13.6, Q13.7).

The link itself says whose it is, sealed: the token of the address, and the account where there is one. So it needs no
row that could be gone.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from consent.services import withdraw, withdraw_by_token
from consent.terms import ConsentPurpose, Method
from mailing.services import suppress_known
from newsletters.models import Subscription, SubscriptionRequest
from vault.keys import destroy_key
from vault.links import opened_link, sealed_link
from vault.tokens import email_token

UNSUBSCRIBED: Final = "unsubscribed"
_PURPOSE: Final = "newsletters.stop"
_TOKEN_BYTES: Final = 32
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class WayOut:
    """Whom a link lets out: an address by its token, and the account that it belonged to when it was written."""

    token: str
    user_id: UUID | None = None

    @property
    def path(self) -> str:
        """The path of the page with the button, which is also where the one-click header points (RFC 8058)."""
        whose = base64.urlsafe_b64decode(self.token + "=") + (self.user_id or _NOBODY).bytes
        return reverse("newsletters:stop", kwargs={"link": sealed_link(whose, purpose=_PURPOSE)})

    @classmethod
    def read(cls, link: str) -> Self | None:
        """None for a link that we did not make."""
        whose = opened_link(link, purpose=_PURPOSE)
        if whose is None or len(whose) != _TOKEN_BYTES + 16:
            return None
        token = base64.urlsafe_b64encode(whose[:_TOKEN_BYTES]).rstrip(b"=").decode()
        user_id = UUID(bytes=whose[_TOKEN_BYTES:])
        return cls(token, None if user_id == _NOBODY else user_id)


def way_out(address: str, *, user_id: UUID | None = None) -> str:
    """The path that belongs under every advertisement to this address."""
    return WayOut(email_token(address), user_id).path


@transaction.atomic
def stop(out: WayOut, *, language: str, place: str, now: datetime) -> None:
    """End advertising for the address at once, whatever it rested on; what waits in the outbox is not sent.

    The address goes on the list of those that get none, the consent of the account and that of the address are
    withdrawn on record, and a subscription without an account is deleted. Repeating it changes nothing.
    """
    suppress_known(out.token, reason=UNSUBSCRIBED, now=now)
    if out.user_id is not None:
        withdraw(
            out.user_id,
            ConsentPurpose.MARKETING_EMAIL,
            language=language,
            method=Method.UNSUBSCRIBE_LINK,
            place=place,
            now=now,
        )
    withdraw_by_token(
        out.token,
        ConsentPurpose.MARKETING_EMAIL,
        language=language,
        method=Method.UNSUBSCRIBE_LINK,
        place=place,
        now=now,
    )
    forget(out.token, now=now)


def forget(token: str, *, now: datetime) -> int:
    """Delete the subscription of an address, and what waits for its confirmation, each with its key."""
    count = 0
    for model in (Subscription, SubscriptionRequest):
        for number in model._default_manager.filter(email_token=token).values_list("pk", flat=True):
            count += model._default_manager.filter(pk=number).delete()[0]
            destroy_key(number, now=now)
    return count
