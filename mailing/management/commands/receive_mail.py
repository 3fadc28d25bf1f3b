"""Takes a mail from standard input as if it had just arrived: for development, and for a mail server of one's own."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from mailing.inbound import ReceivedMail, receive
from mailing.inbound_origin import origin_of
from mailing.inbound_reading import read


class Command(BaseCommand):
    help = "Takes one mail from standard input: manage.py receive_mail < mail.eml"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sender", help="who handed it over (MAIL FROM); else the address of its From line")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        mime, now = sys.stdin.buffer.read(), timezone.now()
        sender = options["sender"] if options["sender"] is not None else read(mime).sender
        origin = origin_of(mime, authserv=settings.MAIL_AUTHSERV_ID)
        receive(ReceivedMail.of(mime, envelope_sender=sender, received_at=now, origin=origin), now=now)
