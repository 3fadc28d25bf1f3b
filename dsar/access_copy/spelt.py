"""Writes the rows of a table of which columns need Python: to open what is sealed, to name whose a row is."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from datamap.periods import RIGA
from dsar.access_copy.cells import csv_texts, json_texts
from dsar.access_copy.contents import Table
from dsar.access_copy.portions import Portion, Row, Take
from dsar.access_copy.rows import Values


def pass_rows(table: Table, take: Take) -> None:
    """Hand the rows of the table on, in one pass."""
    for chunk in table.chunks():
        take(portion(table, chunk))


def portion(table: Table, chunk: Sequence[Values]) -> Portion:
    """These rows written out; the last column is the day on which each goes, or words where there is none."""
    lines = (",".join(line) for line in zip(*map(csv_texts, chunk), strict=True))

    def json_arrays() -> bytes:
        arrays = (",".join(line) for line in zip(*map(json_texts, chunk), strict=True))
        return ",\n".join(f"[{line}]" for line in arrays).encode()

    def first(limit: int) -> list[Row]:
        return list(zip(*(column[:limit] for column in chunk), strict=True))

    return Portion(
        rows=len(chunk[0]),
        csv="".join(f"{line}\n" for line in lines).encode(),
        json=json_arrays,
        came=_days(chunk[0]) if table.begins_with_clock else (),
        goes={day.isoformat() for day in chunk[-1] if isinstance(day, date)},
        first=first,
    )


def _days(values: Iterable[object]) -> set[str]:
    return {value.astimezone(RIGA).date().isoformat() for value in values if isinstance(value, datetime)}
