"""A real worker loses a child, its broker's memory, or is told to end, all in the middle of an erasure (F2, F3, F6)."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.deadlines import Channel
from dsar.erasure import confirm_erasure
from dsar.models import Package, SubjectRequest
from dsar.queries import events_of
from dsar.services import file_request
from dsar.tasks import resume_work
from dsar.terms import PackageState, Stage
from retention.erasure import plan_erasure
from retention.models import ErasureReceipt, ErasureRun, RunState
from runner.children import Child
from tests.dsar.test_worker import is_at, wait_for
from tests.faults.test_locks import until_somebody_waits

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE = 120
"""Seconds: a deployment gives the old worker thirty (O4), a machine busy with other work may need more."""


@pytest.fixture(autouse=True)
def empty_mailbox() -> None:
    for path in (settings.VAR_DIR / "mail").glob("*"):
        path.unlink()


def erasure_of(person: User) -> SubjectRequest:
    now = timezone.now()
    digest = plan_erasure(subject_of_user(person), now=now, archive=True).digest
    return confirm_erasure(user=person, plan_digest=digest, objection_to_archive=False, waive_copy=True, now=now).case


@contextmanager
def in_the_middle() -> Iterator[None]:
    """A worker has begun an erasure, has taken rows, and cannot go on while this lasts."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_profile IN ACCESS EXCLUSIVE MODE")
        resume_work()
        until_somebody_waits()
        yield


def children_of(worker: Child) -> set[int]:
    pid = worker.process.pid
    return {int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def letters_to(address: str) -> list[str]:
    """What was handed over to her: one file for each hand-over."""
    found = [path.read_text() for path in (settings.VAR_DIR / "mail").glob("*")]
    return [text for text in found if f"To: {address}" in text]


def assert_done_once(case: SubjectRequest) -> None:
    run = ErasureRun.objects.get(case_number=case.number)
    assert run.state == RunState.DONE
    assert ErasureReceipt.objects.filter(case_number=case.number).count() == 1
    assert Entry.objects.filter(action="erasure.executed", reason=case.number).count() == 1
    assert [event.action for event in events_of(case)].count("erased") == 1
    assert run.subject_id is not None
    assert not User.objects.filter(pk=run.subject_id).exists()


@pytest.mark.requirement("F2")
def test_a_killed_child_of_the_pool_costs_nothing_and_its_parent_lives(
    celery_worker_process: Child, person: User
) -> None:
    case = erasure_of(person)
    with in_the_middle():
        killed = children_of(celery_worker_process)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not killed & children_of(celery_worker_process))
        assert User.objects.filter(pk=person.pk).exists()
    wait_for(lambda: is_at(case, Stage.ANSWERED))
    assert celery_worker_process.is_alive
    assert_done_once(case)
    wait_for(lambda: bool(letters_to(person.email)))
    assert len(letters_to(person.email)) == 1


@pytest.mark.requirement("F3", "O4")
def test_a_worker_that_is_told_to_end_finishes_what_it_has_begun(celery_worker_process: Child, person: User) -> None:
    case = erasure_of(person)
    with in_the_middle():
        celery_worker_process.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert celery_worker_process.is_alive
    celery_worker_process.process.wait(PATIENCE)
    assert is_at(case, Stage.ANSWERED)
    assert_done_once(case)


@pytest.mark.requirement("F6", "E3")
def test_a_broker_that_forgets_everything_in_the_middle_loses_and_doubles_nothing(
    celery_worker_process: Child, person: User, other_person: User
) -> None:
    case = erasure_of(person)
    with in_the_middle():
        copy = file_request(user=other_person, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=timezone.now())
        cache.clear()
        with current_app.connection_for_write() as broker:
            channel: Any = broker.channel()
            channel.client.flushdb()
    wait_for(lambda: is_at(case, Stage.ANSWERED) and is_at(copy, Stage.ANSWERED))
    assert_done_once(case)
    assert Package.objects.get(request=copy).state == PackageState.READY
    wait_for(lambda: bool(letters_to(person.email)))
    assert len(letters_to(person.email)) == 1
