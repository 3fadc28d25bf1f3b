"""Sixty payments, three workers that are killed, and a Braintree that fails a third of its calls: each is charged once.

Nothing that was rolled back is charged, and nothing that was charged is recorded as anything else.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import IO, Final, cast
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from emulators.braintree import Braintree
from emulators.braintree_ledger import TAKEN, Ledger
from outbox.models import Effect, ProviderGate
from payments.models import CardPayment
from payments.models.cards import UNDERWAY, PaymentState
from tests.payments.cards.conftest import NOW, order, people
from tests.worker import site_environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.network, pytest.mark.slow]

WORKERS: Final = 3
KILLS: Final = 6
KINDS: Final = (
    *("status", "reset_before", "reset_after", "done_then_500", "half_body", "garbage", "redirect", "slow", "late"),
)
_PATIENCE: Final = 120


class RolledBack(Exception):
    """The business transaction fails after the payment was ordered."""


class Nursery:
    """Workers, as many as are wanted, and killed as is wanted."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.workers: list[int] = []

    def spawn(self) -> None:
        cast("IO[str]", self.process.stdin).write("\n")
        cast("IO[str]", self.process.stdin).flush()
        self.workers.append(int(cast("IO[str]", self.process.stdout).readline()))

    def kill(self, chance: random.Random) -> None:
        os.kill(self.workers.pop(chance.randrange(len(self.workers))), signal.SIGKILL)


@pytest.fixture
def nursery(braintree: Braintree) -> Iterator[Nursery]:
    named = {
        "QLEKTA_PROCESSORS": "emulated",
        "BRAINTREE_EMULATOR_URL": braintree.address,
        "BRAINTREE_MERCHANT_ID": "emulated",
        "BRAINTREE_PUBLIC_KEY": "public",
        "BRAINTREE_PRIVATE_KEY": "private",
    }
    argv = [sys.executable, "-m", "tests.payments.cards.nursery", NOW.isoformat()]
    environment = {**site_environment(), **named}
    pipe, root = subprocess.PIPE, settings.BASE_DIR
    with subprocess.Popen(argv, env=environment, cwd=root, stdin=pipe, stdout=pipe, text=True) as process:
        found = Nursery(process)
        try:
            yield found
        finally:
            for pid in found.workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.kill()


def place(payer: User, *, fails: bool) -> UUID:
    """Order one payment; where the business fails, its transaction is rolled back."""
    number = UUID(int=0)
    with contextlib.suppress(RolledBack), transaction.atomic():
        # The sandbox's number works for ever: only keys and looks stand between one charge and two.
        number = order(payer, nonce="fake-valid-nonce").pk
        if fails:
            raise RolledBack
    return number


def two_minutes_pass() -> None:
    """For the leases and the trials of whoever was killed; workers that live lose theirs too, and must bear it."""
    Effect.objects.filter(leased_until__isnull=False).update(leased_until=Now())
    ProviderGate.objects.filter(trial_until__isnull=False).update(trial_until=Now())


def still_waiting() -> bool:
    return CardPayment.objects.filter(state__in=UNDERWAY).exclude(state=PaymentState.UNCLEAR).exists()


@pytest.mark.parametrize(("count", "takes_keys"), [(60, True), (20, False)], ids=["keys", "no keys"])
def test_every_order_is_charged_once_none_after_a_rollback_and_none_is_lost(
    braintree: Braintree, nursery: Nursery, count: int, *, takes_keys: bool
) -> None:
    braintree.ledger = Ledger(takes_keys=takes_keys, duplicates=3600)
    braintree.faults.plan({"rate": 0.35, "seed": 7, "kinds": KINDS, "seconds": 0.35})
    chance, ordered, rolled_back, kills = random.Random(7), set[UUID](), set[UUID](), 0
    for _ in range(WORKERS):
        nursery.spawn()
    for number, payer in enumerate(people(count)):
        fails = number % 10 == 9
        (rolled_back if fails else ordered).add(place(payer, fails=fails))
        if number % (count // KILLS) == count // KILLS - 1:
            nursery.kill(chance)
            nursery.spawn()
            two_minutes_pass()
            kills += 1
    assert kills == KILLS
    assert len(rolled_back) == count // 10
    until_nobody_waits()
    assert_charged_once(braintree, ordered)


def test_of_a_crowd_whose_workers_are_killed_each_is_charged_once(braintree: Braintree, nursery: Nursery) -> None:
    braintree.faults.plan({"rate": 0.1, "seed": 7, "kinds": KINDS, "seconds": 0.35})
    chance, ordered = random.Random(7), {place(payer, fails=False) for payer in people(60)}
    for _ in range(WORKERS):
        nursery.spawn()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.3))
        nursery.kill(chance)
        nursery.spawn()
        two_minutes_pass()
    until_nobody_waits()
    assert_charged_once(braintree, ordered)


def until_nobody_waits() -> None:
    end = time.monotonic() + _PATIENCE
    while still_waiting() and time.monotonic() < end:
        time.sleep(1)
        two_minutes_pass()


def assert_charged_once(braintree: Braintree, ordered: set[UUID]) -> None:
    charged = Counter(row.order for row in braintree.ledger.transactions.values() if row.status in TAKEN)
    assert set(charged) == {str(number) for number in ordered}, "each, and nothing that was rolled back"
    assert set(charged.values()) == {1}, "none twice"
    recorded = dict(CardPayment.objects.values_list("pk", "state"))
    assert recorded == dict.fromkeys(ordered, PaymentState.PAID)
    assert {row.transaction_id for row in CardPayment.objects.all()} == {
        row.id for row in braintree.ledger.transactions.values() if row.status in TAKEN
    }
