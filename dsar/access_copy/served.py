"""Lets PostgreSQL itself write the rows of a table of which no column needs Python: the copy passes its bytes on.

One `COPY` serves both files. A line of CSV whose texts are all quoted, with the backslash as its escape, is the inside
of a JSON array; and if it holds no backslash it is a line of ordinary CSV, too. Only a row that is not both as it
stands, or has a cell that could begin a formula, is taken apart and spelt by `cells`.
"""

import json
import secrets
from bisect import bisect_right
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from datetime import date, datetime
from itertools import accumulate, pairwise
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import DateTimeField

from datamap.catalogue import period
from datamap.periods import RIGA, Elapsed
from datamap.registry import model_of
from datamap.terms import SubjectKey
from datamap.trace import rows_about
from dsar.access_copy.cells import csv_texts, json_texts
from dsar.access_copy.contents import Column, Form, Table
from dsar.access_copy.portions import Portion, Row, Take

_PORTION: Final = 64 * 1024
"""No more than what lies between the server and us: it goes on writing while we work on what it wrote."""

_FORMS: Final[dict[Form | None, str]] = {
    Form.TEXT: "{}",
    Form.PLAIN: "{}",
    Form.NUMBER: "{}",
    # ISO 8601: no to_char and no btrim, of which each takes as long as all the rest of a row.
    Form.INSTANT: """replace(to_json({})::text, '"', '')""",
}
_FIRST_DAY: Final = itemgetter(slice(1, 11))
_LAST_DAY: Final = itemgetter(slice(-12, -2))

# What each byte means to the judgement of a row: a control but for the line end, a quote, or a byte that may begin what
# a program takes for a formula (a sign, a blank, the first byte of what is skipped before a sign or looks like one).
_PLAIN_SIGNS: Final = b"=+-@'"
_CONTROL, _QUOTE, _SIGN, _OTHER = b"\x00", b"\x01", b"\x02", b"\x03"
_CLASSES: Final = b"".join(
    _CONTROL
    if (byte < 0x20 and byte != 0x0A) or byte == 0x7F
    else _QUOTE
    if byte == 0x22
    else _SIGN
    if byte in _PLAIN_SIGNS + b" \xc2\xe1\xe2\xe3\xef"
    else _OTHER
    for byte in range(256)
)

_decoder: Final = json.JSONDecoder(strict=False)  # controls stand in a row as they are, which strict JSON forbids


def is_served(table: Table) -> bool:
    """Whether the database can write this table: all columns, the last day, and no rows of other people among them."""
    holding = table.holding
    is_counted = holding.clock and not holding.ends
    instants = [item.name for item in model_of(holding)._meta.concrete_fields if isinstance(item, DateTimeField)]
    return (
        bool(table.columns)
        and all(column.form for column in table.columns)
        and SubjectKey.ALSO not in holding.about
        and (holding.ends or holding.clock) in {"", *instants}
        and (not is_counted or isinstance(period(holding.period).term, Elapsed | None))
    )


def pass_rows(table: Table, take: Take) -> None:
    """Hand the rows of the table on, in one pass."""
    nothing = f"n{secrets.token_hex(8)}"  # stands for NULL; nobody can have written it
    connection = connections[_alias(table)]
    try:
        query = _select(table)
    except EmptyResultSet:
        return
    quoted = [f"c{number}" for number, column in enumerate(table.columns) if column.form is not Form.NUMBER]
    options = (
        f"FORMAT csv, ENCODING 'UTF8', ESCAPE '\\', NULL '{nothing}', FORCE_QUOTE ({', '.join([*quoted, 'last'])})"
    )
    rows = _gather(lambda lines: take(_portion(table, lines, nothing.encode())))
    next(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [RIGA.key])
        cursor.copy_expert(f"COPY ({query}) TO STDOUT ({options})", SimpleNamespace(write=rows.send))
        # Django reads no instant but in UTC. After an error the transaction takes the setting back.
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [connection.timezone_name])
    rows.send(None)


def _alias(table: Table) -> str:
    return router.db_for_read(model_of(table.holding))


def _select(table: Table) -> str:
    """The query for the spelt columns, its parameters filled in. Raises EmptyResultSet where no way leads to a row."""
    holding = table.holding
    names = [*(column.attname for column in table.columns), holding.ends or holding.clock or "pk"]
    found, found_with = rows_about(holding, table.subject).values_list(*names).query.sql_with_params()
    spelt = [_spelt(column, f"c{number}") for number, column in enumerate(table.columns)]
    spelt.append(_last_day(table, f"c{len(spelt)}"))
    called = ", ".join(f"c{number}" for number in range(len(spelt)))
    shown = ", ".join(sql for sql, _with in spelt)
    with connections[_alias(table)].cursor() as cursor:
        parameters = [*(item for _sql, items in spelt for item in items), *found_with]
        query = f"SELECT {shown} FROM ({found}) AS found ({called})"  # noqa: S608 - made of names of fields
        return str(cursor.mogrify(query, parameters), "utf-8")


