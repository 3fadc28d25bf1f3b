"""One person decides twice at once: the no prevails, both are on record, nobody else waits (Art. 7(3), L7)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from consent.queries import current_status, events_of
from consent.services import give, note_subscription, withdraw
from consent.terms import ConsentState
from replay.journal import write_out
from tests.consent.test_ledger import somebody
from tests.consents import HOW

WAY = "PROFILING"

pytestmark = [pytest.mark.usefixtures("published_texts"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _journal_has_begun(published_texts: None) -> None:
    write_out()


def at_once(*acts: Callable[[], Any]) -> None:
    """Run them in sessions of their own that begin together."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(20)
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        for item in [pool.submit(run, act) for act in acts]:
            item.result(timeout=60)


def said(anna: UUID) -> list[str]:
    return sorted(events_of(anna, WAY).values_list("state", flat=True))


@pytest.mark.clause("Q16.6")
@pytest.mark.requirement("L7")
@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("ahead", [0, 1, 900], ids=lambda microseconds: f"withdrawn-{microseconds}µs-later")
def test_a_grant_and_a_withdrawal_at_the_same_instant_end_in_withdrawn_and_both_are_on_record(
    turn: int, ahead: int
) -> None:
    anna, now = somebody(), timezone.now()
    at_once(
        lambda: give(anna, WAY, now=now, **HOW),
        lambda: withdraw(anna, WAY, now=now + timedelta(microseconds=ahead), **HOW),
    )
    assert said(anna) == ["given", "withdrawn"]
    assert current_status(anna, WAY, now=now + timedelta(days=1)).state is ConsentState.WITHDRAWN


@pytest.mark.clause("Q16.6")
@pytest.mark.requirement("L7")
def test_a_grant_that_was_on_its_way_does_not_overtake_a_withdrawal_that_was_recorded_first() -> None:
    anna, asked = somebody(), timezone.now()
    withdraw(anna, WAY, now=asked + timedelta(seconds=3), **HOW)
    give(anna, WAY, now=asked, **HOW)
    assert said(anna) == ["given", "withdrawn"]
    assert not current_status(anna, WAY, now=asked + timedelta(days=1)).permits
    give(anna, WAY, now=asked + timedelta(seconds=4), **HOW)
    assert current_status(anna, WAY, now=asked + timedelta(days=1)).permits, "who gives it again has given it"


@pytest.mark.requirement("L7")
def test_the_decision_of_one_person_waits_for_her_own_and_for_nobody_elses() -> None:
    anna, janis, now = somebody(), somebody(), timezone.now()

    def act(who: UUID, done: threading.Event) -> None:
        try:
            withdraw(who, WAY, now=now, **HOW)
            done.set()
        finally:
            connection.close()

    hers, his = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            give(anna, WAY, now=now, **HOW)
            running = [pool.submit(act, anna, hers), pool.submit(act, janis, his)]
            assert his.wait(30)
            assert not hers.wait(0.3)
        for item in running:
            item.result(timeout=30)
    assert said(anna) == ["given", "withdrawn"]


@pytest.mark.clause("Q13.3")
def test_the_evidence_of_a_grant_that_a_withdrawal_overtook_has_an_end() -> None:
    anna, asked = somebody(), timezone.now()
    withdraw(anna, "MARKETING_EMAIL", now=asked + timedelta(seconds=3), **HOW)
    late = note_subscription(give(anna, "MARKETING_EMAIL", now=asked, **HOW), ip="192.0.2.7")
    assert late.ends_at is not None
    good = note_subscription(give(anna, "MARKETING_EMAIL", now=asked + timedelta(seconds=5), **HOW), ip="192.0.2.7")
    assert good.ends_at is None


def test_giving_the_same_twice_at_once_is_recorded_once() -> None:
    anna, now = somebody(), timezone.now()
    at_once(*[lambda: give(anna, WAY, now=now, **HOW)] * 4)
    assert said(anna) == ["given"]
