"""Others hold locks that an erasure needs, or the worker freezes: nothing is lost, nothing is done twice (F11-F22)."""

import time
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import Profile, User
from retention.models import RunState
from tests.faults.conftest import Victims, differing, everything
from tests.faults.test_erasure import Person, assert_exactly_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BEGINS = "pg_try_advisory_xact_lock"
TAKES_ROWS = 'DELETE FROM "accounts_loginevent"'
PATIENCE = 30


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def until_somebody_waits() -> None:
    end = time.monotonic() + PATIENCE
    while not somebody_waits():
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.05)


@pytest.mark.requirement("F11")
def test_an_erasure_that_loses_a_deadlock_is_begun_again_and_done_once(victims: Victims) -> None:
    person = Person(1)
    user = User.objects.get(email__in=person.subject.emails)
    worker = victims.start("erase", person.case.pk, how="stop", at=BEGINS)
    assert victims.wait(worker).ended == "stopped"
    ours: Any = None
    try:
        with transaction.atomic():
            list(Profile.objects.select_for_update().filter(user=user))
            victims.go_on(worker)
            until_somebody_waits()
            User.objects.select_for_update().get(pk=user.pk)
    except OperationalError as error:
        ours = error
    ending = victims.wait(worker)
    assert (ours is None) is ("deadlock" in ending.error), "one of the two was broken off"
    if ending.error:
        assert not person.is_gone
        assert victims.run("erase", person.case.pk).value == RunState.DONE
    assert_exactly_once(person)


@pytest.mark.requirement("F13")
def test_an_erasure_waits_for_a_long_lock_of_somebody_else_and_goes_on(victims: Victims) -> None:
    person = Person(1)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_profile IN ACCESS EXCLUSIVE MODE")
        worker = victims.start("erase", person.case.pk)
        until_somebody_waits()
    ending = victims.wait(worker)
    if ending.error:
        assert victims.run("erase", person.case.pk).value == RunState.DONE
    assert_exactly_once(person)


@pytest.mark.requirement("F22")
@pytest.mark.parametrize("step", [BEGINS, TAKES_ROWS])
def test_a_worker_that_froze_in_an_erasure_ends_it_or_finds_it_ended(victims: Victims, step: str) -> None:
    person = Person(1)
    zombie = victims.start("erase", person.case.pk, how="stop", at=step)
    assert victims.wait(zombie).ended == "stopped"
    before = everything()
    other = victims.run("erase", person.case.pk)
    assert other.error == ""
    if step == TAKES_ROWS:
        assert (other.value, differing(before, everything())) == (None, set()), "two at the same person"
    victims.go_on(zombie)
    assert victims.wait(zombie).error == ""
    assert_exactly_once(person)
