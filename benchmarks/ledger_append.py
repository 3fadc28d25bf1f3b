"""Fifty writers on one ledger: events a second with the whole chain kept, beside the same rows without a chain."""

import argparse
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from typing import Any, Final
from uuid import UUID

from benchmarks.report import Report, Verdict, middle
from benchmarks.stage import Stage, stage

AT: Final = datetime(2026, 6, 1, tzinfo=UTC)
SOMEBODY: Final = UUID("6f1c9f0e-2f6b-4a58-9d0e-0a4f0b6a7c11")
GOAL: Final = 300
BARE: Final = "bench_events"

_barrier: Barrier


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--writers", type=int, default=50, help="processes that write at once (50)")
    parser.add_argument("--events", type=int, default=40, help="events of each writer in a round (40)")
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds (5)")


def run(options: argparse.Namespace) -> Report:
    """Durable stores: each event is on the disk before its writer goes on."""
    with stage(durable=True) as here:
        _plain_table(here)
        here.enter_django()
        pairs = _rounds(options)
        _check(options.writers * options.events * options.rounds)
    chained, plain = (middle([pair[index] for pair in pairs]) for index in (0, 1))
    rows = options.writers * options.events
    report = Report("ledger_append", ("way", "events", "seconds", "events a second"))
    for title, seconds in (("chained", chained), ("one INSERT, no chain (limit)", plain)):
        report.rows.append((title, rows, seconds, rows / seconds))
    report.notes.append(f"{options.writers} writers, {options.rounds} rounds, medians; the chain was whole at the end")
    report.verdicts.append(Verdict(f"seconds for {GOAL} events", chained / rows * GOAL, 1))
    return report


def _plain_table(here: Stage) -> None:
    with here.owner_cursor() as cursor:
        cursor.execute(f"CREATE TABLE {BARE} (LIKE audit_entry INCLUDING DEFAULTS INCLUDING IDENTITY)")
        cursor.execute(f"GRANT INSERT ON {BARE} TO PUBLIC")


def _rounds(options: argparse.Namespace) -> list[tuple[float, float]]:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(options.writers)
    with ProcessPoolExecutor(options.writers, context, initializer=_meet_at, initargs=(barrier,)) as pool:
        return [(_together(pool, options, _append), _together(pool, options, _insert)) for _ in range(options.rounds)]


def _together(pool: ProcessPoolExecutor, options: argparse.Namespace, work: Callable[[], object]) -> float:
    running = [pool.submit(_write, work, options.events) for _ in range(options.writers)]
    spans = [item.result() for item in running]
    return max(end for _, end in spans) - min(begun for begun, _ in spans)


def _meet_at(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 - a barrier reaches a child only at its birth
    _barrier = barrier


def _write(work: Callable[[], object], events: int) -> tuple[float, float]:
    from django.db import connection  # noqa: PLC0415 - Django is set up on the stage

    connection.ensure_connection()
    _barrier.wait(60)
    begun = time.monotonic()
    for _ in range(events):
        work()
    return begun, time.monotonic()


def _append() -> None:
    from audit.trail import Actor, record  # noqa: PLC0415 - models load only on the stage

    record("viewed", actor=Actor.system("benchmark"), subject=SOMEBODY, details={"count": 3}, now=AT)


def _insert() -> None:
    from django.db import connection  # noqa: PLC0415 - Django is set up on the stage

    columns = "salt, commitment, previous_hash, row_hash, at, action, actor_kind, actor_id, subject, object_type"
    values: list[Any] = [b"0" * 16, "a" * 64, "b" * 64, "c" * 64, AT, "viewed", "system", "benchmark", SOMEBODY, ""]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {BARE} ({columns}, object_id, reason, details) VALUES ({'%s, ' * 10}'', '', '{{}}')", values
        )


def _check(rows: int) -> None:
    from audit.ledger import verify  # noqa: PLC0415 - models load only on the stage
    from audit.models import Entry  # noqa: PLC0415 - the same

    report = verify(Entry)
    if not report.is_whole or report.rows != rows:
        raise SystemExit(f"The chain is not whole: {report}")
