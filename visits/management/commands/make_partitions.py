"""Makes the partitions of the visit log around today; safe to repeat."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from visits.partitions import make_partitions
from visits.standing import look


class Command(BaseCommand):
    help = "Makes the missing day partitions of the visit log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days-ahead", type=int, default=7, help="days after today (7)")
        parser.add_argument("--days-back", type=int, default=0, help="days before today (0)")

    def handle(self, *_args: Any, **options: Any) -> None:
        made = make_partitions(now=timezone.now(), days_ahead=options["days_ahead"], days_back=options["days_back"])
        self.stdout.write(f"{made} partitions made")
        found = look(now=timezone.now())
        if not found.is_sound:
            left = f"{found.left_behind} days left in the site's database"
            raise CommandError(f"The visit log is not ready: {', '.join([*found.tables, *found.days, left])}")
