"""Writing visits into the log: the drain's batches by `COPY` beside `bulk_create` and the server's own `COPY`."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import Stage, stage

BATCH: Final = 1000
_DRAIN: Final = "drain, COPY of 1000"
_BULK: Final = "bulk_create of 1000"
_SERVER: Final = "the server's COPY of a file (limit)"
_AGENTS: Final = 50


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=20_000, help="visits of a round (20 000)")
    parser.add_argument("--rounds", type=int, default=5, help="each way once a round, in turn (5)")


def run(options: argparse.Namespace) -> Report:
    """All ways write the same rows into the same partition with the same indexes, emptied before each."""
    with stage(durable=True) as here:
        here.enter_django()
        seconds = _measured(here, rows=options.rows, rounds=options.rounds)
    report = Report("visit_ingest", ("way", "rows", "seconds", "rows a second"))
    for way, times in seconds.items():
        report.rows.append((way, options.rows, middle(times), options.rows / middle(times)))
    report.notes.append(f"{options.rounds} rounds, medians; one partition, brin on time, btrees on account and visitor")
    for other, title, limit in (
        (_BULK, "time, drain / bulk_create (3.5 times its rate)", 1 / 3.5),
        (_SERVER, "time, drain / the server's COPY (0.45 of its rate)", 1 / 0.45),
    ):
        ratio = middle([mine / theirs for mine, theirs in zip(seconds[_DRAIN], seconds[other], strict=True)])
        report.verdicts.append(Verdict(title, ratio, limit))
    return report


def _measured(here: Stage, *, rows: int, rounds: int) -> dict[str, list[float]]:
    ways = _ways(here, rows)
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds + 1):
        progress(f"round {number} of {rounds}")
        for way, write in ways.items() if number % 2 else reversed(ways.items()):
            with here.owner_cursor() as cursor:
                cursor.execute("TRUNCATE visits_visit")
                cursor.execute("CHECKPOINT")
            begun = time.perf_counter()
            write()
            if number:  # the first only warms up
                seconds[way].append(time.perf_counter() - begun)
    return seconds


def _ways(here: Stage, rows: int) -> dict[str, Callable[[], None]]:
    from django.utils import timezone  # noqa: PLC0415 - only once the stage is set

    from visits.hits import COLUMNS, line_of  # noqa: PLC0415 - only once the stage is set
    from visits.models import Visit  # noqa: PLC0415 - only once the stage is set
    from visits.storage import store  # noqa: PLC0415 - only once the stage is set

    hits = [_hit(number, timezone.now()) for number in range(rows)]
    lines = [line_of(hit) for hit in hits]
    path = here.directory / "visits.copy"
    path.write_text("".join(lines), encoding="utf-8")

    def drain() -> None:
        for start in range(0, rows, BATCH):
            store(lines[start : start + BATCH])

    def server() -> None:
        with here.owner_cursor() as cursor:
            cursor.execute(f"COPY visits_visit ({', '.join(COLUMNS)}) FROM %s", [str(path)])

    models = _models(path, COLUMNS)

    def bulk() -> None:
        for row in models:
            row.pk = None
        Visit.objects.bulk_create(models, batch_size=BATCH)

    return {_DRAIN: drain, _BULK: bulk, _SERVER: server}


def _models(path: Path, columns: tuple[str, ...]) -> list[Any]:
    from visits.models import Visit  # noqa: PLC0415 - only once the stage is set

    with path.open(encoding="utf-8") as source:
        values = [
            [None if cell == r"\N" else cell for cell in line.rstrip("\n").replace(r"\\", "\\").split("\t")]
            for line in source
        ]
    return [Visit(**dict(zip(columns, row, strict=True))) for row in values]


def _hit(number: int, at: Any) -> Any:
    from visits.hits import Hit  # noqa: PLC0415 - only once the stage is set

    return Hit(
        at=at,
        method="GET",
        path=f"/listings/sarkans-velosipeds-{number % 997}/",
        query=f"page={number % 40}",
        referrer="https://qlekta.example/listings/",
        host="qlekta.example",
        ip=f"203.0.{number % 251}.{number % 249}",
        user_agent=f"Mozilla/5.0 (X11; Linux x86_64; rv:{100 + number % _AGENTS}.0) Gecko/20100101 Firefox/140.0",
        user_id=None,
        status=200,
        seconds=(number % 300) / 1000,
        secrets=(),
        is_staff_page=False,
    )
