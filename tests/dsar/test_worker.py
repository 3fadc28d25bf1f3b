"""A real worker does what the bell asks for, and what no bell rang for (security E3, E4)."""

import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import User
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.deadlines import Channel
from dsar.erasure import confirm_erasure
from dsar.models import Package, SubjectRequest
from dsar.services import file_request
from dsar.tasks import resume_work
from dsar.terms import PackageState, Stage
from retention.erasure import plan_erasure
from runner.children import Child

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def wait_for(condition: Callable[[], bool]) -> None:
    """Waits with the scheduler at hand: a broker that is slow for a second silences the bell, and beat stands in."""
    deadline = time.monotonic() + 60
    tick = time.monotonic() + 10
    while not condition():
        now = time.monotonic()
        assert now < deadline, "the worker did not do it within a minute"
        if now > tick:
            resume_work()
            tick = now + 10
        time.sleep(0.1)


def order_copy(person: User) -> SubjectRequest:
    now = timezone.now()
    return file_request(user=person, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=now)


def is_at(case: SubjectRequest, stage: Stage) -> bool:
    return SubjectRequest.objects.get(pk=case.pk).stage == stage


@pytest.mark.requirement("E3")
def test_a_worker_builds_the_copy_and_carries_out_the_erasure(celery_worker_process: Child, person: User) -> None:
    copy = order_copy(person)
    wait_for(lambda: is_at(copy, Stage.ANSWERED))
    assert Package.objects.get().state == PackageState.READY

    now = timezone.now()
    digest = plan_erasure(subject_of_user(person), now=now, archive=True).digest
    erasure = confirm_erasure(user=person, plan_digest=digest, objection_to_archive=False, waive_copy=True, now=now)
    wait_for(lambda: is_at(erasure.case, Stage.ANSWERED))
    assert not User.objects.filter(pk=person.pk).exists()


@pytest.mark.requirement("E3", "E4")
def test_the_scheduler_finds_a_copy_that_no_bell_rang_for(
    celery_worker_process: Child, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsar.access.ring", lambda *_: None)
    copy = order_copy(person)
    time.sleep(1)
    assert is_at(copy, Stage.OPEN)
    resume_work()
    wait_for(lambda: is_at(copy, Stage.ANSWERED))
