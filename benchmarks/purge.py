"""Millions of expired visits: days taken off and dropped, against DELETE and its VACUUM on an equal table."""

import argparse
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, Final

from benchmarks.report import Report, middle, progress
from benchmarks.report import Verdict as Goal
from benchmarks.stage import Stage, stage

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
TWENTY_WEEKS: Final = timedelta(days=140)
READS_FOR: Final = 4.0
COPY: Final = "bench_flat"
TOO_LONG: Final = 0.1
_WAITED: Final = re.compile(r"acquired \w+ on .* after ([0-9.]+) ms")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way cost."""

    seconds: float
    wal_bytes: float


@dataclass(frozen=True, slots=True)
class Inserts:
    """How long inserts took one by one, and for how long the longest wait for a lock held one of them up, seconds."""

    seconds: list[float]
    waited: float

    def __str__(self) -> str:
        over = sum(one > TOO_LONG for one in self.seconds)
        return (
            f"{len(self.seconds)} inserts, median {middle(self.seconds) * 1000:.3g} ms,"
            f" longest {max(self.seconds) * 1000:.3g} ms, {over} of more than {TOO_LONG * 1000:.0f} ms,"
            f" longest wait for a lock {self.waited * 1000:.3g} ms"
        )


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=3_000_000, help="expired rows (3e6)")
    parser.add_argument("--days", type=int, default=1, help="days they lie in (1)")
    parser.add_argument("--rounds", type=int, default=1, help="paired rounds (1)")


def run(options: argparse.Namespace) -> Report:
    """Durable stores: what is compared is what the real site would pay."""
    with stage(durable=True) as here:
        here.enter_django()
        pairs = [_round(here, options.rows, options.days, number) for number in range(options.rounds)]
        calm, meanwhile = _inserts_beside(here, options.rows, options.days)
    wall = middle([purge.seconds / delete.seconds for delete, purge in pairs])
    wal = middle([purge.wal_bytes / delete.wal_bytes for delete, purge in pairs])
    report = Report("purge", ("way", "rows", "seconds", "WAL, MB"))
    for title, costs in (("DELETE + VACUUM", [pair[0] for pair in pairs]), ("partitions", [pair[1] for pair in pairs])):
        seconds, written = middle([cost.seconds for cost in costs]), middle([cost.wal_bytes for cost in costs])
        report.rows.append((title, options.rows, seconds, written / 1e6))
    report.notes.append(
        f"{options.days} days, {options.rounds} rounds, medians; a fifth more rows live on in both tables"
    )
    report.notes.append(f"with nothing else going on: {calm}")
    report.notes.append(f"during a purge behind a reader of {READS_FOR:.0f} seconds: {meanwhile}")
    report.verdicts += [
        Goal("longest insert meanwhile, seconds", max(meanwhile.seconds), TOO_LONG),
        Goal("longest wait of an insert for a lock meanwhile, seconds", meanwhile.waited, TOO_LONG),
    ]
    report.verdicts += [Goal("wall, partitions / DELETE + VACUUM", wall, 1 / 15), Goal("WAL, the same", wal, 1 / 1000)]
    return report


def _round(here: Stage, rows: int, days: int, number: int) -> tuple[Cost, Cost]:
    from datamap.registry import registry  # noqa: PLC0415 - models load only on the stage
    from visits.models import Visit  # noqa: PLC0415 - the same
    from visits.purging import purge  # noqa: PLC0415 - the same

    progress(f"round {number + 1}: filling {rows} expired rows")
    with here.owner_cursor() as cursor:
        _fill(cursor, rows, days, twice=True)
        delete = _measured(cursor, lambda: _delete_and_vacuum(cursor))
        counts: list[Any] = []
        dropped = _measured(cursor, lambda: counts.append(purge(registry().holding(Visit), now=NOW)))
        _check(cursor, deleted=counts[0].deleted, expected=rows)
        cursor.execute(f"DROP TABLE {COPY}; TRUNCATE {Visit._meta.db_table}")
    progress(f"DELETE and VACUUM {delete.seconds:.3g} s, partitions {dropped.seconds:.3g} s")
    return delete, dropped


def _inserts_beside(here: Stage, rows: int, days: int) -> tuple[Inserts, Inserts]:
    """Many inserts, first alone, then while a purge waits for somebody who reads for four seconds.

    An insert is written to disk before it is done, and a busy machine keeps it waiting with or without a purge; what
    the purge itself keeps it from, it waits for at a lock, which the server tells to the millisecond.
    """
    from datamap.registry import registry  # noqa: PLC0415 - models load only on the stage
    from visits.models import Visit  # noqa: PLC0415 - the same
    from visits.partitions import ensure_days  # noqa: PLC0415 - the same
    from visits.purging import purge  # noqa: PLC0415 - the same

    ensure_days({NOW.date()})
    with here.owner_cursor() as cursor, ThreadPoolExecutor(2) as pool:
        _fill(cursor, rows, days, twice=False)
        cursor.execute("CHECKPOINT")
        calm = _while_inserting(pool, here, lambda: time.sleep(READS_FOR))
        pool.submit(_read_for_long, here)
        time.sleep(0.5)
        meanwhile = _while_inserting(pool, here, lambda: purge(registry().holding(Visit), now=NOW))
        cursor.execute(f"TRUNCATE {Visit._meta.db_table}")
    return calm, meanwhile


def _while_inserting(pool: ThreadPoolExecutor, here: Stage, work: Callable[[], object]) -> Inserts:
    done = Event()
    inserts = pool.submit(_insert, here, done)
    work()
    done.set()
    return inserts.result()


def _insert(here: Stage, done: Event) -> Inserts:
    from benchmarks.rows import add_one  # noqa: PLC0415 - models load only on the stage

    seconds: list[float] = []
    with here.owner_cursor() as cursor:
        cursor.execute("SET log_lock_waits = on; SET deadlock_timeout = '1ms'; SET client_min_messages = log")
        add_one(cursor, at=NOW)
        while not done.is_set():
            begun = time.perf_counter()
            add_one(cursor, at=NOW)
            seconds.append(time.perf_counter() - begun)
            time.sleep(0.005)
        waits = [float(found[1]) / 1000 for line in cursor.connection.notices if (found := _WAITED.search(line))]
    return Inserts(seconds, max(waits, default=0.0))


def _read_for_long(here: Stage) -> None:
    from visits.partitions import TABLE  # noqa: PLC0415 - models load only on the stage

    with here.owner_cursor() as cursor:
        cursor.execute(f"BEGIN; SELECT count(*) FROM {TABLE}")
        time.sleep(READS_FOR)
        cursor.execute("COMMIT")


def _fill(cursor: Any, rows: int, days: int, *, twice: bool) -> None:
    from benchmarks.rows import fill, indexes_later  # noqa: PLC0415 - models load only on the stage
    from visits.partitions import TABLE  # noqa: PLC0415 - the same

    expired = NOW - TWENTY_WEEKS - timedelta(days=days)
    tables = [TABLE, COPY] if twice else [TABLE]
    with indexes_later(cursor, *tables):
        fill(cursor, rows=rows, start=expired, span=timedelta(days=days))
        fill(cursor, rows=rows // 5, start=NOW - timedelta(days=14), span=timedelta(days=7))
        if twice:
            cursor.execute(f"CREATE TABLE {COPY} (LIKE {TABLE} INCLUDING ALL)")
            cursor.execute(f"INSERT INTO {COPY} SELECT * FROM {TABLE} ORDER BY id")
    cursor.execute(f"VACUUM ANALYZE {', '.join(tables)}")


def _delete_and_vacuum(cursor: Any) -> None:
    cursor.execute(f"DELETE FROM {COPY} WHERE at <= %s", [NOW - TWENTY_WEEKS])
    cursor.execute(f"VACUUM {COPY}")


def _measured(cursor: Any, work: Callable[[], object]) -> Cost:
    cursor.execute("CHECKPOINT")
    before, begun = _written(cursor), time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    return Cost(seconds, _written(cursor) - before)


def _written(cursor: Any) -> float:
    cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
    return float(cursor.fetchone()[0])


def _check(cursor: Any, *, deleted: int, expected: int) -> None:
    from visits.partitions import TABLE  # noqa: PLC0415 - models load only on the stage

    cursor.execute(f"SELECT (SELECT count(*) FROM {TABLE}), (SELECT count(*) FROM {COPY})")
    left, left_flat = cursor.fetchone()
    if deleted != expected or left != left_flat:
        raise SystemExit(f"The two ways differ: {deleted} of {expected} deleted, {left} and {left_flat} rows left.")
