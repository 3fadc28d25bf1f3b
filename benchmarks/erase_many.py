"""A thousand people erased as one batch, against `user.delete()` in a loop; then ten thousand. Same end state."""

import argparse
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from uuid import UUID

from benchmarks.report import Report, Verdict, middle, progress
from benchmarks.stage import stage

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
LOG_INS: Final = 10
BYSTANDERS: Final = 100
TIMES: Final = 10


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=lambda text: int(float(text)), default=1000, help="people of a batch (1e3)")
    parser.add_argument("--rounds", type=int, default=1, help="paired rounds (1)")


def run(options: argparse.Namespace) -> Report:
    """Each person has an account, a profile, an address, a session and ten log-ins; a hundred others keep theirs."""
    people = options.people
    with stage(durable=True) as here:
        here.enter_django()
        _make(BYSTANDERS)
        _batch(_make(10))
        rounds = []
        for number in range(options.rounds):
            progress(f"round {number + 1}")
            rounds.append((_loop(_make(people)), _batch(_make(people)), _batch(_make(TIMES * people))))
    report = Report("erase_many", ("way", "people", "seconds", "people a second"))
    for index, title in enumerate(("user.delete() in a loop", "batch", "batch, ten times as many")):
        count = TIMES * people if index == 2 else people
        seconds = middle([found[index] for found in rounds])
        report.rows.append((title, count, seconds, count / seconds))
    report.notes.append("both ways left the same rows in every declared table, the others' among them")
    report.verdicts += [
        Verdict("batch / loop", middle([batch / loop for loop, batch, _ in rounds]), 1 / 15),
        Verdict("ten times as many / batch", middle([large / batch for _, batch, large in rounds]), 12),
    ]
    return report


def _make(count: int) -> list[UUID]:
    from benchmarks.crowd import make_people  # noqa: PLC0415 - models load only on the stage

    return make_people(count, log_ins=LOG_INS, at=NOW)


def _loop(people: Iterable[UUID]) -> float:
    from accounts.models import User  # noqa: PLC0415 - models load only on the stage

    begun = time.perf_counter()
    for person in people:
        User.objects.get(pk=person).delete()
    return _checked(time.perf_counter() - begun)


def _batch(people: Iterable[UUID]) -> float:
    from django.db import transaction  # noqa: PLC0415 - Django is set up on the stage

    from datamap.trace import People  # noqa: PLC0415 - models load only on the stage
    from retention.erasure import erase_people  # noqa: PLC0415 - the same
    from retention.sweeps import BATCH  # noqa: PLC0415 - the same

    begun, rest = time.perf_counter(), iter(people)
    while keys := frozenset(islice(rest, BATCH)):
        with transaction.atomic():
            erase_people(People(user_ids=keys), now=NOW)
    return _checked(time.perf_counter() - begun)


def _checked(seconds: float) -> float:
    from benchmarks.crowd import left  # noqa: PLC0415 - models load only on the stage

    expected = {
        "accounts.User": BYSTANDERS,
        "accounts.Profile": BYSTANDERS,
        "account.EmailAddress": BYSTANDERS,
        "usersessions.UserSession": BYSTANDERS,
        "accounts.LoginEvent": BYSTANDERS * LOG_INS,
    }
    found = {table: rows for table, rows in left().items() if rows}
    if found != expected:
        raise SystemExit(f"The rows left are not the bystanders': {found}")
    return seconds
