"""Calls as the mail service makes them: signed forms over HTTP, with the secret of the address."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, Final

from django.test import Client

KEY: Final = "key-of-the-webhooks-0123456789abcdef"
SECRET: Final = "mailgun:a-long-random-word"
INBOUND: Final = "/webhooks/mailgun/inbound_mime/"
TRACKING: Final = "/webhooks/mailgun/tracking/"
AUTHORIZED: Final = "Basic " + base64.b64encode(SECRET.encode()).decode()
NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)

Post = Callable[..., int]


def configured(settings: Any) -> None:
    """Give the webhooks their key and their secret."""
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY, "WEBHOOK_SECRET": SECRET}


def mail(
    text: str = "Lūdzu, atbildiet.",
    *,
    sender: str = "Līga <liga@example.lv>",
    subject: str = "Personas datu apstrāde",
    number: str = "",
    **headers: str,
) -> EmailMessage:
    """A mail of a person; `headers` with `_` for `-`."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "privacy@qlekta.example", subject
    message["Message-ID"] = f"<{number or secrets.token_hex(8)}@example.lv>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def signature(at: datetime, *, call: str = "", key: str = KEY) -> dict[str, str]:
    """The three fields that Mailgun signs with."""
    call, stamp = call or secrets.token_hex(25), str(int(at.timestamp()))
    signed = hmac.new(key.encode(), f"{stamp}{call}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": stamp, "token": call, "signature": signed}


def deliver(
    raw: EmailMessage | bytes,
    *,
    at: datetime = NOW,
    call: str = "",
    key: str = KEY,
    envelope: str = "liga@example.lv",
    authorization: str = AUTHORIZED,
) -> int:
    """Post one mail as raw MIME; returns the status."""
    mime = raw if isinstance(raw, bytes) else raw.as_bytes()
    fields = {"recipient": "privacy@qlekta.example", "sender": envelope, **signature(at, call=call, key=key)}
    parts = [
        f'--b0undary\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts += [b'--b0undary\r\nContent-Disposition: form-data; name="body-mime"\r\n\r\n', mime, b"\r\n--b0undary--\r\n"]
    return (
        Client(raise_request_exception=False)
        .post(
            INBOUND,
            b"".join(parts),
            content_type="multipart/form-data; boundary=b0undary",
            HTTP_AUTHORIZATION=authorization,
        )
        .status_code
    )


def report(
    message: str,
    recipient: str,
    *,
    event: str = "failed",
    at: datetime = NOW,
    severity: str = "permanent",
    key: str = KEY,
) -> int:
    """Post the news that a letter could not be delivered, or other news of it; returns the status."""
    news = {
        "event": event,
        "severity": severity,
        "recipient": recipient,
        "user-variables": {"message": message},
    }
    body = json.dumps({"signature": signature(at, key=key), "event-data": news})
    client = Client(raise_request_exception=False)
    return client.post(TRACKING, body, content_type="application/json", HTTP_AUTHORIZATION=AUTHORIZED).status_code
