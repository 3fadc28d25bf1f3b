"""Every row of a long ledger read and hashed, as `verify_chains` does it, beside a bare COPY of the same rows."""

import argparse
import csv
import io
import json
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import stage

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
GOAL: Final = 80_000
BATCH: Final = 10_000
DETAILS: Final = 500


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=200_000, help="rows of the ledger (2e5)")
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds (5)")


def run(options: argparse.Namespace) -> Report:
    """The trail filled with entries as the site writes them, then verified again and again."""
    with stage(durable=False) as here:
        here.enter_django()
        with here.owner_cursor() as cursor:
            _fill(cursor, options.rows)
            cursor.execute("VACUUM ANALYZE audit_entry")
            rounds = [(_verified(options.rows), _copied(cursor)) for _ in range(options.rounds)]
    verified, copied = middle([pair[0][0] for pair in rounds]), middle([pair[1] for pair in rounds])
    report = Report("verify_chains", ("way", "rows", "seconds", "rows a second"))
    for title, seconds in (("verify", verified), ("COPY … TO STDOUT (limit)", copied)):
        report.rows.append((title, options.rows, seconds, options.rows / seconds))
    report.notes.append(f"{options.rounds} rounds, medians; each row has a JSON field, one of {DETAILS} different ones")
    busy = middle([pair[0][1] for pair in rounds])
    report.notes.append(f"processor time of the process that verifies: {busy / options.rows * 1e6:.3g} µs a row")
    report.verdicts.append(Verdict("seconds for 80 000 rows", verified / options.rows * GOAL, 1))
    return report


def _verified(rows: int) -> tuple[float, float]:
    """Seconds, and seconds of this process on a processor: the server reads on meanwhile in its own."""
    from audit.ledger import verify  # noqa: PLC0415 - models load only on the stage
    from audit.models import Entry  # noqa: PLC0415 - the same

    begun, busy_before = time.perf_counter(), time.process_time()
    report = verify(Entry)
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy_before
    if not report.is_whole or report.rows != rows:
        raise SystemExit(f"The chain is not whole: {report}")
    return seconds, busy


def _copied(cursor: Any) -> float:
    begun = time.perf_counter()
    cursor.copy_expert("COPY (SELECT * FROM audit_entry ORDER BY id) TO STDOUT", io.BytesIO())
    return time.perf_counter() - begun


def _fill(cursor: Any, rows: int) -> None:
    from audit.models import Entry  # noqa: PLC0415 - models load only on the stage

    names = [field.attname for field in Entry._meta.concrete_fields if not field.primary_key]
    chained = _chained(rows)
    while batch := list(islice(chained, BATCH)):
        file = io.StringIO()
        csv.writer(file).writerows([_cell(getattr(row, name)) for name in names] for row in batch)
        file.seek(0)
        cursor.copy_expert(f"COPY audit_entry ({', '.join(names)}) FROM STDIN (FORMAT csv)", file)
    progress(f"filled {rows} rows")


def _cell(value: Any) -> object:
    match value:
        case bytes():
            return rf"\x{value.hex()}"
        case dict():
            return json.dumps(value)
    return value


def _chained(rows: int) -> Iterator[Any]:
    """What `audit.trail.record` would have appended one by one."""
    from audit.ledger import GENESIS, chain, commit  # noqa: PLC0415 - models load only on the stage
    from audit.models import Entry  # noqa: PLC0415 - the same

    head = GENESIS
    for number in range(rows):
        row = Entry(
            at=START + timedelta(seconds=number, microseconds=number % 1000),
            action="viewed",
            actor_kind="staff",
            actor_id=str(uuid4()),
            subject=uuid4(),
            object_type="accounts.User",
            object_id=str(number),
            reason=f"case {number % 1000}",
            details={"fields": "phone, city", "count": number % DETAILS},
            salt=(salt := secrets.token_bytes(16)),
            previous_hash=head,
        )
        row.commitment = commit(salt, row.content())
        row.row_hash = head = chain(head, row.commitment)
        yield row
