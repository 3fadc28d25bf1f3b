"""Eight clients that record consents: leaves under later seals, beside a plain INSERT and one global chain (Art. 7(1)).

What is measured is the record: the event with its commitment, durable. The whole service (age, wording, current state,
turn of the person, journal on the disk) is measured as well, and stands beside it.
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing.synchronize import Barrier
from typing import Any, Final
from uuid import uuid4

from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import Stage, stage

AT: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLAIN: Final = "bench_plain"
CHAIN: Final = "bench_chain"
SHARE: Final = 10
"""The whole service is slower: a tenth of the events, and its time taken ten times."""
WORDS: Final[dict[str, Any]] = {
    "purpose": "LOYALTY",
    "state": "given",
    "text_version": "2026-11",
    "text_sha256": "a" * 64,
    "lv_sha256": "b" * 64,
    "language": "lv",
    "method": "consents_page",
    "place": "/privacy/consents/",
    "evidence": {"notice": "1"},
}

_barrier: Barrier


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clients", type=int, default=8, help="processes that write at once (8)")
    parser.add_argument("--events", type=int, default=150, help="events of each client in a round (150)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each way in turn (5)")
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=50_000, help="rows to seal at once (5e4)")


def run(options: argparse.Namespace) -> Report:
    """Durable stores: each event is on the disk before its client goes on."""
    with stage(durable=True) as here:
        _tables_to_compare(here)
        here.enter_django()
        ways = _rounds(options)
        reading = _read(options)
        sealing = _seal(options.rows)
        found, attacks = _tampered(here)
    report = Report("consent_write", ("way", "rows", "seconds", "a second"))
    rows = options.clients * options.events
    for title, seconds in ways.items():
        report.rows.append((title, rows, seconds, rows / seconds))
    report.rows.append(("current state, read by one client", *reading, reading[0] / reading[1]))
    for title, measured in sealing.items():
        report.rows.append((title, *measured, measured[0] / measured[1]))
    plain, leaf, chained, whole = ways.values()
    report.notes.append(
        f"{options.clients} clients, {options.rounds} rounds, medians; found {found} of {attacks} attacks"
    )
    report.notes.append(f"the whole service / plain INSERT: {plain / whole:.3g} of its rate; its journal is one file")
    report.verdicts.append(Verdict("time, leaf / plain INSERT (0.6 of its rate)", leaf / plain, 1 / 0.6))
    report.verdicts.append(Verdict("time, leaf / global chain (2.5 times its rate)", leaf / chained, 1 / 2.5))
    report.verdicts.append(Verdict("attacks that were not found", attacks - found, 0))
    return report


def _tables_to_compare(here: Stage) -> None:
    """The same columns and indexes: one table without any proof, one in a chain."""
    with here.owner_cursor() as cursor:
        for table in (PLAIN, CHAIN):
            cursor.execute(f"CREATE TABLE {table} (LIKE consent_consentevent INCLUDING DEFAULTS INCLUDING IDENTITY)")
            cursor.execute(f"ALTER TABLE {table} DROP seal, ADD PRIMARY KEY (id)")
            cursor.execute(f"CREATE INDEX ON {table} (at)")
            cursor.execute(f"CREATE INDEX ON {table} (subject_token, purpose, scope, at)")
            cursor.execute(f"GRANT SELECT, INSERT ON {table} TO PUBLIC")
        cursor.execute(f"ALTER TABLE {PLAIN} DROP salt, DROP commitment")
        cursor.execute(f"ALTER TABLE {CHAIN} ADD previous_hash varchar(64) UNIQUE, ADD row_hash varchar(64)")


def _rounds(options: argparse.Namespace) -> dict[str, float]:
    """Seconds of each way; the first round of each is thrown away."""
    ways = {
        "plain INSERT": _insert,
        "leaf under a later seal": _leaf,
        "one global chain": _chained,
        "the whole service, journal included": _give,
    }
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(options.clients)
    seconds: dict[str, list[float]] = {title: [] for title in ways}
    with ProcessPoolExecutor(options.clients, context, initializer=_meet_at, initargs=(barrier,)) as pool:
        for number in range(options.rounds + 1):
            progress(f"round {number} of {options.rounds}")
            for title, work in ways.items():
                share = SHARE if work is _give else 1
                seconds[title].append(share * _together(pool, options, work, events=options.events // share))
    return {title: middle(found[1:]) for title, found in seconds.items()}


def _together(
    pool: ProcessPoolExecutor, options: argparse.Namespace, work: Callable[[], object], *, events: int
) -> float:
    running = [pool.submit(_write, work, events) for _ in range(options.clients)]
    spans = [item.result() for item in running]
    return max(end for _, end in spans) - min(begun for begun, _ in spans)


def _meet_at(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 - a barrier reaches a child only at its birth
    _barrier = barrier


def _write(work: Callable[[], object], events: int) -> tuple[float, float]:
    from django.db import connection  # noqa: PLC0415 - Django is set up on the stage

    connection.ensure_connection()
    _barrier.wait(120)
    begun = time.monotonic()
    for _ in range(events):
        work()
    return begun, time.monotonic()


def _insert() -> None:
    """What the service would do without any proof: the row made, its values prepared, one statement."""
    from django.db import connection  # noqa: PLC0415 - Django is set up on the stage

    from audit.rows import content_fields  # noqa: PLC0415 - models load only on the stage
    from consent.models import ConsentEvent  # noqa: PLC0415 - the same

    row, fields = _event(), content_fields(ConsentEvent)
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    columns, places = ", ".join(field.attname for field in fields), ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {PLAIN} ({columns}) VALUES ({places}) RETURNING id", values)


def _leaf() -> None:
    from audit.ledger import append  # noqa: PLC0415 - models load only on the stage

    append(_event())


def _chained() -> None:
    from audit.ledger import append  # noqa: PLC0415 - models load only on the stage

    append(_chained_event()(subject_token=uuid4().hex, at=AT, **WORDS))


def _give() -> None:
    from consent.services import give_by_address  # noqa: PLC0415 - models load only on the stage

    words: dict[str, Any] = {"language": "lv", "method": "newsletter_form", "place": "/newsletter/"}
    give_by_address(f"{uuid4().hex}@example.lv", "MARKETING_EMAIL", now=AT, **words)


def _event() -> Any:
    from consent.models import ConsentEvent  # noqa: PLC0415 - models load only on the stage

    return ConsentEvent(subject_token=uuid4().hex, at=AT, **WORDS)


@cache
def _chained_event() -> Any:
    """The same columns as rows of one chain."""
    from audit.ledger import LedgerRow  # noqa: PLC0415 - models load only on the stage
    from audit.rows import content_fields  # noqa: PLC0415 - the same
    from consent.models import ConsentEvent  # noqa: PLC0415 - the same

    fields = {field.name: field.clone() for field in content_fields(ConsentEvent) if field.name != "at"}
    meta = type("Meta", (LedgerRow.Meta,), {"app_label": "audit", "db_table": CHAIN})
    return type("ChainedEvent", (LedgerRow,), {"__module__": __name__, "Meta": meta, **fields})


def _read(options: argparse.Namespace) -> tuple[int, float]:
    """The state of one consent after another, as the gate asks for it."""
    from consent.models import ConsentEvent  # noqa: PLC0415 - models load only on the stage
    from consent.queries import current_status_of_token  # noqa: PLC0415 - the same

    given = ConsentEvent.objects.filter(purpose="LOYALTY").values_list("subject_token", flat=True)
    tokens = list(given[: options.events * options.clients])
    begun = time.perf_counter()
    for whose in tokens:
        if not current_status_of_token(whose, "LOYALTY", now=AT).permits:
            raise SystemExit("A consent that was given does not hold.")
    return len(tokens), time.perf_counter() - begun


def _seal(rows: int) -> dict[str, tuple[int, float]]:
    """Everything that waits, sealed at once, then verified; the hashing of as many leaves beside it."""
    from django.db import transaction  # noqa: PLC0415 - the same

    from audit.ledger import verify  # noqa: PLC0415 - models load only on the stage
    from audit.merkle import root_of  # noqa: PLC0415 - the same
    from consent.models import ConsentEvent  # noqa: PLC0415 - the same
    from retention.sealing import seal_ledgers  # noqa: PLC0415 - the same

    with transaction.atomic():
        for _ in range(rows):
            _leaf()
    waiting = ConsentEvent.objects.filter(seal=None).count()
    timings = {}
    for title, act in (
        ("sealed", lambda: seal_ledgers(now=AT + timedelta(minutes=1))),
        ("verified", lambda: verify(ConsentEvent)),
        ("Merkle root alone", lambda: root_of([bytes(32)] * waiting)),
    ):
        begun = time.perf_counter()
        act()
        timings[title] = (waiting, time.perf_counter() - begun)
    return timings


def _tampered(here: Stage) -> tuple[int, int]:
    """Each attack on a row in the middle, as the owner with the guards off; how many were found, of how many."""
    from audit.ledger import verify  # noqa: PLC0415 - models load only on the stage
    from audit.models import Seal  # noqa: PLC0415 - the same
    from consent.models import ConsentEvent  # noqa: PLC0415 - the same

    row = ConsentEvent.objects.filter(seal=1).order_by("pk")[100].pk
    attacks = (
        f"UPDATE consent_consentevent SET state = 'withdrawn' WHERE id = {row}",
        f"UPDATE consent_consentevent SET commitment = repeat('c', 64), salt = '' WHERE id = {row}",
        f"UPDATE consent_consentevent SET salt = '', state = 'withdrawn' WHERE id = {row}",
        f"UPDATE consent_consentevent SET seal = 2 WHERE id = {row}",
        f"UPDATE consent_consentevent SET seal = NULL WHERE id = {row}",
        f"DELETE FROM consent_consentevent WHERE id = {row}",
        f"UPDATE consent_consentevent SET id = -1 WHERE id = {row}",
        "UPDATE audit_seal SET root = repeat('d', 64) WHERE number = 1",
        "UPDATE audit_seal SET signature = '' WHERE number = 1",
        "DELETE FROM audit_seal WHERE number = 1",
    )
    found = 0
    with here.owner_cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for attack in attacks:
            cursor.execute("CREATE TEMP TABLE before_rows AS SELECT * FROM consent_consentevent WHERE seal < 3")
            cursor.execute("CREATE TEMP TABLE before_seals AS SELECT * FROM audit_seal WHERE number < 3")
            cursor.execute(attack)
            found += not (verify(ConsentEvent).is_whole and verify(Seal).is_whole)
            cursor.execute(f"DELETE FROM consent_consentevent WHERE seal < 3 OR id IN (-1, {row})")
            cursor.execute("DELETE FROM audit_seal WHERE number < 3")
            cursor.execute("INSERT INTO consent_consentevent SELECT * FROM before_rows")
            cursor.execute("INSERT INTO audit_seal OVERRIDING SYSTEM VALUE SELECT * FROM before_seals")
            cursor.execute("DROP TABLE before_rows, before_seals")
    if not verify(ConsentEvent).is_whole:
        raise SystemExit("The ledger did not come back whole: what was found shows nothing.")
    return found, len(attacks)
