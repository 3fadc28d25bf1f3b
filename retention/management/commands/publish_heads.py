"""`publish_heads`: signs the heads of all ledgers now, as beat does every day (Art. 5(2), 24; security L4)."""

from typing import Any

from django.core.management.base import BaseCommand

from retention.heads import path, publish_heads
from retention.queries import database_now


class Command(BaseCommand):
    help = "Signs the heads of all ledgers and adds them to the page and to the file outside the database."

    def handle(self, *args: Any, **options: Any) -> None:
        published = publish_heads(now=database_now())
        self.stdout.write(f"{len(published.document['heads'])} heads published, also in {path()}.")
