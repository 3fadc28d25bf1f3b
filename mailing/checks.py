"""System checks of mail: who sends by Mailgun hears its answers, and only its answers (security V2); an emulated
Mailgun is for the demo alone."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error

_MAILGUN: Final = "anymail.backends.mailgun.EmailBackend"
_HOSTS: Final = ("https://api.eu.mailgun.net/", "https://api.mailgun.net/")


def check_emulation(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A Mailgun that is not the real one is called so, never in production; the real one is never called emulated."""
    is_emulated = bool(getattr(settings, "PROCESSORS_EMULATED", False))
    is_production = bool(getattr(settings, "PRODUCTION", False))
    found: list[CheckMessage] = []
    if is_emulated and is_production:
        found.append(Error("QLEKTA_PROCESSORS is emulated: letters would not go out.", id="mailing.E005"))
    if settings.EMAIL_BACKEND != _MAILGUN:
        return found
    is_real = str(settings.ANYMAIL.get("MAILGUN_API_URL", "")).startswith(_HOSTS)
    if not is_real and (is_production or not is_emulated):
        sentence = "MAILGUN_API_URL is not Mailgun's own: mail would go to an emulator or elsewhere."
        found.append(Error(sentence, hint="In development, say QLEKTA_PROCESSORS=emulated.", id="mailing.E004"))
    if is_real and is_emulated:
        found.append(Error("QLEKTA_PROCESSORS is emulated, but letters would really go out.", id="mailing.E006"))
    return found


def check_webhooks(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """In production with Mailgun, the signing key and the secret of the webhooks are set, and are not the API key."""
    if not getattr(settings, "PRODUCTION", False) or settings.EMAIL_BACKEND != _MAILGUN:
        return []
    anymail: dict[str, Any] = settings.ANYMAIL
    key, secret = (str(anymail.get(name, "")) for name in ("MAILGUN_WEBHOOK_SIGNING_KEY", "WEBHOOK_SECRET"))
    found: list[CheckMessage] = []
    if not key:
        found.append(Error("Set MAILGUN_WEBHOOK_SIGNING_KEY: mail that comes in cannot be heard.", id="mailing.E001"))
    elif key == anymail.get("MAILGUN_API_KEY"):
        found.append(Error("MAILGUN_WEBHOOK_SIGNING_KEY must not be the API key.", id="mailing.E002"))
    if not all(secret.partition(":")[::2]):
        found.append(Error("Set MAILGUN_WEBHOOK_SECRET to user:long-random-word.", id="mailing.E003"))
    return found
