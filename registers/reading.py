"""The record of processing and its changes as people and programs read them: rows for pages, HTML, CSV."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import get_language

from datamap.register import COLUMNS
from datamap.sheets import safe_text
from datamap.terms import Text
from registers.versions import Change

HEAD: Final = ("controller", "representative", "officer", "owner", "reviewed_on", "measures")
"""Columns that say the same for every activity: pages show them once, above."""


@dataclass(frozen=True, slots=True)
class Row:
    """One column of one activity: what it is called, and its parts."""

    label: Text
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity as a page shows it."""

    title: str
    table: str
    rows: tuple[Row, ...]


def head_of(document: dict[str, Any]) -> list[Row]:
    """What holds for the whole register."""
    first = document["activities"][0] if document["activities"] else {}
    return [Row(COLUMNS[name], _parts(first.get(name))) for name in HEAD if first.get(name)]


def activities_of(document: dict[str, Any]) -> list[Activity]:
    """The activities with their own columns, empty ones left out."""
    own = [name for name in COLUMNS if name not in {*HEAD, "activity"}]
    return [
        Activity(
            item["activity"],
            item["table"],
            tuple(Row(COLUMNS[name], _parts(item[name])) for name in own if item.get(name)),
        )
        for item in document["activities"]
    ]


FORMATS: Final = {"html": "text/html", "csv": "text/csv", "json": "application/json"}
"""How the register can be written, each with its media type."""


def written(document: dict[str, Any], form: str, *, day: str = "") -> str:
    """The register in one of `FORMATS`, in the active language."""
    match form:
        case "json":
            return json.dumps(document, ensure_ascii=False, indent=2)
        case "csv":
            return as_csv(document)
        case _:
            return as_html(document, day=day)


def as_html(document: dict[str, Any], *, day: str = "") -> str:
    """One file that can be printed or handed to the authority."""
    context = {"head": head_of(document), "activities": activities_of(document), "day": day, "language": get_language()}
    return render_to_string("registers/register.html", context)


def as_csv(document: dict[str, Any]) -> str:
    """One line for each activity; no cell begins a formula."""
    return _csv(COLUMNS, ([_cell(item.get(name)) for name in COLUMNS] for item in document["activities"]))


def changes_as_html(changes: list[Change], *, before: str, after: str) -> str:
    """What changed between two days, as one file."""
    context = {"changes": changes, "before": before, "after": after, "language": get_language()}
    return render_to_string("registers/changes.html", context)


def changes_as_csv(changes: Iterable[Change]) -> str:
    """One line for each column that changed; an added or removed activity is one line."""
    lines = []
    for change in changes:
        lines += [
            [change.kind, change.table, change.activity, column.name, _cell(column.gone), _cell(column.new)]
            for column in change.columns
        ] or [[change.kind, change.table, change.activity, "", "", ""]]
    return _csv(["change", "table", "activity", "column", "before", "after"], lines)


def changes_as_data(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The same as plain data for JSON."""
    return [
        {
            **asdict(change),
            "columns": [
                {"name": item.name, "label": str(item.label), "gone": list(item.gone), "new": list(item.new)}
                for item in change.columns
            ],
        }
        for change in changes
    ]


def _csv(head: Iterable[str], lines: Iterable[list[str]]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(list(head))
    writer.writerows(lines)
    return sheet.getvalue()


def _parts(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (str(value),)


def _cell(value: Any) -> str:
    return safe_text("; ".join(value) if isinstance(value, list | tuple) else str(value or ""))
