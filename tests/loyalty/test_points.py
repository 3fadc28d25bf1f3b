"""Points come on consent alone; what was earned stays a right from a contract, and the person sees all of it (X10)."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from consent.services import give, withdraw
from datamap.trace import Subject, subject_of_user
from datamap.uses import NotPermitted
from loyalty.models import PointsEntry
from loyalty.services import credit, statement, take_back
from loyalty.terms import Kind, LoyaltyRefused, Purchase, Refund
from retention.restriction import place
from retention.standing import RestrictionGround
from tests.consents import HOW

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def anna(person: User, now: datetime) -> Subject:
    give(person.pk, "LOYALTY", **HOW, now=now - timedelta(hours=2))
    return subject_of_user(person)


def bought(number: str, euros: str, *, at: datetime) -> Purchase:
    return Purchase(number, Decimal(euros), at)


def back(order: str, number: str, euros: str, *, at: datetime) -> Refund:
    return Refund(order, number, Decimal(euros), at)


def balance(person: Subject, now: datetime) -> int:
    assert person.user_id is not None
    return statement(person.user_id, now=now).balance


@pytest.mark.clause("Q7.7", "Q4.5", "X10")
def test_points_come_with_an_order_and_name_the_consent_they_rest_on(anna: Subject, now: datetime) -> None:
    entry = credit(anna, bought("A-1", "19.99", at=now), now=now)
    assert (entry.points, entry.kind) == (19, Kind.EARNED)
    assert entry.proof.startswith("consent.ConsentEvent:")
    assert balance(anna, now) == 19


@pytest.mark.clause("Q4.5")
def test_without_consent_no_points_and_no_row(person: User, now: datetime) -> None:
    with pytest.raises(NotPermitted):
        credit(subject_of_user(person), bought("A-1", "19.99", at=now), now=now)
    assert not PointsEntry.objects.exists()


@pytest.mark.clause("Q4.5", "X10")
def test_after_a_withdrawal_nothing_new_comes_and_nothing_earned_goes(anna: Subject, now: datetime) -> None:
    credit(anna, bought("A-1", "30", at=now - timedelta(hours=1)), now=now - timedelta(hours=1))
    assert anna.user_id is not None
    withdraw(anna.user_id, "LOYALTY", **HOW, now=now)
    with pytest.raises(NotPermitted, match="withdrawn"):
        credit(anna, bought("A-2", "30", at=now), now=now)
    # Not even for an order of the time in which she took part: it is used now, and now she does not agree.
    with pytest.raises(NotPermitted):
        credit(anna, bought("A-3", "30", at=now - timedelta(minutes=30)), now=now)
    assert balance(anna, now) == 30
    take_back(back("A-1", "R-1", "10", at=now), now=now)
    assert balance(anna, now) == 20


def test_orders_of_before_she_took_part_are_not_looked_at(anna: Subject, now: datetime) -> None:
    with pytest.raises(NotPermitted, match="time of the consent"):
        credit(anna, bought("A-0", "30", at=now - timedelta(hours=3)), now=now)


def test_the_same_order_twice_is_one_entry_and_another_amount_or_person_is_refused(
    anna: Subject, other_person: User, now: datetime
) -> None:
    first = credit(anna, bought("A-1", "30", at=now), now=now)
    assert credit(anna, bought("A-1", "30", at=now), now=now).pk == first.pk
    give(other_person.pk, "LOYALTY", **HOW, now=now)
    with pytest.raises(LoyaltyRefused):
        credit(anna, bought("A-1", "31", at=now), now=now)
    with pytest.raises(LoyaltyRefused):
        credit(subject_of_user(other_person), bought("A-1", "30", at=now), now=now)
    assert PointsEntry.objects.count() == 1


def test_refunds_leave_the_points_of_what_was_paid_in_the_end(anna: Subject, now: datetime) -> None:
    credit(anna, bought("A-1", "10.50", at=now), now=now)
    first = take_back(back("A-1", "R-1", "0.75", at=now), now=now)
    assert take_back(back("A-1", "R-1", "0.75", at=now), now=now).pk == first.pk
    assert balance(anna, now) == 9
    take_back(back("A-1", "R-2", "0.75", at=now), now=now)
    assert balance(anna, now) == 9
    take_back(back("A-1", "R-3", "9.00", at=now), now=now)
    assert balance(anna, now) == 0
    with pytest.raises(LoyaltyRefused, match="More goes back"):
        take_back(back("A-1", "R-4", "0.01", at=now), now=now)
    with pytest.raises(LoyaltyRefused, match="otherwise"):
        take_back(back("A-1", "R-3", "8.00", at=now), now=now)


@pytest.mark.parametrize("euros", ["0", "-1", "0.001", "NaN", "Infinity", "10000000"])
def test_an_amount_that_is_none_is_refused(anna: Subject, now: datetime, euros: str) -> None:
    with pytest.raises(LoyaltyRefused):
        credit(anna, bought("A-1", euros, at=now), now=now)


def test_an_entry_is_never_changed(anna: Subject, now: datetime) -> None:
    entry = credit(anna, bought("A-1", "30", at=now), now=now)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        PointsEntry.objects.filter(pk=entry.pk).update(points=300)


def test_while_her_data_are_restricted_nothing_moves(anna: Subject, person: User, officer: User, now: datetime) -> None:
    credit(anna, bought("A-1", "30", at=now), now=now)
    place(person, ground=RestrictionGround.ACCURACY, case_number="QP-1", reason="disputed", by=officer, now=now)
    with pytest.raises(NotPermitted, match="restricted"):
        credit(anna, bought("A-2", "30", at=now), now=now)
    with pytest.raises(LoyaltyRefused, match="restricted"):
        take_back(back("A-1", "R-1", "10", at=now), now=now)


def test_an_account_that_is_gone_earns_nothing(anna: Subject, person: User, now: datetime) -> None:
    person.delete()
    with pytest.raises(LoyaltyRefused, match="no such account"):
        credit(anna, bought("A-1", "30", at=now), now=now)
