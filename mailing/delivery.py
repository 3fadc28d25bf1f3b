"""Hands a letter over through Django's mail backend, and says honestly whether it went, may have gone, or did not."""

import smtplib
from dataclasses import dataclass
from typing import Any, Final

import requests
from anymail.exceptions import AnymailError
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.utils.module_loading import import_string

from datamap.catalogue import catalogue
from mailing.composing import Letter
from mailing.models import OutgoingMessage
from outbox.answers import asked_to_wait
from outbox.handlers import AnswerLost, EffectError, Halted, Permanent, Transient

_PATIENCE: Final = 15  # seconds for each answer of a mail server
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
# Our key, our account, our domain: no letter is to blame, and none would fare better.
_AGAINST_US: Final = frozenset({401, 403, 404})
_SMTP_FOR_GOOD: Final = 500


@dataclass(frozen=True, slots=True)
class HandedOver:
    """To whom the letter went (a code of the catalogue, empty for a server of our own), and its number there."""

    to: str = ""
    provider_id: str = ""


def carrier() -> str:
    """Who would get a letter now: a code of the catalogue, empty for a server of our own."""
    return str(getattr(import_string(settings.EMAIL_BACKEND), "esp_name", "")).upper()


def provider() -> str:
    """The name of the gate before whoever carries letters now (`outbox.gates`)."""
    return carrier() or "MAIL_SERVER"


def hand_over(message: OutgoingMessage, letter: Letter) -> HandedOver:
    """Sends one letter, outside any transaction. Raises Transient, Halted, AnswerLost or Permanent, whose words name
    nobody."""
    # Django waits for ever where nothing is set; a lease does not.
    backend: BaseEmailBackend = get_connection(timeout=settings.EMAIL_TIMEOUT or _PATIENCE)
    try:
        backend.open()
    except smtplib.SMTPAuthenticationError as error:
        raise Halted("The mail server does not accept our log-in.") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Transient("The mail server does not answer.") from error
    mail = _mail(message, letter, backend)
    try:
        mail.send()
    except (OSError, smtplib.SMTPException, AnymailError, ValueError) as error:
        raise what_it_means(error) from error
    finally:
        backend.close()
    return HandedOver(
        to=getattr(backend, "esp_name", "").upper(), provider_id=str(mail.anymail_status.message_id or "")
    )


def _mail(message: OutgoingMessage, letter: Letter, backend: BaseEmailBackend) -> AnymailMessage:
    controller = catalogue().controller
    domain = controller.email.rpartition("@")[2]
    headers = {"Message-ID": f"<{message.pk}@{domain}>", "Auto-Submitted": "auto-generated"}
    if letter.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = AnymailMessage(
        subject=letter.subject,
        body=letter.text,
        from_email=sanitize_address((controller.name, controller.email), "utf-8"),
        to=[message.to_address],
        headers=headers,
        connection=backend,
        metadata={"message": str(message.pk)},
        track_opens=False,
        track_clicks=False,
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    return mail


def what_it_means(error: Exception) -> EffectError:
    """Whether a failed hand-over certainly did not happen, may have happened, or never can."""
    response = getattr(error, "response", None)
    match error:
        case _ if response is not None:
            return _answered(response)
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _text in error.recipients.values()]
            return _refused(max(codes, default=_SMTP_FOR_GOOD), this_one_only=True)
        case smtplib.SMTPResponseException():
            return _refused(error.smtp_code)
        case requests.ConnectTimeout() | ConnectionRefusedError():
            return Transient("The mail service does not answer.")
        case requests.RequestException() | smtplib.SMTPServerDisconnected() | OSError():
            return AnswerLost("The connection broke while the mail was handed over.")
        case _:
            return Permanent(f"The mail cannot be sent as it is ({type(error).__name__}).")


def _answered(response: Any) -> EffectError:
    status = response.status_code
    if status == _TOO_MANY:
        return Transient("The mail service asks us to wait.", retry_after=asked_to_wait(response))
    if status in _AGAINST_US:
        return Halted(f"The mail service does not accept our key or our domain ({status}).")
    if status >= _SERVER_ERROR:
        return AnswerLost(f"The mail service answered {status}; it may have taken the mail.")
    return Permanent(f"The mail service refused the mail ({status}).")


def _refused(code: int, *, this_one_only: bool = False) -> EffectError:
    if code >= _SMTP_FOR_GOOD:
        return Permanent(f"The mail server refused the mail ({code}).")
    return Transient(f"The mail server asks us to wait ({code}).", this_one_only=this_one_only)
