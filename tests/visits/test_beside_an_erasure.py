"""A visit that is being written while its account is erased: whichever comes first, no row names the account."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.models import User
from datamap.databases import together
from retention.erasure import finish
from retention.models import ErasureRun, RunState
from tests.faults.beside import NOW, begin_erasure, elsewhere
from tests.faults.test_locks import until_somebody_waits
from tests.visits.conftest import NOON, hit, plant
from visits.hits import line_of
from visits.models import Visit
from visits.storage import store

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.requirement("E7")]


@pytest.fixture
def line(person: User) -> str:
    """Of a visit after one that is already a row."""
    plant(NOON, user_id=person.pk)
    return line_of(hit(user_id=str(person.pk)))


def test_a_visit_waits_for_the_erasure_that_was_first(person: User, line: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        with together():
            run = begin_erasure(person)
            storing = pool.submit(elsewhere, lambda: store([line]))
            until_somebody_waits()
        storing.result(timeout=60)
    finish(run, now=NOW)
    assert ErasureRun.objects.get().state == RunState.DONE
    assert [visit.user_id for visit in Visit.objects.all()] == [None]


def test_an_erasure_waits_for_the_visit_that_was_first_and_takes_it(person: User, line: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        with together():
            store([line])
            erasing = pool.submit(elsewhere, lambda: begin_erasure(person))
            until_somebody_waits()
        run = erasing.result(timeout=60)
    finish(run, now=NOW)
    assert ErasureRun.objects.get().state == RunState.DONE
    assert not Visit.objects.exists()
