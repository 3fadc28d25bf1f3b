"""Takes over the subscribers of an earlier system from a CSV file: whole, or not at all (K12)."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.trail import Actor
from newsletters.importing import import_list
from newsletters.old_lists import COLUMNS, BrokenList


class Command(BaseCommand):
    help = f"Takes over subscribers from a CSV file with the columns {', '.join(COLUMNS)}; checks only without --apply."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="take them over; otherwise nothing is changed")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        try:
            data = sys.stdin.buffer.read() if str(options["file"]) == "-" else options["file"].read_bytes()
            report = import_list(
                data, actor=Actor.system("import_subscribers"), now=timezone.now(), apply=options["apply"]
            )
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}") from error
        except BrokenList as broken:
            for fault in broken.faults:
                self.stderr.write(f"{fault.line}: {fault.sentence}")
            raise CommandError(f"{len(broken.faults)} broken lines; nothing was taken over.") from broken
        self.stdout.write(
            f"{report.lines} lines: {report.taken} taken over, {report.unknown} without proof, "
            f"{report.suppressed} suppressed, {report.decided} decided here already."
        )
        if not options["apply"]:
            self.stdout.write("Nothing was changed. Repeat with --apply.")
