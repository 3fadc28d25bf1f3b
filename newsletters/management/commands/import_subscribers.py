"""Takes over the subscribers of an earlier system from a CSV file, line by line (K12)."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.trail import Actor
from newsletters.importing import Reader
from newsletters.lists import hand_in
from newsletters.models import ListImport
from newsletters.old_lists import COLUMNS, UnfitFile
from newsletters.terms import ImportState
from vault.tokens import new_secret


class Command(BaseCommand):
    help = f"Takes over subscribers from a CSV file with the columns {', '.join(COLUMNS)}; checks only without --apply."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="take them over; otherwise nothing is changed")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        try:
            data = sys.stdin.buffer.read() if str(options["file"]) == "-" else options["file"].read_bytes()
            row = hand_in(
                data,
                once=new_secret(),
                check_only=not options["apply"],
                actor=Actor.system("import_subscribers"),
                now=timezone.now(),
            )
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}") from error
        except UnfitFile as unfit:
            raise CommandError(str(unfit.sentence)) from unfit
        self._read(row)
        for refused in row.refused_lines.iterator():
            self.stderr.write(f"{refused.line}: {refused.sentence}")
        self.stdout.write(
            f"{row.lines_total} lines: {row.taken} taken over, {row.unknown} without proof, "
            f"{row.suppressed} suppressed, {row.decided} decided here already, {row.refused} refused."
        )
        if row.state == ImportState.FAILED:
            raise CommandError("The list could not be read to its end. Repeat; nothing is taken over twice.")
        if not options["apply"]:
            self.stdout.write("Nothing was changed. Repeat with --apply.")

    def _read(self, row: ListImport) -> None:
        """To the end, here or by the worker that heard the bell: whoever is faster takes the next part."""
        reader = Reader(row.pk)
        while row.is_under_way:
            if not reader.advance(now=timezone.now()):
                sleep(0.1)
            row.refresh_from_db()
            self.stdout.write(f"{row.percent} %, {row.lines_left} lines are left.")
