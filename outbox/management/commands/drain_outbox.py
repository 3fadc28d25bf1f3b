"""Carries out the due effects once, now, without the worker."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from outbox.queries import backlog
from outbox.services import drain


class Command(BaseCommand):
    help = "Carries out the due effects of the outbox once, now. Exit status 1 when effects wait for staff."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=100, help="at most this many effects (default 100)")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        report = drain(now=timezone.now(), limit=options["limit"])
        waiting = backlog(now=timezone.now()).counts
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(report), "waiting": waiting}, sort_keys=True))
        else:
            self.stdout.write(", ".join(f"{name} {count}" for name, count in asdict(report).items()))
        if waiting["failed"]:
            raise SystemExit(1)
