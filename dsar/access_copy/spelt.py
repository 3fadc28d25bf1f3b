"""Writes the rows of a table of which columns need Python: to open what is sealed, to name whose a row is."""

import csv
import io
from collections.abc import Callable

from dsar.access_copy.cells import json_texts, safe_cells
from dsar.access_copy.contents import Table

Advance = Callable[[int], None]


def write_csv_rows(text: io.TextIOWrapper, table: Table, advance: Advance) -> None:
    """The lines of a CSV file below its head."""
    for chunk in table.chunks():
        csv.writer(text).writerows(zip(*map(safe_cells, chunk), strict=True))
        advance(len(chunk[0]))


def write_json_rows(text: io.TextIOWrapper, table: Table, advance: Advance) -> None:
    """The rows as JSON objects, each on a line of its own."""
    names = [*(column.name for column in table.columns), "kept_until"]
    row = "{" + ",".join(f'"{name}":%s' for name in names) + "}"
    between = "\n"
    for chunk in table.chunks():
        rows = zip(*map(json_texts, chunk), strict=True)
        text.write(between + ",\n".join(map(row.__mod__, rows)))
        advance(len(chunk[0]))
        between = ",\n"
