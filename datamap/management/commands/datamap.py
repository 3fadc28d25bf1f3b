"""Prints the map: every table, every field, its verdicts and its term."""

import csv
import io
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from datamap.catalogue import catalogue
from datamap.declarations import Holding
from datamap.registry import registry

COLUMNS = (
    "table",
    "field",
    "category",
    "on_access",
    "on_erasure",
    "reason",
    "purposes",
    "basis",
    "source",
    "period",
    "label",
)
_LINE = "    {field:<24} {category:<30} {on_access:<9} {on_erasure:<8} {reason}"


class Command(BaseCommand):
    """`manage.py datamap --format table|json|csv`."""

    help = "Prints what personal data is held, why, for how long, and what access and erasure do with each field."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
        parser.add_argument(
            "--json", action="store_const", const="json", dest="format", help="the same as --format json"
        )
        parser.add_argument("--language", default="en", choices=("lv", "en", "ru"), help="language of the labels")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            rows = [row for holding in registry().holdings for row in _rows(holding)]
            match options["format"]:
                case "json":
                    self.stdout.write(json.dumps(self._document(rows), ensure_ascii=False, indent=2))
                case "csv":
                    self.stdout.write(_as_csv(rows))
                case _:
                    self._table(rows)

    def _document(self, rows: list[dict[str, str]]) -> dict[str, Any]:
        return {
            "fields": rows,
            "not_personal": [{"table": item.model, "why": item.why} for item in registry().not_personal],
            "stores": [
                {"store": item.code, "holds": str(item.holds), "period": item.period} for item in registry().stores
            ],
        }

    def _table(self, rows: list[dict[str, str]]) -> None:
        table = ""
        for row in rows:
            if row["table"] != table:
                table = row["table"]
                self.stdout.write(f"\n{table} · {row['label']}")
                self.stdout.write("  {purposes} · {basis} · {source} · {period}".format_map(row))
            self.stdout.write(_LINE.format_map(row))
        counts = f"{len(registry().holdings)} tables with personal data, {len(registry().not_personal)} without"
        self.stdout.write(f"\n{counts}, {len(registry().stores)} other stores.")


def _as_csv(rows: list[dict[str, str]]) -> str:
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return sheet.getvalue()


def _rows(holding: Holding) -> list[dict[str, str]]:
    facts = catalogue()
    shared = {
        "table": holding.model,
        "purposes": " ".join(holding.purposes),
        "basis": holding.basis.name,
        "source": holding.source.name,
        "period": str(facts.periods[holding.period].label),
        "label": str(holding.label),
    }
    return [
        {
            **shared,
            "field": name,
            "category": item.category.value,
            "on_access": item.on_access.verdict.value,
            "on_erasure": item.on_erasure.verdict.value,
            "reason": str(item.on_erasure.reason or item.on_access.reason),
        }
        for name, item in holding.personal.items()
    ]
