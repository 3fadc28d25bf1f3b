"""Makes the visit log's own database ready and moves the log there; does nothing where it has none."""

from typing import Any

from django.core.management.base import BaseCommand

from visits.moving import prepare_log


class Command(BaseCommand):
    help = "Migrates the database that VISITS_DATABASE_URL names and moves the visit log into it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{prepare_log()} days moved")
