"""Lets PostgreSQL itself write the rows of a table of which no column needs Python: the copy passes its bytes on.

They are the bytes that `cells` would make, several times as fast. Only a row with a cell that could begin a formula is
taken apart again and spelt by `cells`.
"""

import csv
import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any, Final

from django.db import connection
from django.db.models import DateTimeField

from datamap.catalogue import period
from datamap.periods import RIGA, Elapsed
from datamap.registry import model_of
from datamap.terms import SubjectKey
from datamap.trace import rows_about
from dsar.access_copy.cells import safe_cells
from dsar.access_copy.contents import Column, Form, Table

Advance = Callable[[int], None]
Forms = dict[Form | None, str]

_PORTION: Final = 256 * 1024
_CSV: Final[Forms] = {
    Form.TEXT: "NULLIF({}, '')",
    Form.PLAIN: "{}",
    Form.INSTANT: "to_char({}, 'YYYY-MM-DD HH24:MI:SSTZH:TZM')",
}
_JSON: Final[Forms] = {
    Form.TEXT: "{}",
    Form.PLAIN: "{}",
    Form.INSTANT: """replace(to_char({}, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM'), '.000000', '')""",
}
# Controls change wherever they stand. A cell is suspect that starts like a formula, with a line break, or with the
# first byte of any sign that is skipped before a formula or looks like its sign.
_CONTROLS: Final = bytes([*range(9), 11, 12, *range(14, 32), 127])
_SUSPECT: Final = re.compile(rb"""[,"\n](?: *[=+\-@'\t\xc2\xe1-\xe3\xef]|(?<=") *[\r\n])""")


def is_served(table: Table) -> bool:
    """Whether the database can write this table: all columns, the last day, and no rows of other people among them."""
    holding = table.holding
    is_counted = holding.clock and not holding.ends
    instants = [item.name for item in model_of(holding)._meta.concrete_fields if isinstance(item, DateTimeField)]
    return (
        bool(table.count and table.columns)
        and all(column.form for column in table.columns)
        and SubjectKey.ALSO not in holding.about
        and (holding.ends or holding.clock) in {"", *instants}
        and (not is_counted or isinstance(period(holding.period).term, Elapsed | None))
    )


def write_csv_rows(text: io.TextIOWrapper, table: Table, advance: Advance) -> None:
    """The lines of a CSV file below its head."""

    def write(rows: list[bytes]) -> None:
        for number in _suspects(rows):
            rows[number] = _made_safe(rows[number])
        text.buffer.write(b"\r\n".join([*rows, b""]))
        advance(len(rows))

    text.flush()
    _copy(_select(table, _CSV), "FORMAT csv", write, zone=RIGA.key)


def write_json_rows(text: io.TextIOWrapper, table: Table, advance: Advance) -> None:
    """The rows as JSON objects, each on a line of its own."""
    between = b"\n"

    def write(rows: list[bytes]) -> None:
        nonlocal between
        text.buffer.write(between + b",\n".join(rows))
        between = b",\n"
        advance(len(rows))

    text.flush()
    # Neither sign stands bare in JSON: so COPY quotes nothing.
    verbatim = r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'"
    query = f"SELECT row_to_json(row) FROM ({_select(table, _JSON)}) AS row"  # noqa: S608 - quoted by `_select`
    _copy(query, verbatim, write, zone="UTC")


def _select(table: Table, forms: Forms) -> str:
    """The query for the spelt columns, its parameters filled in."""
    holding = table.holding
    names = [*(column.attname for column in table.columns), holding.ends or holding.clock or "pk"]
    found, found_with = rows_about(holding, table.subject).values_list(*names).query.sql_with_params()
    spelt = [_spelt(column, f"c{number}", forms) for number, column in enumerate(table.columns)]
    spelt.append(_last_day(table, f"c{len(spelt)}", forms))
    called = ", ".join(f"c{number}" for number in range(len(spelt)))
    shown = ", ".join(sql for sql, _with in spelt)
    with connection.cursor() as cursor:
        parameters = [*(item for _sql, items in spelt for item in items), *found_with]
        query = f"SELECT {shown} FROM ({found}) AS found ({called})"  # noqa: S608 - made of names of fields
        return str(cursor.mogrify(query, parameters), "utf-8")


def _spelt(column: Column, name: str, forms: Forms) -> tuple[str, list[Any]]:
    held = name
    if column.labels:
        held = f"CASE {name} {'WHEN %s THEN %s ' * len(column.labels)}ELSE {name} END"
    pairs = [word for pair in column.labels for word in pair]
    return f'{forms[column.form].format(held)} AS "{column.name}"', pairs


def _last_day(table: Table, name: str, forms: Forms) -> tuple[str, list[Any]]:
    """The end of a term of elapsed time, counted in seconds: the days of an interval follow the changes of clocks."""
    term = period(table.holding.period).term
    if table.holding.ends:
        return f"{forms[Form.INSTANT].format(name)} AS kept_until", []
    if not table.holding.clock or not isinstance(term, Elapsed):
        return "NULL AS kept_until", []
    end = f"({name} + make_interval(secs => %s))"
    return f"{forms[Form.INSTANT].format(end)} AS kept_until", [term.length.total_seconds()]


def _copy(query: str, options: str, write: Callable[[list[bytes]], None], *, zone: str) -> None:
    sink = _Rows(write)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
        cursor.copy_expert(f"COPY ({query}) TO STDOUT ({options}, ENCODING 'UTF8')", sink)
        # Django reads no instant but in UTC. After an error the transaction takes the setting back.
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [connection.timezone_name])
    sink.close()


class _Rows:
    """Gathers the rows that come one by one, without their line ends, and hands them on by the portion."""

    def __init__(self, write: Callable[[list[bytes]], None]) -> None:
        self._write = write
        self._rows: list[bytes] = []
        self._size = 0

    def write(self, row: bytes) -> int:
        self._rows.append(row[:-1])
        self._size += len(row)
        if self._size >= _PORTION:
            self.close()
        return len(row)

    def close(self) -> None:
        if self._rows:
            self._write(self._rows)
        self._rows, self._size = [], 0


def _suspects(rows: list[bytes]) -> Iterable[int]:
    """Which rows to take apart: they are looked for in all at once, since very few are."""
    lines = b"\n".join([b"", *rows])
    if len(lines.translate(None, _CONTROLS)) < len(lines):
        return range(len(rows))
    starts = list(accumulate((len(row) + 1 for row in rows), initial=0))
    return {bisect_right(starts, found.start()) - 1 for found in _SUSPECT.finditer(lines)}


def _made_safe(line: bytes) -> bytes:
    (cells,) = csv.reader(io.StringIO(line.decode(), newline=""))
    out = io.StringIO(newline="")
    csv.writer(out).writerow(safe_cells(cells))
    return out.getvalue().removesuffix("\r\n").encode()
