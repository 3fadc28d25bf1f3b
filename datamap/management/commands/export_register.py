"""Writes the Art. 30 record of processing activities as HTML, CSV or JSON."""

import csv
import io
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.template.loader import render_to_string
from django.utils import translation

from datamap.register import register_as_data


class Command(BaseCommand):
    """`manage.py export_register --format html|csv|json --language lv`."""

    help = "Writes the record of processing activities (Art. 30) to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("html", "csv", "json"), default="json")
        parser.add_argument(
            "--json", action="store_const", const="json", dest="format", help="the same as --format json"
        )
        parser.add_argument("--language", default="lv", choices=("lv", "en", "ru"))

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            data = register_as_data()
            match options["format"]:
                case "json":
                    text = json.dumps(data, ensure_ascii=False, indent=2)
                case "csv":
                    text = _as_csv(data["activities"])
                case _:
                    text = render_to_string("datamap/register.html", {**data, "language": options["language"]})
        self.stdout.write(text)


def _as_csv(activities: list[dict[str, Any]]) -> str:
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, list(activities[0]))
    writer.writeheader()
    for activity in activities:
        writer.writerow(
            {name: "; ".join(value) if isinstance(value, tuple) else value for name, value in activity.items()}
        )
    return sheet.getvalue()
