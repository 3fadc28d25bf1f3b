"""Draining the outbox against the emulated Braintree: charges a second of one worker, beside bare requests."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median
from typing import Any, Final
from uuid import UUID, uuid4

from benchmarks.report import Report, Verdict, progress
from benchmarks.stage import stage
from runner.places import PROJECT

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
ROUNDS: Final = 15


class Deaf:
    """Whoever is told of the money."""

    def page(self, payable: UUID) -> str:
        return "/"

    def paid(self, payable: UUID, *, now: datetime) -> None: ...

    def not_paid(self, payable: UUID, *, now: datetime) -> None: ...

    def paid_back(self, payable: UUID, *, amount: Decimal, now: datetime) -> None: ...

    def accepted(self, payable: UUID, *, now: datetime) -> None: ...

    def not_paid_back(self, payable: UUID, *, now: datetime) -> None: ...


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--payments", type=lambda text: int(float(text)), default=100, help="in each round (100)")


def run(options: argparse.Namespace) -> Report:
    """Rounds in turn, so that a noisy moment meets both ways."""
    report = Report("drain_cards", ("way", "payments a second"))
    with stage(durable=True) as here, _braintree():
        here.enter_django()
        from payments import payables  # noqa: PLC0415 - models load only on the stage

        payables.register("bench", Deaf())
        bare, drained = [], []
        for number in range(ROUNDS + 1):
            rates = _bare(options.payments), _drained(options.payments)
            progress(f"round {number}: {rates[0]:.0f} bare, {rates[1]:.0f} drained")
            if number:  # the first loads what is loaded once
                bare.append(rates[0])
                drained.append(rates[1])
    report.rows += [("bare requests", median(bare)), ("outbox", median(drained))]
    report.notes.append("one worker, durable PostgreSQL, keep-alive, the emulator in a process of its own")
    times = [theirs / mine for mine, theirs in zip(drained, bare, strict=True)]
    report.verdicts.append(Verdict("a drained payment takes, in bare requests", median(times), 1 / 0.6))
    return report


@contextmanager
def _braintree() -> Iterator[None]:
    argv = [sys.executable, "-m", "emulators"]
    with subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        os.environ |= {
            "QLEKTA_PROCESSORS": "emulated",
            "BRAINTREE_EMULATOR_URL": json.loads(process.stdout.readline())["braintree"],
            "BRAINTREE_MERCHANT_ID": "emulated",
            "BRAINTREE_PUBLIC_KEY": "public",
            "BRAINTREE_PRIVATE_KEY": "private",
        }
        try:
            yield
        finally:
            process.terminate()


def _bare(count: int) -> float:
    from payments.cards.gateway import Braintree, Sale  # noqa: PLC0415 - only on the stage

    braintree, sales = (
        Braintree.of_settings(),
        [Sale(uuid4(), Decimal("9.99"), "fake-valid-nonce") for _ in range(count)],
    )
    begun = time.perf_counter()
    for sale in sales:
        braintree.charge(sale, key=str(sale.order))
    return count / (time.perf_counter() - begun)


def _drained(count: int) -> float:
    from outbox.services import drain  # noqa: PLC0415 - only on the stage

    _order(count)
    begun = time.perf_counter()
    done = sum(drain(now=NOW, limit=100).done for _ in range(-(-count // 100)))
    rate = count / (time.perf_counter() - begun)
    if done != count:
        raise SystemExit(f"{done} of {count} were charged")
    return rate


def _order(count: int) -> None:
    from django.db import transaction  # noqa: PLC0415 - only on the stage

    from accounts.models import User  # noqa: PLC0415 - the same
    from outbox.services import enqueue  # noqa: PLC0415 - the same
    from payments.cards.effects import CHARGE  # noqa: PLC0415 - the same
    from payments.models import CardPayment  # noqa: PLC0415 - the same

    payer = User.objects.create(email=f"{uuid4().hex}@example.lv", date_joined=NOW)
    fresh: dict[str, Any] = {"payable_kind": "bench", "amount": Decimal("9.99"), "state": "charging"}
    for _ in range(count):
        with transaction.atomic():
            payment = CardPayment.objects.create(
                payable_id=uuid4(), payer=payer, nonce="fake-valid-nonce", began_at=NOW, changed_at=NOW, **fresh
            )
            payload: dict[str, str | int] = {"payment": str(payment.pk), "attempt": 1}
            enqueue(CHARGE, aggregate=f"card:{payment.pk}", payload=payload, now=NOW, subject=payer.pk)
