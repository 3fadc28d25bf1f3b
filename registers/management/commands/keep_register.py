"""Writes a dated version of the Art. 30 record and of the balancing tests now, where they have changed."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from registers.balancing import keep_tests
from registers.versions import keep_version


class Command(BaseCommand):
    """`manage.py keep_register`; the scheduler does the same every hour."""

    help = "Keeps a dated version of the record of processing (Art. 30) and of the balancing tests if they changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print what was kept as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        version, tests = keep_version(now=now), keep_tests(now=now)
        if options["json"]:
            kept = {"register": version.digest if version else None, "balancing": [row.purpose for row in tests]}
            self.stdout.write(json.dumps(kept))
        else:
            said = f"version of {version.at:%Y-%m-%d %H:%M} UTC kept" if version else "unchanged, nothing to keep"
            self.stdout.write(f"register: {said}; balancing tests kept: {len(tests)}")
