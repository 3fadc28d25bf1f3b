"""System checks of mail: who sends by Mailgun hears its answers, and only its answers (security V2)."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error

_MAILGUN: Final = "anymail.backends.mailgun.EmailBackend"
_HOSTS: Final = ("https://api.eu.mailgun.net/", "https://api.mailgun.net/")


def check_webhooks(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """In production with Mailgun, the signing key and the secret of the webhooks are set, and are not the API key."""
    if not getattr(settings, "PRODUCTION", False) or settings.EMAIL_BACKEND != _MAILGUN:
        return []
    anymail: dict[str, Any] = settings.ANYMAIL
    key, secret = (str(anymail.get(name, "")) for name in ("MAILGUN_WEBHOOK_SIGNING_KEY", "WEBHOOK_SECRET"))
    found: list[CheckMessage] = []
    if not str(anymail.get("MAILGUN_API_URL", "")).startswith(_HOSTS):
        found.append(
            Error("MAILGUN_API_URL is not Mailgun's own: mail would go to an emulator or elsewhere.", id="mailing.E004")
        )
    if not key:
        found.append(Error("Set MAILGUN_WEBHOOK_SIGNING_KEY: mail that comes in cannot be heard.", id="mailing.E001"))
    elif key == anymail.get("MAILGUN_API_KEY"):
        found.append(Error("MAILGUN_WEBHOOK_SIGNING_KEY must not be the API key.", id="mailing.E002"))
    if not all(secret.partition(":")[::2]):
        found.append(Error("Set MAILGUN_WEBHOOK_SECRET to user:long-random-word.", id="mailing.E003"))
    return found
