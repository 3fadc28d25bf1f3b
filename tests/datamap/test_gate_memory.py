"""Within a request that changes nothing the gate is asked once; a withdrawal is never overlooked (Art. 7(3))."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Profile, User
from consent.services import give, withdraw
from consent.turns import take_turn
from datamap.declarations import Holding
from datamap.gate import may_process
from datamap.middleware import LookingOnceMiddleware
from datamap.once import looking_once
from datamap.registry import registry
from datamap.standstill import concealed, deciding, deleting, kept_back
from datamap.trace import Subject, subject_of_user
from tests.consents import HOW

PURPOSE = "LOYALTY"

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def anna(person: User) -> Subject:
    give(person.pk, PURPOSE, **HOW, now=timezone.now())
    return subject_of_user(person)


def queries(anna: Subject, times: int = 3) -> list[int]:
    """How many queries each of so many questions took."""
    found = []
    for _time in range(times):
        with CaptureQueriesContext(connection) as asked:
            assert may_process(anna, PURPOSE, now=timezone.now())
        found.append(len(asked))
    return found


def test_without_a_request_every_question_is_asked_anew(anna: Subject) -> None:
    assert 0 not in queries(anna)


def test_within_one_request_the_second_question_costs_nothing(anna: Subject) -> None:
    with looking_once():
        first, *others = queries(anna)
    assert first > 0
    assert others == [0, 0]
    assert queries(anna)[0] > 0, "the answer outlived the request"


@pytest.mark.requirement("L7")
def test_an_answer_never_crosses_a_withdrawal(anna: Subject, person: User) -> None:
    with looking_once():
        assert may_process(anna, PURPOSE, now=timezone.now())
        withdraw(person.pk, PURPOSE, **HOW, now=timezone.now())
        assert not may_process(anna, PURPOSE, now=timezone.now())


def test_who_waited_for_others_to_decide_asks_anew(anna: Subject) -> None:
    with looking_once():
        assert queries(anna, 1) != [0]
        take_turn("whoever")
        assert queries(anna, 1) != [0]


@pytest.mark.parametrize("wait", [deciding, deleting])
@pytest.mark.parametrize("look", [kept_back, concealed])
def test_who_waited_to_delete_or_to_keep_looks_anew(
    wait: Callable[[], None], look: Callable[[Holding], Q], db: None
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            look(registry().holding(Profile))
        return len(queries)

    with looking_once():
        assert asked() > 0
        assert asked() == 0
        wait()
        assert asked() > 0


def test_an_answer_is_about_its_own_moment_person_and_purpose(anna: Subject, other_person: User) -> None:
    now = timezone.now()
    with looking_once():
        assert may_process(anna, PURPOSE, now=now)
        assert not may_process(subject_of_user(other_person), PURPOSE, now=now)
        assert not may_process(anna, "PROFILING", now=now)
        with CaptureQueriesContext(connection) as asked:
            may_process(anna, PURPOSE, now=now + timedelta(minutes=1))
            may_process(anna, PURPOSE, now=now - timedelta(minutes=1))
        assert len(asked) > 1


@pytest.mark.parametrize(("method", "is_remembered"), [("GET", True), ("HEAD", True), ("POST", False)])
def test_only_a_request_that_changes_nothing_remembers(anna: Subject, method: str, is_remembered: bool) -> None:
    seen: list[int] = []

    def page(_request: HttpRequest) -> HttpResponse:
        seen.extend(queries(anna))
        return HttpResponse()

    LookingOnceMiddleware(page)(RequestFactory().generic(method, "/"))
    assert (seen[1:] == [0, 0]) is is_remembered
    assert queries(anna, 1) != [0]
