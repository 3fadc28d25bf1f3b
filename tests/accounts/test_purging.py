"""A sign-up that nobody confirmed is gone after seven days, with all it left, and nothing else is."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import LoginEvent, User
from accounts.services import register_person
from datamap.registry import registry
from retention.sweeps import sweep

WEEK = timedelta(days=7)


def purge(*, apply: bool) -> tuple[int, int]:
    report = sweep(registry().holding(User), now=timezone.now(), apply=apply)
    assert report.failure == ""
    return report.due, report.deleted


def sign_up(address: str, *, age: timedelta, verified: bool = False) -> User:
    return register_person(email=address, password="x", given_name="X", verified=verified, now=timezone.now() - age)


@pytest.fixture
def people(db: None) -> dict[str, User]:
    return {
        "due": sign_up("due@example.lv", age=WEEK),
        "young": sign_up("young@example.lv", age=WEEK - timedelta(minutes=1)),
        "confirmed": sign_up("old@example.lv", age=52 * WEEK, verified=True),
    }


def test_only_what_nobody_confirmed_in_seven_days_goes(people: dict[str, User]) -> None:
    for user in people.values():
        LoginEvent.objects.create(user=user, at=timezone.now(), kind="login")
    assert purge(apply=True) == (1, 1)

    left = {people["young"], people["confirmed"]}
    assert set(User.objects.all()) == left
    assert {row.user for row in EmailAddress.objects.all()} == left
    assert {row.user for row in LoginEvent.objects.all()} == left
    assert purge(apply=True) == (0, 0)


def test_without_apply_nothing_goes(people: dict[str, User]) -> None:
    assert purge(apply=False) == (1, 0)

    assert User.objects.count() == 3


def test_an_account_of_the_staff_waits_for_its_first_log_in(people: dict[str, User]) -> None:
    User.objects.filter(pk=people["due"].pk).update(is_staff=True)

    assert purge(apply=True) == (0, 0)


def test_many_go_with_as_many_statements_as_few(people: dict[str, User]) -> None:
    with CaptureQueriesContext(connection) as few:
        assert purge(apply=True) == (1, 1)
    for number in range(30):
        sign_up(f"{number}@example.lv", age=WEEK)
    with CaptureQueriesContext(connection) as many:
        assert purge(apply=True) == (30, 30)
    assert len(many) == len(few)
