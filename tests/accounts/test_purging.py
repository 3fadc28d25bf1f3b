"""A sign-up that nobody confirmed is gone after seven days, and nothing else is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.purging import purge_unconfirmed
from accounts.services import register_person
from datamap.registry import registry

WEEK = timedelta(days=7)


def purge(*, apply: bool) -> tuple[int, int]:
    counts = purge_unconfirmed(registry().holding(User), now=timezone.now(), apply=apply)
    return counts.due, counts.deleted


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
    assert purge(apply=True) == (1, 1)

    assert set(User.objects.all()) == {people["young"], people["confirmed"]}
    assert purge(apply=True) == (0, 0)


def test_without_apply_nothing_goes(people: dict[str, User]) -> None:
    assert purge(apply=False) == (1, 0)

    assert User.objects.count() == 3


def test_an_account_of_the_staff_waits_for_its_first_log_in(people: dict[str, User]) -> None:
    User.objects.filter(pk=people["due"].pk).update(is_staff=True)

    assert purge(apply=True) == (0, 0)
