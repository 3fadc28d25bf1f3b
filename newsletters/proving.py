"""The way to the receipt of a subscription without an account: a link that says whose it is, sealed (Art. 7(1))."""

import base64
from typing import Final

from django.urls import reverse

from vault.links import opened_link, sealed_link

_PURPOSE: Final = "newsletters.receipt"
_TOKEN_BYTES: Final = 32


def receipt_path(whose: str) -> str:
    """The path of the receipt of the consent that is on record under this token."""
    payload = base64.urlsafe_b64decode(whose + "=")
    return reverse("newsletters:receipt", kwargs={"link": sealed_link(payload, purpose=_PURPOSE)})


def whose_receipt(link: str) -> str | None:
    """The token in a link; None for one that we did not make for this."""
    payload = opened_link(link, purpose=_PURPOSE)
    if payload is None or len(payload) != _TOKEN_BYTES:
        return None
    return base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
