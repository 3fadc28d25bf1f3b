"""Preparing campaigns for a tenth of the people and for all of them: the memory and the queries of one part stay."""

import argparse
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from benchmarks.report import Report, Verdict, progress
from benchmarks.stage import stage

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
CHUNK: Final = 100
MEGABYTE: Final = 1e6
WARM_UP: Final = 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one preparation cost: recipients, seconds, memory above what the process held before, and the
    queries of the part that needed most."""

    recipients: int
    seconds: float
    memory: float
    queries: int


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=lambda text: int(float(text)), default=100_000, help="who consented (1e5)")


def run(options: argparse.Namespace) -> Report:
    """People are made in chunks, so that no memory is at hand afterwards that a preparation could use unseen."""
    report = Report("campaign", ("way", "recipients", "seconds", "more memory, MB", "queries of a part"))
    costs = []
    with stage(durable=False) as here:
        here.enter_django()
        there = 0
        for people in (WARM_UP, options.people // 10, options.people):
            _make(people - there)
            with here.owner_cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
            there = max(there, people)
            costs.append(_prepare())
            progress(f"prepared a campaign for {there}")
            if costs[-1].recipients != there:
                raise SystemExit(f"{costs[-1].recipients} recipients of {there}")
        costs.append(_prepare(size=2 * options.people))
    for way, cost in zip(("in parts", "in parts", "all at once (comparison)"), costs[1:], strict=True):
        report.rows.append((way, cost.recipients, cost.seconds, cost.memory / MEGABYTE, cost.queries))
    _warm, small, large, _at_once = costs
    report.notes.append(f"a first campaign for {WARM_UP} people loads what is loaded once; the list only, no letters")
    report.verdicts += [
        Verdict("ten times as many people, more memory, MB", (large.memory - small.memory) / MEGABYTE, 5),
        Verdict("ten times as many people, more queries a part", large.queries - small.queries, 0),
    ]
    return report


def _make(count: int) -> None:
    """Accounts with a verified address that consented, and no other rows."""
    from allauth.account.models import EmailAddress  # noqa: PLC0415 - models load only on the stage

    from accounts.models import User  # noqa: PLC0415 - the same
    from consent.models import ConsentEvent  # noqa: PLC0415 - the same

    for _start in range(0, count, CHUNK):
        size = min(CHUNK, count - _start)
        users = [User(id=uuid4(), email=f"{uuid4().hex}@example.lv", date_joined=NOW) for _ in range(size)]
        User.objects.bulk_create(users)
        EmailAddress.objects.bulk_create(
            [EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users]
        )
        ConsentEvent.objects.bulk_create([_consent(user) for user in users])


def _consent(user: Any) -> Any:
    """As the record holds it, but for the commitment, which nothing here reads."""
    from consent.models import ConsentEvent  # noqa: PLC0415 - models load only on the stage
    from vault.tokens import subject_token  # noqa: PLC0415 - the same

    return ConsentEvent(
        subject_token=subject_token(user.pk),
        purpose="MARKETING_EMAIL",
        state="given",
        language="lv",
        method="consents_page",
        place="/",
        at=NOW,
        salt=secrets.token_bytes(16),
        commitment=secrets.token_hex(32),
    )


def _prepare(size: int = 0) -> Cost:
    """The list of a new campaign, part by part as a worker makes it, or in parts of another size."""
    from django.db import connection, transaction  # noqa: PLC0415 - Django is set up on the stage

    from newsletters.audience import PART  # noqa: PLC0415 - models load only on the stage
    from newsletters.campaigns import prepare  # noqa: PLC0415 - the same
    from newsletters.models import Campaign, CampaignStage, CampaignState  # noqa: PLC0415 - the same

    words = {"name": "A", "subject_lv": "A", "body_lv": "A", "created_at": NOW, "started_at": NOW}
    campaign = Campaign.objects.create(state=CampaignState.RUNNING, **words)
    counter, most = _Counter(), 0
    level = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    begun = time.perf_counter()
    with connection.execute_wrapper(counter):
        while campaign.stage != CampaignStage.PREPARED:
            before = counter.queries
            with transaction.atomic():
                prepare(campaign, now=NOW, size=size or PART)
            most = max(most, counter.queries - before)
    seconds = time.perf_counter() - begun
    return Cost(campaign.recipients.count(), seconds, _memory("VmHWM") - level, most)


class _Counter:
    """Counts queries and keeps none."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, *query: Any) -> Any:
        self.queries += 1
        return execute(*query)


def _memory(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise SystemExit("This benchmark reads /proc and needs Linux.")
    return float(found[1]) * 1024
