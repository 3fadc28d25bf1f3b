"""`pseudonymised_rows`: the rows of a copy that testing may use; `bin/pseudonymise` makes a whole file of them."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS

from audit.trail import Actor, record
from retention.pseudonymising import write_rows
from retention.queries import database_now


class Command(BaseCommand):
    help = "Writes the rows of all tables as COPY blocks, with pseudonyms in place of what is about people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, choices=settings.DATABASES)

    def handle(self, **options: Any) -> None:
        written = write_rows(sys.stdout.buffer, using=options["database"])
        record(
            "copy.pseudonymised",
            actor=Actor.system("pseudonymised_rows"),
            details={"tables": len(written), "rows": sum(written.values())},
            now=database_now(),
        )
        self.stderr.write(json.dumps(written))
