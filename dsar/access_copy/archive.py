"""Streams one copy into a ZIP file: bounded memory, one frozen view of the database, generated names only."""

import csv
import hashlib
import io
import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue
from datamap.periods import RIGA
from datamap.trace import Subject
from dsar.access_copy import served, spelt
from dsar.access_copy.cells import safe_cell
from dsar.access_copy.contents import Table, tables_of
from dsar.access_copy.page import write_page
from dsar.access_copy.statements import Statements, statements_about
from dsar.models import Package, SubjectRequest
from dsar.terms import LEASE

SCHEMA: Final = "/privacy/schema/access-copy-1.json"
_FEW_ROWS: Final = 200
_BUFFER: Final = 256 * 1024
_ZIP_LEVEL: Final = 1


class Sink(Protocol):
    """Where the file goes: something that takes bytes in order."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was written: rows, bytes of the ZIP file, and the manifest."""

    rows: int
    size: int
    manifest: dict[str, Any]


@dataclass(slots=True)
class _Writing:
    """One copy while it is being written."""

    zip_file: ZipFile
    now: datetime
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def entry(self, name: str) -> Iterator[io.TextIOWrapper]:
        """A text file inside the ZIP, counted and hashed as it is written."""
        info = ZipInfo(name, self.now.astimezone(RIGA).timetuple()[:6])
        info.compress_type = ZIP_DEFLATED
        info._compresslevel = _ZIP_LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - public from Python 3.13 on
        info.external_attr = 0o600 << 16
        with self.zip_file.open(info, "w", force_zip64=True) as raw:
            hashed = _Hashed(raw)
            with io.TextIOWrapper(io.BufferedWriter(hashed, _BUFFER), encoding="utf-8", newline="") as text:
                yield text
        self.files[name] = {"bytes": hashed.size, "sha256": hashed.digest.hexdigest()}


class _Hashed(io.RawIOBase):
    def __init__(self, target: Any) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.size += len(data)
        self._target.write(data)
        return len(data)


class _Counted:
    """Counts the bytes of the ZIP file and has no `tell`: so `zipfile` streams and never seeks."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.size = 0

    def write(self, data: bytes, /) -> int:
        self.size += len(data)
        self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        self._sink.flush()

    def close(self) -> None:
        """Nothing to do: whoever opened the sink closes it."""


def write_copy(
    sink: Sink, subject: Subject, *, case: SubjectRequest | None, package: Package | None, now: datetime
) -> CopyReport:
    """Write everything the map finds about the person into `sink`, in the active language.

    All files show the same instant: they are read in one repeatable-read transaction. Never holds more than a chunk of
    rows. `package`, where there is one, is told of the progress.
    """
    counted = _Counted(sink)
    with _frozen_view(), ZipFile(counted, "w", ZIP_DEFLATED, compresslevel=_ZIP_LEVEL) as zip_file:
        writing = _Writing(zip_file, now)
        tables = tables_of(subject)
        with _progress(package, total=2 * sum(table.count for table in tables)) as advance:
            facts = statements_about(subject, tables, number=case.number if case else "", now=now)
            for table in tables:
                _write_csv(writing, table, advance)
            _write_json(writing, facts, tables, advance)
        with writing.entry("index.html") as text:
            write_page(text, facts, tables, few=_FEW_ROWS)
        manifest = _manifest(writing, tables, facts)
        with writing.entry("manifest.json") as text:
            json.dump(manifest, text, ensure_ascii=False, indent=2)
    return CopyReport(sum(table.count for table in tables), counted.size, manifest)


@contextmanager
def _frozen_view() -> Iterator[None]:
    """One snapshot for all passes; inside somebody else's transaction that one's view is taken as it is."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _progress(package: Package | None, *, total: int) -> Iterator[Callable[[int], None]]:
    """Writes the progress, and prolongs the lease, through a connection of its own: the frozen view cannot write."""
    if package is None:
        yield lambda _rows: None
        return
    side, done, told = connection.copy(), 0, -math.inf

    def advance(rows: int) -> None:
        nonlocal done, told
        done += rows
        if time.monotonic() - told < 1 and done < total:
            return
        told = time.monotonic()
        _tell(side, package.pk, package.lease, done=done, total=total)

    try:
        advance(0)
        yield advance
    finally:
        side.close()


def _tell(side: Any, package_id: UUID, lease: UUID | None, *, done: int, total: int) -> None:
    with side.cursor() as cursor:
        cursor.execute(
            "UPDATE dsar_package SET rows_done = %s, rows_total = %s, leased_until = now() + %s "
            "WHERE id = %s AND lease = %s",
            [done, total, LEASE, package_id, lease],
        )


def _write_csv(writing: _Writing, table: Table, advance: Callable[[int], None]) -> None:
    with writing.entry(table.file) as text:
        text.write("\ufeff")  # without it spreadsheets spell Latvian letters wrongly
        csv.writer(text).writerow([*(safe_cell(column.label) for column in table.columns), _("kept until")])
        (served.write_csv_rows if served.is_served(table) else spelt.write_csv_rows)(text, table, advance)


def _write_json(writing: _Writing, facts: Statements, tables: list[Table], advance: Callable[[int], None]) -> None:
    with writing.entry("data.json") as text:
        head = json.dumps({"$schema": f"{facts.site_url}{SCHEMA}", **facts.as_json()}, ensure_ascii=False, indent=1)
        text.write(head[: head.rindex("}")].rstrip() + ',\n "tables": [')
        for index, table in enumerate(tables):
            text.write(",\n" if index else "\n")
            _write_json_table(text, facts, table, advance)
        text.write("\n]}\n")


def _write_json_table(text: io.TextIOWrapper, facts: Statements, table: Table, advance: Callable[[int], None]) -> None:
    about = json.dumps(facts.of(table).as_json(), ensure_ascii=False)
    text.write(about[:-1] + ', "rows": [')
    (served.write_json_rows if served.is_served(table) else spelt.write_json_rows)(text, table, advance)
    text.write("]}")


def _manifest(writing: _Writing, tables: list[Table], facts: Statements) -> dict[str, Any]:
    return {
        "type": "qlekta-access-copy/1",
        "request": facts.number,
        "built_at": writing.now.isoformat(),
        "language": get_language(),
        "controller": catalogue().controller.name,
        "tables": [
            {
                "table": table.holding.model,
                "label": str(table.holding.label),
                "rows": table.count,
                "file": table.file,
            }
            for table in tables
        ],
        "rows": sum(table.count for table in tables),
        "files": writing.files.copy(),
    }
