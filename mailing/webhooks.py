"""The doors for the mail service: what it calls must be signed, fresh, new, and know our secret (security V2)."""

import json
import logging
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.mailgun import MailgunBaseWebhookView
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from mailing.inbound import EARLY, RETRIES, ReceivedMail, came_back, is_first, receive, refused_there
from mailing.inbound_form import BrokenForm, FormTooLarge, read_form
from mailing.inbound_origin import origin_of

logger = logging.getLogger(__name__)

_SIGNED: Final = ("token", "timestamp", "signature")


class _SignedView(MailgunBaseWebhookView):
    """What both doors ask; anymail compares the secret and the signature in constant time.

    A door without a key of its own does not exist.
    """

    def post(self, request: HttpRequest, *_arguments: Any, **_more: Any) -> HttpResponse:
        if not (self.webhook_signing_key and self.basic_auth):
            raise Http404
        now = timezone.now()
        try:
            signed = self.signed(request)
        except FormTooLarge:
            return HttpResponse(status=HTTPStatus.NOT_ACCEPTABLE)
        except (BrokenForm, ValueError) as trouble:
            raise AnymailWebhookValidationFailure("not what the mail service sends") from trouble
        moment = _moment(signed)
        self.run_validators(request)
        if not now - RETRIES <= moment <= now + EARLY:
            raise AnymailWebhookValidationFailure("a call of another time")
        with transaction.atomic():
            if is_first(signed["token"], now=now):
                self.hear(moment, now=now)
        return HttpResponse()

    def signed(self, request: HttpRequest) -> dict[str, str]:
        """Read the body, and return token, timestamp and signature. Raises FormTooLarge, BrokenForm, ValueError."""
        raise NotImplementedError

    def hear(self, moment: datetime, *, now: datetime) -> None:
        """Do what the call asks for, in the transaction that notes it."""
        raise NotImplementedError


class InboundView(_SignedView):
    """A mail, as raw MIME (the address ends with `mime`, so Mailgun sends it whole)."""

    def signed(self, request: HttpRequest) -> dict[str, str]:
        # Strangers' megabytes are read only for who knows the secret.
        super(MailgunBaseWebhookView, self).validate_request(request)
        self.fields = read_form(request)
        if "body-mime" not in self.fields:
            raise BrokenForm
        found = {name: self.fields.get(name, b"").decode("ascii") for name in _SIGNED}
        known = QueryDict(mutable=True)
        known.update(found)
        # anymail reads the three from the form, which is read already.
        reading: Any = request
        reading._post, reading._files = known, MultiValueDict()  # noqa: SLF001 - as DRF does
        return found

    def hear(self, moment: datetime, *, now: datetime) -> None:
        sender = self.fields.get("sender", b"").decode("utf-8", "replace")
        mime = self.fields["body-mime"]
        origin = origin_of(mime, authserv=settings.MAIL_AUTHSERV_ID, is_mailgun=True)
        mail = ReceivedMail.of(mime, envelope_sender=sender, received_at=min(moment, now), origin=origin)
        receive(mail, now=now)


class StatusView(_SignedView):
    """What became of a letter of ours. The body is not signed: believed is only what names a letter that we sent."""

    def signed(self, request: HttpRequest) -> dict[str, str]:
        if request.content_type != "application/json":
            raise BrokenForm
        self.call: object = json.loads(request.body)
        match self.call:
            case {"signature": {"token": str(token), "timestamp": str(timestamp), "signature": str(signature)}}:
                return {"token": token, "timestamp": timestamp, "signature": signature}
        raise BrokenForm

    def hear(self, moment: datetime, *, now: datetime) -> None:
        match self.call:
            case {
                "event-data": {
                    "event": "failed",
                    "severity": "permanent",
                    "recipient": str(recipient),
                    "user-variables": {"message": str(message)},
                }
            }:
                heard = came_back(_uuid(message), recipient, now=now)
                logger.info("mailing.bounce", extra={"known": heard})
            case {
                "event-data": {
                    "event": "complained" | "unsubscribed" as event,
                    "recipient": str(recipient),
                    "user-variables": {"message": str(message)},
                }
            }:
                heard = refused_there(_uuid(message), recipient, reason=str(event), now=now)
                logger.info("mailing.refusal", extra={"known": heard})


def _moment(signed: dict[str, str]) -> datetime:
    stamp = signed["timestamp"]
    # anymail encodes both as ASCII, and would stumble over anything else.
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 11 and signed["token"].isascii()):
        raise AnymailWebhookValidationFailure("not what the mail service signs")
    return datetime.fromtimestamp(int(stamp), UTC)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


inbound: Any = InboundView.as_view()
inbound.reads_body_itself = True
status = StatusView.as_view()
