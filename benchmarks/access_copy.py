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

from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import Stage, stage

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
SPAN: Final = timedelta(days=130)
BATCHES: Final = 10
MEGABYTE: Final = 1e6
SHARES: Final = {"large": 2, "small": 21}
"""Every second row is one person's, every twenty-first another's: some 48 000 rows beside a million."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one copy cost: rows, seconds, and the memory above what the process held before."""

    rows: int
    seconds: float
    memory: float


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=2_000_000, help="rows of all (2e6)")
    parser.add_argument("--rounds", type=int, default=3)


def run(options: argparse.Namespace) -> Report:
    """Half of `--rows` are one person's. In each round every way has its turn, and the ratios are taken in pairs."""
    persons = {name: uuid4() for name in SHARES}
    report = Report("access_copy", ("way", "rows", "seconds", "more memory, MB"))
    with stage(durable=False) as here:
        here.enter_django()
        _fill(here, options.rows, {account: SHARES[name] for name, account in persons.items()})
        _copy_of(uuid4())  # loads what is loaded once
        for name in sorted(persons, reverse=True):
            _measure(here, report, name=name, account=persons[name], rounds=options.rounds)
    report.notes.append(
        f"among {options.rows} rows; the package is the whole answer: CSV, JSON, page and manifest, zipped and sealed"
    )
    return report


def _measure(here: Stage, report: Report, *, name: str, account: UUID, rounds: int) -> None:
    ways: dict[str, Callable[[], int]] = {
        "COPY … CSV": lambda: _bare_copy(here, account),
        "COPY … CSV, zipped (limit)": lambda: _zipped_copy(here, account),
        "package": lambda: _copy_of(account),
    }
    level = _memory("VmRSS")
    costs: dict[str, list[Cost]] = {way: [] for way in ways}
    for number in range(rounds):
        for way, work in ways.items():
            costs[way].append(_cost(level, work))
        progress(f"{name}: round {number + 1}")
    for way, found in costs.items():
        memory = max(cost.memory for cost in found) / MEGABYTE
        report.rows.append((way, found[0].rows, middle([cost.seconds for cost in found]), memory))
    bare, zipped, package = costs.values()
    if name == "large":
        report.verdicts += [
            Verdict("time of the package / COPY … CSV, zipped", _ratio(package, zipped), 1.6),
            Verdict("time of the package / COPY … CSV, not zipped", _ratio(package, bare), 1.6),
            Verdict("additional memory of the package, MB", max(cost.memory for cost in package) / MEGABYTE, 20),
        ]


def _ratio(costs: list[Cost], limits: list[Cost]) -> float:
    return middle([cost.seconds / limit.seconds for cost, limit in zip(costs, limits, strict=True)])


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
    """What the server alone needs: nothing is looked up, nothing made readable, nothing kept."""
    with here.owner_cursor() as cursor:
        cursor.copy_expert(_query(account), Nowhere())
        return int(cursor.rowcount)


def _zipped_copy(here: Stage, account: UUID) -> int:
    """The same with `zipfile` behind it."""
    with (
        here.owner_cursor() as cursor,
        ZipFile(here.directory / "bare.zip", "w", ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("visits.csv", "w", force_zip64=True) as entry,
    ):
        cursor.copy_expert(_query(account), entry)
        return int(cursor.rowcount)


def _query(account: UUID) -> str:
    return f"COPY (SELECT * FROM visits_visit WHERE user_id = '{account}' ORDER BY id) TO STDOUT WITH CSV"


class Nowhere:
    """Takes bytes and keeps none."""

    def write(self, data: bytes, /) -> int:
        return len(data)


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
