"""`signing_key`: the public key in use, and the line that keeps it published once another has taken its place."""

import base64
from argparse import ArgumentParser
from datetime import UTC, date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from vault.signing import published_keys


class Command(BaseCommand):
    help = "Prints the name of the signing key; with --retire the entry for RETIRED_SIGNING_KEYS. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retire", action="store_true", help="print the entry, before another key is put in place")
        parser.add_argument("--since", type=date.fromisoformat, help="first day of the key (where it is known)")
        parser.add_argument("--until", type=date.fromisoformat, help="last day of the key (today, UTC)")

    def handle(self, *, retire: bool, since: date | None, until: date | None, **_: Any) -> None:
        key = published_keys()[0]
        if not retire:
            self.stdout.write(f"{key.key_id}\n{key.pem}")
            return
        first, last = since or key.since, until or timezone.now().astimezone(UTC).date()
        self.stdout.write(f"{first or ''}..{last}:{base64.b64encode(key.public).decode()}")