def _spelt(column: Column, name: str) -> tuple[str, list[Any]]:
    held = name
    if column.labels:
        held = f"CASE {name} {'WHEN %s THEN %s ' * len(column.labels)}ELSE {name} END"
    pairs = [word for pair in column.labels for word in pair]
    return f"{_FORMS[column.form].format(held)} AS {name}", pairs


def _last_day(table: Table, name: str) -> tuple[str, list[Any]]:
    """The end of a term of elapsed time, counted in seconds: the days of an interval follow the changes of clocks."""
    term = period(table.holding.period).term
    if table.holding.ends:
        return f"{name}::date AS last", []
    if not table.holding.clock or not isinstance(term, Elapsed):
        return "NULL::date AS last", []
    return f"({name} + make_interval(secs => %s))::date AS last", [term.length.total_seconds()]


def _gather(take: Callable[[list[bytes]], None]) -> Generator[None, bytes | None, None]:
    """Is sent the rows one by one, each with its line end, and None at the end; hands them on by the portion.

    There is a call for each row, and a generator is resumed faster than a method is entered.
    """
    row: bytes | None = b""
    while row is not None:
        rows: list[bytes] = []
        size = 0
        while size < _PORTION and (row := (yield)) is not None:
            rows.append(row)
            size += len(row)
        if rows:
            take(rows)
    yield


def _portion(table: Table, rows: list[bytes], nothing: bytes) -> Portion:
    text, remade = b"".join(rows), dict[int, list[Any]]()
    signs, found = _judged(text, rows)
    if found:
        lines = rows.copy()
        for number in found:
            values = remade[number] = _parsed(rows[number], nothing)
            lines[number] = ",".join(csv_texts(values)).encode() + b"\n"
        text = b"".join(lines)
    # Cut once where nothing stands, for both files: to look for it is what takes the time.
    parts = _made_inert(text, signs).split(nothing)
    csv = b"".join(parts)

    def json_arrays() -> bytes:
        if not remade:  # each row is one line: all of them at once
            whole = b"null".join(text.split(nothing) if signs else parts)
            return b"[%b]" % whole[:-1].replace(b"\n", b"],\n[")
        arrays = [row[:-1].replace(nothing, b"null") for row in rows]
        for number, values in remade.items():
            arrays[number] = ",".join(json_texts(values)).encode()
        return b"[%b]" % b"],\n[".join(arrays)

    def first(limit: int) -> list[Row]:
        return [_values(table, row, nothing) for row in rows[:limit]]

    return Portion(len(rows), csv, json_arrays, *_spans(table, rows), first)


def _spans(table: Table, rows: list[bytes]) -> tuple[list[str], list[str]]:
    """On which days rows came to be, and go."""
    holding = table.holding
    came = set(map(_FIRST_DAY, rows)) if table.begins_with_clock else set()
    goes = set(map(_LAST_DAY, rows)) if holding.ends or holding.clock else set()
    return _days(came), _days(goes)


def _judged(text: bytes, rows: list[bytes]) -> tuple[list[int], Collection[int]]:
    """Where the quotes stand whose texts need an apostrophe and nothing else, or else which rows to take apart.

    They are looked for in all at once, since few are. Without a backslash a quote is where a text begins or ends.
    """
    classes = text.translate(_CLASSES)
    signs = list(_places(classes, _QUOTE + _SIGN))
    others = [*_places(classes, _CONTROL), *_places(text, b"\\")]
    has_long_texts = text.count(b"\n") != len(rows)  # with line ends of their own
    if not others and not has_long_texts and all(text[place + 1] in _PLAIN_SIGNS for place in signs):
        return signs, ()
    ends = list(accumulate(map(len, rows)))
    found = {bisect_right(ends, place) for place in (*signs, *others)}
    if has_long_texts:
        found.update(number for number, row in enumerate(rows) if row.count(b"\n") > 1)
    return [], found


def _made_inert(text: bytes, quotes: list[int]) -> bytes:
    ends = [place + 1 for place in quotes]
    return b"'".join(text[start:end] for start, end in pairwise((0, *ends, len(text)))) if quotes else text


def _places(text: bytes, wanted: bytes) -> Iterator[int]:
    place = text.find(wanted)
    while place >= 0:
        yield place
        place = text.find(wanted, place + 1)


def _parsed(row: bytes, nothing: bytes) -> list[Any]:
    values: list[Any] = _decoder.decode(f"[{row.replace(nothing, b'null').decode()}]")
    return values


def _values(table: Table, row: bytes, nothing: bytes) -> Row:
    *cells, last = _parsed(row, nothing)
    forms = [column.form for column in table.columns]
    shown = [
        datetime.fromisoformat(cell) if form is Form.INSTANT and cell else cell
        for form, cell in zip(forms, cells, strict=True)
    ]
    return (*shown, date.fromisoformat(last) if last else None)


def _days(texts: Iterable[bytes]) -> list[str]:
    # Where there is no day, part of the sign for nothing stands there.
    return [text.decode() for text in texts if text[4:5] == text[7:8] == b"-"]
