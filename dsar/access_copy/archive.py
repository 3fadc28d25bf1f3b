"""Streams one copy into a ZIP file: one pass, bounded memory, one frozen view of the database, generated names only."""

import json
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connection, connections
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue
from datamap.databases import together
from datamap.trace import Subject, rows_about
from dsar.access_copy import served, spelt
from dsar.access_copy.attached import write_files
from dsar.access_copy.cells import csv_texts
from dsar.access_copy.contents import Table, tables_of
from dsar.access_copy.guide import NAME, guide_to_copy
from dsar.access_copy.page import page_of
from dsar.access_copy.portions import Found, Portion
from dsar.access_copy.statements import SCHEMA, Statements, TableFacts, facts_of, preamble, statements_about
from dsar.access_copy.stood import AsItStood, stood_for
from dsar.access_copy.zipping import Entry, Sink, ZipStream
from dsar.collecting import Answers
from dsar.models import Package, SubjectRequest
from dsar.terms import LEASE
from vault.scratch import Scratch

NOBODY_ASKED: Final[Answers] = MappingProxyType({})

Advance = Callable[[int], None]
Copied = tuple[Table, TableFacts, Found]

_BOM: Final = "\ufeff".encode()
"""Without it spreadsheets spell Latvian letters wrongly."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was written: rows, bytes of the ZIP file, the manifest, and the tables and stores that could not be read."""

    rows: int
    size: int
    manifest: dict[str, Any]
    broken: tuple[str, ...]


