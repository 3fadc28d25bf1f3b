"""The copy of a person with many rows among very many: how much memory it takes, and how long beside a bare `COPY`."""

import argparse
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4
from zipfile import ZIP_DEFLATED, ZipFile

from benchmarks.report import Report, Verdict, progress
from benchmarks.stage import Stage, stage

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
SPAN: Final = timedelta(days=130)
BATCHES: Final = 10
MEGABYTE: Final = 1e6


@dataclass(frozen=True, slots=True)
class Cost:
    """What one copy cost: rows, seconds, and the memory above what the process held before."""

    rows: int
    seconds: float
    memory: float


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=5_000_000, help="rows of all (5e6)")


def run(options: argparse.Namespace) -> Report:
    """Everybody's rows are `--rows`; a fiftieth are the person's, and a five hundredth another person's."""
    anna, janis, nobody = uuid4(), uuid4(), uuid4()
    with stage(durable=False) as here:
        here.enter_django()
        _fill(here, options.rows, {anna: 50, janis: 501})
        _copy_of(nobody)  # loads what is loaded once
        level = _memory("VmRSS")
        small, large = _cost(level, lambda: _copy_of(janis)), _cost(level, lambda: _copy_of(anna))
        bare = _cost(_memory("VmRSS"), lambda: _bare_copy(here, anna))
    report = Report("access_copy", ("way", "rows", "seconds", "more memory, MB"))
    for title, cost in (("package, small", small), ("package", large), ("COPY … CSV, zipped (limit)", bare)):
        report.rows.append((title, cost.rows, cost.seconds, cost.memory / MEGABYTE))
    report.notes.append(
        f"among {options.rows} rows; the package holds CSV, JSON and a page, and is sealed as it is written"
    )
    report.verdicts.append(Verdict("additional memory of the package, MB", large.memory / MEGABYTE, 20))
    return report


def _fill(here: Stage, rows: int, persons: dict[UUID, int]) -> None:
    from benchmarks.rows import fill  # noqa: PLC0415 - models load only on the stage

    with here.owner_cursor() as cursor:
        cursor.execute("SET work_mem = '64MB'")
        for number in range(BATCHES):
            start = NOW - SPAN + SPAN * (number / BATCHES)
            fill(cursor, rows=rows // BATCHES, start=start, span=SPAN / BATCHES, persons=persons)
            progress(f"filled {(number + 1) * rows // BATCHES} rows")
        cursor.execute("VACUUM ANALYZE visits_visit")


def _copy_of(account: UUID) -> int:
    from datamap.trace import Subject  # noqa: PLC0415 - models load only on the stage
    from dsar.access_copy import write_copy  # noqa: PLC0415 - the same
    from vault.files import delete_sealed, sealed_writer  # noqa: PLC0415 - the same

    with sealed_writer(uuid4(), context="dsar_package|benchmark") as writer:
        report = write_copy(writer, Subject(user_id=account), case=None, package=None, now=NOW)
    delete_sealed(writer.name)
    return report.rows


def _bare_copy(here: Stage, account: UUID) -> int:
    """What the server and `zipfile` alone need: nothing is looked up, nothing made readable."""
    query = f"COPY (SELECT * FROM visits_visit WHERE user_id = '{account}' ORDER BY id) TO STDOUT WITH CSV"
    with (
        here.owner_cursor() as cursor,
        ZipFile(here.directory / "bare.zip", "w", ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("visits.csv", "w", force_zip64=True) as entry,
    ):
        cursor.copy_expert(query, entry)
        return int(cursor.rowcount)


def _cost(level: float, work: Callable[[], int]) -> Cost:
    """`level` is what the process held before any of it: what one copy leaves behind counts for the next, too."""
    _reset_peak()
    begun = time.perf_counter()
    rows = work()
    return Cost(rows, time.perf_counter() - begun, _memory("VmHWM") - level)


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _memory(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise SystemExit("This benchmark reads /proc and needs Linux.")
    return float(found[1]) * 1024
