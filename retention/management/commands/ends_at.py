"""When a record under a storage rule must be gone: the arithmetic as JSON."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from datamap.catalogue import catalogue
from datamap.periods import Period

ALIASES: Final = {"visit_log_20w": "VISIT_LOG", "archive_6y": "ARCHIVE", "invoice_5y": "INVOICE"}


class Command(BaseCommand):
    """Knows every rule of the catalogue by its code, and three by the names of the published test vectors."""

    help = "Prints when a record under this storage rule must be gone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rule", required=True, help=f"{', '.join(ALIASES)} or a code of the catalogue")
        parser.add_argument("--start", required=True, help="ISO date and time with its offset")

    def handle(self, *args: Any, rule: str, start: str, **options: Any) -> None:
        found = _rule(rule)
        end = _end(found, _start(start))
        self.stdout.write(json.dumps({"erase_at_utc": _in_utc(end), "rule": rule, "source": found.source}))


def _rule(name: str) -> Period:
    try:
        return catalogue().periods[ALIASES.get(name, name)]
    except KeyError:
        known = ", ".join([*ALIASES, *catalogue().periods])
        raise CommandError(f"There is no storage rule {name!r}. Known rules: {known}.") from None


def _start(text: str) -> datetime:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError("The start is no ISO date and time, for example 2026-03-01T00:00:00+02:00.") from None
    if start.tzinfo is None:
        raise CommandError("The start needs an offset from UTC, for example +02:00 or Z.")
    return start


def _end(rule: Period, start: datetime) -> datetime:
    try:
        end = rule.ends_at(start)
    except (OverflowError, ValueError):
        raise CommandError("The start lies outside the years that a calendar here can hold.") from None
    if end is None:
        raise CommandError(f"The rule {rule.code} ends by a criterion, not after a time: {rule.label}.")
    return end


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
