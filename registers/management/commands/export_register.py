"""Writes the Art. 30 record of processing activities, today's, that of a day, or what changed between two days."""

import json
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from datamap.register import register_as_data
from registers.reading import FORMATS, changes_as_csv, changes_as_data, changes_as_html, written
from registers.refusals import RegisterRefused
from registers.versions import as_read, difference, version_on


def day(text: str) -> date:
    """A day of the calendar, as 2026-11-22."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day: write it as 2026-11-22.") from None


class Command(BaseCommand):
    """`manage.py export_register --format html|csv|json --language lv [--on DAY | --diff DAY DAY]`."""

    help = "Writes the record of processing activities (Art. 30) to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=FORMATS, default="json")
        parser.add_argument(
            "--json", action="store_const", const="json", dest="format", help="the same as --format json"
        )
        parser.add_argument("--language", default="lv", choices=("lv", "en", "ru"))
        when = parser.add_mutually_exclusive_group()
        when.add_argument("--on", type=day, metavar="DAY", help="the version in force at the end of this day")
        when.add_argument("--diff", type=day, nargs=2, metavar=("FROM", "TO"), help="what changed between two days")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                text = self._changes(**options) if options["diff"] else self._register(**options)
            except RegisterRefused as refusal:
                raise CommandError(str(refusal)) from None
        self.stdout.write(text)

    def _register(self, **options: Any) -> str:
        on = options["on"]
        data = as_read(version_on(on)) if on else register_as_data()
        return written(data, options["format"], day=on.isoformat() if on else "")

    def _changes(self, **options: Any) -> str:
        before, after = options["diff"]
        changes = difference(version_on(before), version_on(after))
        match options["format"]:
            case "json":
                return json.dumps(changes_as_data(changes), ensure_ascii=False, indent=2)
            case "csv":
                return changes_as_csv(changes)
            case _:
                return changes_as_html(changes, before=before.isoformat(), after=after.isoformat())
