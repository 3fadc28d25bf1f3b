"""One person with ten and with a thousand rows erased: as many statements for both, beside one bare DELETE."""

import argparse
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from benchmarks.report import Report, Verdict, middle
from benchmarks.stage import stage

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
# The tables in which the benchmark plants rows, and those that hang on them, in one statement.
LIMIT: Final = """
WITH a AS (DELETE FROM accounts_loginevent WHERE user_id = %(user)s),
     b AS (DELETE FROM mailing_outgoingmessage m USING accounts_user u
           WHERE m.to_address = u.email AND u.id = %(user)s),
     c AS (DELETE FROM visits_visit WHERE user_id = %(user)s),
     d AS (DELETE FROM usersessions_usersession WHERE user_id = %(user)s),
     e AS (DELETE FROM account_emailaddress WHERE user_id = %(user)s),
     f AS (DELETE FROM accounts_profile WHERE user_id = %(user)s)
DELETE FROM accounts_user WHERE id = %(user)s
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one erasure cost."""

    statements: int
    seconds: float


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rows", type=lambda text: int(float(text)), default=1000, help="rows of the large person (1e3)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds (5)")


def run(options: argparse.Namespace) -> Report:
    """Plan, execution, search for remains and receipt together are the erasure; the bare DELETE is the limit."""
    with stage(durable=True) as here:
        here.enter_django()
        _erased(10, case="warm")
        rounds = [
            (_erased(10, case=f"s{n}"), _erased(options.rows, case=f"l{n}"), _deleted(options.rows))
            for n in range(options.rounds)
        ]
    report = Report("erase_one", ("way", "rows", "statements", "milliseconds"))
    sizes = (10, options.rows, options.rows)
    for index, title in enumerate(("erasure, small", "erasure, large", "one DELETE with CTEs (limit)")):
        costs = [found[index] for found in rounds]
        report.rows.append((title, sizes[index], costs[0].statements, middle([cost.seconds for cost in costs]) * 1000))
    ratio = middle([large.seconds / bare.seconds for _, large, bare in rounds])
    report.notes.append(f"the erasure takes {ratio:.3g} times as long as the bare DELETE, which proves nothing")
    growth = max(large.statements - small.statements for small, large, _ in rounds)
    report.verdicts.append(Verdict(f"more statements for {options.rows} rows than for 10", growth, 0))
    return report


def _erased(rows: int, *, case: str) -> Cost:
    from django.db import connection  # noqa: PLC0415 - Django is set up on the stage
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - the same

    from accounts.models import User  # noqa: PLC0415 - models load only on the stage
    from audit.trail import Actor  # noqa: PLC0415 - the same
    from datamap.trace import subject_of_user  # noqa: PLC0415 - the same
    from retention.erasure import execute_erasure, plan_erasure  # noqa: PLC0415 - the same

    subject = subject_of_user(User.objects.get(pk=_person(rows)))
    with CaptureQueriesContext(connection) as statements:
        begun = time.perf_counter()
        plan = plan_erasure(subject, now=NOW, archive=True)
        execute_erasure(
            case_number=case,
            subject=subject,
            plan_digest=plan.digest,
            objection_to_archive=False,
            actor=Actor.system("benchmark"),
            now=NOW,
        )
        seconds = time.perf_counter() - begun
    return Cost(len(statements), seconds)


def _deleted(rows: int) -> Cost:
    from django.db import connection  # noqa: PLC0415 - Django is set up on the stage

    person = _person(rows)
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(LIMIT, {"user": person})
        return Cost(1, time.perf_counter() - begun)


def _person(rows: int) -> UUID:
    from benchmarks.crowd import give_rows, make_people  # noqa: PLC0415 - models load only on the stage

    (person,) = make_people(1, log_ins=0, at=NOW)
    give_rows(person, rows, at=NOW)
    return person
