"""Destroys the records of the six-year archive whose time is over (policy clause 10)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from datamap.registry import registry
from retention.clock import is_doubtful
from retention.models import ArchiveRecord
from retention.queries import database_now
from retention.sweeps import sweep


class Command(BaseCommand):
    """Dry unless `--apply`; never shows what a record holds."""

    help = "Destroys archive records, row and key, at their six years. Without --apply says how many it would destroy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="really destroy")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, apply: bool, json: bool, **options: Any) -> None:
        holding, now = registry().holding(ArchiveRecord), database_now()
        if apply and is_doubtful([holding], now=now):
            raise CommandError("The database's clock jumped, so nothing was destroyed. See purge --confirm-clock.")
        report = sweep(holding, now=now, apply=apply)
        kept = ArchiveRecord.objects.count()
        if json:
            self.stdout.write(_as_json(report.due, report.deleted, kept))
        elif apply:
            self.stdout.write(f"{report.deleted} records destroyed, {kept} kept.")
        else:
            self.stdout.write(f"{report.due} of {kept} records would be destroyed. Nothing was: add --apply.")


def _as_json(due: int, deleted: int, kept: int) -> str:
    return json.dumps({"due": due, "deleted": deleted, "kept": kept})
