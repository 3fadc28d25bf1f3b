"""The queue of the case desk with a thousand and with 100 000 running requests: as many queries, and how long."""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import Stage, stage

FEW: Final = 1000
# What the desk sorts by is spread over half a year; for a tenth the clock stands still.
_FILL: Final = """
INSERT INTO dsar_subjectrequest (
    id, number, "right", channel, stage, outcome, subject_token, email, postal_address, language, text, received_at,
    extension_reason, answer, refusal_reason, refusal_act, refusal_is_partial, due_table, due_on, plan_digest,
    objects_to_archive, sealed_contact)
SELECT
    gen_random_uuid(), 'QB-' || %(series)s || '-' || n,
    (ARRAY['access', 'objection', 'rectification', 'complaint'])[1 + n %% 4],
    (ARRAY['email', 'post', 'portal_token'])[1 + n %% 3], 'received', '', '', '', ''::bytea, 'lv', '',
    now() - (n %% 90) * interval '1 day', '', '', '', '', false, 'bench',
    CASE WHEN n %% 10 > 0 THEN current_date + n %% 180 - 30 END, '', false, ''::bytea
FROM generate_series(1, %(rows)s) AS n
"""
_BARE: Final = """
SELECT number, "right", stage, due_on, channel, received_at FROM dsar_subjectrequest
WHERE stage IN ('received', 'identity_pending', 'open', 'clarification_pending', 'executing', 'reopened')
ORDER BY due_on, received_at, number LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one opening of the queue cost."""

    queries: int
    seconds: float


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=100_000, help="requests in all (1e5)")
    parser.add_argument("--rounds", type=int, default=7, help="openings of each (7)")


def run(options: argparse.Namespace) -> Report:
    """Somebody who may approve opens the first page, by due date; beside it the bare statement for its fifty rows."""
    with stage(durable=False) as here:
        here.enter_django()
        opens = _opener()
        _fill(here, FEW, series=1)
        opens()  # what the first page of a log-in asks besides
        few = [opens() for _round in range(options.rounds)]
        _fill(here, options.rows - FEW, series=2)
        progress(f"{options.rows} requests")
        many = [opens() for _round in range(options.rounds)]
        bare = [_bare(here) for _round in range(options.rounds)]
    return _report(options.rows, few, many, bare)


def _report(rows: int, few: list[Cost], many: list[Cost], bare: list[float]) -> Report:
    report = Report("desk", ("way", "requests", "queries", "milliseconds"))
    for title, count, costs in (("queue, few", FEW, few), ("queue, many", rows, many)):
        seconds = middle([cost.seconds for cost in costs])
        report.rows.append((title, count, max(cost.queries for cost in costs), seconds * 1000))
    report.rows.append(("bare statement (limit)", rows, 1, middle(bare) * 1000))
    growth = max(cost.queries for cost in many) - min(cost.queries for cost in few)
    report.verdicts.append(Verdict(f"more queries for {rows} requests than for {FEW}", growth, 0))
    return report


def _opener() -> Callable[[], Cost]:
    from django.test import Client  # noqa: PLC0415 - models load only on the stage

    from accounts.services import register_person  # noqa: PLC0415 - the same

    officer = register_person(
        email="officer@qlekta.example",
        password="Zilais-kalns-7",
        given_name="Ieva",
        family_name="Kalniņa",
        is_staff=True,
        now=timezone.now(),
    )
    officer.is_superuser = True
    officer.save()
    client = Client(headers={"host": "localhost"})
    client.force_login(officer)
    address = reverse("admin:dsar_subjectrequest_changelist")

    def opens() -> Cost:
        with CaptureQueriesContext(connection) as queries:
            begun = time.perf_counter()
            answer = client.get(address)
            seconds = time.perf_counter() - begun
        if answer.status_code != 200 or b"QB-" not in answer.content:
            raise SystemExit(f"The queue did not open: {answer.status_code}.")
        return Cost(len(queries), seconds)

    return opens


def _fill(here: Stage, rows: int, *, series: int) -> None:
    with here.owner_cursor() as cursor:
        cursor.execute(_FILL, {"rows": rows, "series": series})
        cursor.execute("VACUUM (ANALYZE) dsar_subjectrequest")


def _bare(here: Stage) -> float:
    with here.owner_cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(_BARE)
        cursor.fetchall()
        return time.perf_counter() - begun
