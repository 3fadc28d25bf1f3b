"""System check of Escrow.com: what is called so is the real one, and what is emulated is never production's."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

_REAL: Final = ("api.escrow.com", "www.escrow.com")
_SANDBOX: Final = ("api.escrow-sandbox.com", "www.escrow-sandbox.com")


def check_escrow(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """payments.E001: neither Escrow.com nor called emulated, or its sandbox in production. payments.E002: the real one
    while processors are called emulated. payments.E003: a key without the address that it belongs to."""
    escrow: dict[str, Any] = settings.ESCROW
    if not escrow["KEY"]:
        return []
    places = [urlsplit(escrow["URL"]), urlsplit(escrow["PAGES_URL"])]
    hosts = tuple(place.netloc for place in places)
    is_https = all(place.scheme == "https" for place in places)
    is_emulated = bool(settings.PROCESSORS_EMULATED)
    allowed = (_REAL,) if settings.PRODUCTION else (_REAL, _SANDBOX)
    found: list[CheckMessage] = []
    if not is_emulated and not (is_https and hosts in allowed):
        sentence = "ESCROW_API_URL and ESCROW_PAGES_URL are not those of Escrow.com."
        found.append(Error(sentence, hint="In development, say QLEKTA_PROCESSORS=emulated.", id="payments.E001"))
    if is_emulated and hosts[0] in {*_REAL, *_SANDBOX}:
        found.append(Error("QLEKTA_PROCESSORS is emulated, but Escrow.com would really be told.", id="payments.E002"))
    if not escrow["EMAIL"]:
        found.append(Error("Set ESCROW_EMAIL: the address of the account that the key belongs to.", id="payments.E003"))
    return found