def write_copy(
    sink: Sink,
    subject: Subject,
    *,
    case: SubjectRequest | None,
    package: Package | None,
    now: datetime,
    answers: Answers = NOBODY_ASKED,
) -> CopyReport:
    """Write everything the map finds about the person into `sink`, in the active language, and what recipients said.

    All files show the same instant: they are read in one repeatable-read transaction. Each row is read once and goes
    into its CSV file and into `data.json` at the same time, so one of the two waits in a scratch file. Never holds more
    than a portion of rows, however many there are. A table that cannot be read is named in every file and in the
    report, as is a recipient that did not answer, and the rest is written all the same. `package`, where there is one,
    is told of the progress.
    """
    number = case.number if case else ""
    with frozen_view(), Scratch() as scratch:
        zip_file = ZipStream(sink, at=now)
        guide = zip_file.add(NAME, guide_to_copy(number))
        tables, stood = tables_of(subject), stood_for(case, subject)
        data = _Data(scratch, preamble(number=number, now=now))
        attached, unread = write_files(zip_file, subject, [table.holding for table in tables])
        with progress(package, tables) as advance:
            facts = [_copy_table(zip_file, data, table, advance, stood=stood, unread=unread) for table in tables]
        read = (item for _table, item, _found in facts)
        said = statements_about(subject, read, answers=answers, number=number, now=now)
        zip_file.take_over(data.end(said), scratch.read())
        page = zip_file.add("index.html", page_of(said, facts).encode())
        manifest = _manifest(said, [guide, *attached, *data.files, page])
        zip_file.add("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2).encode())
        zip_file.close()
    return CopyReport(said.rows, zip_file.size, manifest, said.broken)


class _Data:
    """`data.json` while it is written, and the list of the files so far."""

    def __init__(self, scratch: Sink, preamble: dict[str, Any]) -> None:
        self._entry = Entry("data.json", scratch)
        self.files: list[Entry] = []
        head = json.dumps(preamble, ensure_ascii=False, indent=1)
        self._entry.write(f'{head[:-2]},\n "tables": ['.encode())
        self._is_first = True

    def begin_table(self, table: Table) -> None:
        columns = [{"name": column.name, "label": column.label} for column in table.columns]
        columns.append({"name": "kept_until", "label": _("kept until")})
        head = json.dumps({"table": table.holding.model, "columns": columns}, ensure_ascii=False)
        self._entry.write(f'{"" if self._is_first else ","}\n{head[:-1]}, "rows": ['.encode())
        self._is_first = False

    def write(self, arrays: bytes, *, is_first: bool) -> None:
        self._entry.write(b"\n" if is_first else b",\n")
        self._entry.write(arrays)

    def end_table(self, facts: TableFacts) -> None:
        self._entry.write(f"], {json.dumps(facts.as_json(), ensure_ascii=False)[1:]}".encode())

    def end(self, said: Statements) -> Entry:
        tail = json.dumps(said.as_json(), ensure_ascii=False, indent=1)
        self._entry.write(f"\n],{tail[1:]}\n".encode())
        self._entry.finish()
        self.files.append(self._entry)
        return self._entry


def _copy_table(
    zip_file: ZipStream,
    data: _Data,
    table: Table,
    advance: Advance,
    *,
    stood: AsItStood | None,
    unread: frozenset[str],
) -> Copied:
    found = Found()
    found.is_broken = table.holding.model in unread
    entry = zip_file.begin(table.file)
    labels = [*(column.label for column in table.columns), _("kept until")]
    entry.write(_BOM + ",".join(csv_texts(labels)).encode() + b"\n")
    data.begin_table(table)

    def take(portion: Portion) -> None:
        entry.write(portion.csv)
        data.write(portion.json(), is_first=not found.rows)
        found.learn(portion)
        advance(portion.rows)

    try:
        with together():  # an error takes back no more than this
            (served if served.is_served(table) else spelt).pass_rows(table, take)
            for portion in stood.portions(table) if stood else ():
                take(portion)
                found.as_received += portion.rows
    except OSError:
        raise  # the sink is at fault, not the table
    except Exception as error:  # noqa: BLE001 - whatever it is, the person must read that this table is not whole
        found.is_broken = True
        log.error("copy: %s could not be read: %s", table.holding.model, type(error).__name__)  # noqa: TRY400 - values
    facts = facts_of(table, found, stood.day if stood else None)
    data.end_table(facts)
    zip_file.end(entry)
    data.files.append(entry)
    return table, facts, found


@contextmanager
def frozen_view() -> Iterator[None]:
    """One snapshot for everything in a database; inside somebody else's transaction that one's view is taken as it is.

    Two databases know no common instant: the view of the second begins when it is first read.
    """
    outermost = [connection for connection in connections.all() if not connection.in_atomic_block]
    with together():
        for connection in outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def progress(package: Package | None, tables: list[Table]) -> Iterator[Advance]:
    """Writes the progress, and prolongs the lease, through a connection of its own: the frozen view cannot write."""
    if package is None:
        yield lambda _rows: None
        return
    total = sum(map(_guess, tables))
    side, done, told = connection.copy(), 0, -math.inf

    def advance(rows: int) -> None:
        nonlocal done, told
        done += rows
        if time.monotonic() - told < 1:
            return
        told = time.monotonic()
        _tell(side, package.lease, done=done, total=max(done, total))

    try:
        advance(0)
        yield advance
    finally:
        side.close()


def _guess(table: Table) -> int:
    """How many rows the planner expects: good enough for a bar, and nothing is read for it."""
    try:
        with together():
            plan = rows_about(table.holding, table.subject).order_by().explain(format="json")
    except DatabaseError:
        return 0  # said where the table itself is read
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"]) if plan else 0


def _tell(side: Any, lease: UUID | None, *, done: int, total: int) -> None:
    with side.cursor() as cursor:
        cursor.execute(
            "UPDATE dsar_package SET rows_done = %s, rows_total = %s, leased_until = now() + %s "
            "WHERE lease = %s",  # and with it the copies that the same file will answer
            [done, total, LEASE, lease],
        )


def _manifest(said: Statements, files: list[Entry]) -> dict[str, Any]:
    """What was searched and found, table by table and store by store, zeros included; what could not be read."""
    return {
        "type": "qlekta-access-copy/2",
        "schema": SCHEMA,
        "request": said.number,
        "built_at": said.at.isoformat(),
        "language": get_language(),
        "controller": catalogue().controller.name,
        "tables": [
            {
                "table": item.table,
                "label": item.label,
                "rows": item.row_count,
                "rows_as_received": item.rows_as_received,
                "failed": item.failed,
                "file": item.file,
            }
            for item in said.tables
        ],
        "stores": [
            {"store": item.code, "label": item.label, "records": item.records, "failed": item.failed}
            for item in said.stores
        ],
        "rows": said.rows,
        "failed": list(said.broken),
        "files": {item.name: {"bytes": item.size, "crc32": f"{item.checksum:08x}"} for item in files},
    }
