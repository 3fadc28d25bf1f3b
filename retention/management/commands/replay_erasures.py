"""After a restore: repeats what was decided since the backup, then opens the site (Q10.9)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retention.queries import database_now
from retention.reopening import Reopening, look, reopen


class Command(BaseCommand):
    """Dry unless `--apply`; exit status 1 while the site is closed."""

    help = "Shows which decisions a restored database has missed; with --apply repeats them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="repeat them, purge what is due, open the site")
        parser.add_argument(
            "--journal-lost",
            action="store_true",
            help="with --apply: the journal is gone for good, begin a new one (what it held cannot be repeated)",
        )
        parser.add_argument("--confirm-clock", action="store_true", help="with --apply: the clock is right, purge")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, apply: bool, journal_lost: bool, **options: Any) -> None:
        sure = options["confirm_clock"]
        found = reopen(now=database_now(), journal_lost=journal_lost, confirm_clock=sure) if apply else look()
        self.stdout.write(_as_json(found) if options["json"] else _as_text(found))
        if not found.is_open:
            raise CommandError(found.trouble or "The site is closed until --apply has run.")


def _as_json(found: Reopening) -> str:
    return json.dumps(
        {
            "open": found.is_open,
            "why": found.closed.why.value if found.closed else "",
            "position": found.position,
            "left": found.left,
            "repeated": found.repeated,
            "purged": found.purged,
            "trouble": found.trouble,
        },
        indent=2,
    )


def _as_text(found: Reopening) -> str:
    lines = [f"{count:>6}  {kind} left" for kind, count in found.left.items()]
    lines += [f"{count:>6}  {kind} repeated" for kind, count in found.repeated.items()]
    if found.closed:
        lines.append(f"The site is closed: {found.closed.why.label}.")
    else:
        lines.append(f"The site is open; the database knows line {found.position} of its journal.")
    return "\n".join(lines)
