"""A view and a withdrawal at the same time: whatever comes first, no profile is left (Art. 7(3), L7)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from consent.services import give, withdraw
from datamap.trace import Subject, subject_of_user
from profiling.models import Interest, ItemView
from profiling.services import record_view
from profiling.terms import Seen
from replay.journal import write_out
from tests.consents import HOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("published_texts")]


@pytest.fixture(autouse=True)
def _journal_has_begun(published_texts: None) -> None:
    write_out()


def look(anna: Subject, now: datetime, done: threading.Event) -> bool:
    try:
        return record_view(anna, Seen("1", "books", now), now=now)
    finally:
        done.set()
        connection.close()


@pytest.mark.clause("Q7.5")
@pytest.mark.requirement("L7")
def test_a_view_on_its_way_waits_for_the_withdrawal_and_is_then_not_recorded(person: User) -> None:
    now, anna, done = timezone.now(), subject_of_user(person), threading.Event()
    give(person.pk, "PROFILING", **HOW, now=now)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            withdraw(person.pk, "PROFILING", **HOW, now=now)
            running = pool.submit(look, anna, now, done)
            assert not done.wait(0.5), "the view did not wait"
        assert running.result(timeout=60) is False
    assert not ItemView.objects.exists()
    assert not Interest.objects.exists()
