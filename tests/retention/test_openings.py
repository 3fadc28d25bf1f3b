"""An archive record is opened for one dispute, by two people, three times within a day; the person sees it (Q10.7)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from audit.models import Entry
from datamap.registry import registry
from datamap.trace import Subject
from retention import openings
from retention.archive import erase_on_objection
from retention.models import ArchiveRecord, ErasureReceipt, Opening, OpeningGround
from retention.openings import Why, approve_opening, read_opening, request_opening
from retention.sweeps import sweep
from tests.people import PASSWORD
from tests.retention.conftest import NOW
from vault.keys import has_key

pytestmark = pytest.mark.django_db

Erase = Callable[..., ErasureReceipt]
WHY = Why("C-2026/17", OpeningGround.CLAIM_AGAINST_US, "A buyer sues; the contract needs the seller's name.")


def keeper(name: str) -> User:
    user = register_person(
        email=f"{name}@qlekta.example", password=PASSWORD, given_name=name, is_staff=True, now=timezone.now()
    )
    user.user_permissions.add(Permission.objects.get(codename="open_archive"))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def first(db: None) -> User:
    return keeper("first")


@pytest.fixture
def second(db: None) -> User:
    return keeper("second")


@pytest.fixture
def opening(anna: Subject, erase: Erase, first: User) -> Opening:
    """Asked for, not approved."""
    erase(anna)
    (opening,) = request_opening(" Anna@example.lv", why=WHY, by=first, now=NOW)
    return opening


def trace() -> list[tuple[str, str]]:
    return list(Entry.objects.filter(action__startswith="archive.").order_by("id").values_list("action", "reason"))


@pytest.mark.clause("Q10.7")
@pytest.mark.requirement("G4")
def test_two_people_and_a_case_open_the_whitelist_and_each_step_is_in_the_trail(
    opening: Opening, first: User, second: User
) -> None:
    approve_opening(opening, by=second, now=NOW)
    opened = read_opening(opening, by=first, now=NOW + timedelta(hours=23))
    (account,) = opened.tables["accounts.User"]
    assert (account["email"], account["given_name"]) == ("anna@example.lv", "Anna")
    assert set(account) == {"id", "email", "given_name", "family_name", "date_joined"}
    assert trace() == [
        ("archive.opening_requested", "C-2026/17"),
        ("archive.opening_approved", "C-2026/17"),
        ("archive.opened", "C-2026/17"),
    ]


@pytest.mark.clause("Q10.7")
@pytest.mark.parametrize("number", ["", " ", "none", "x", "anna@example.lv 1", "7", "1" * 41, "C-1\nX"])
def test_no_case_number_no_opening(number: str) -> None:
    with pytest.raises(openings.CaseNumberMissing):
        Why(number, OpeningGround.COURT, "A court asks.")


@pytest.mark.clause("Q10.7")
def test_no_reason_no_opening() -> None:
    with pytest.raises(openings.OpeningReasonMissing):
        Why("C-1/26", OpeningGround.COURT, " \n")


@pytest.mark.clause("Q10.7")
@pytest.mark.requirement("G4")
def test_nobody_reads_before_a_second_person_and_nobody_approves_alone(opening: Opening, first: User) -> None:
    with pytest.raises(openings.SecondPersonNeeded):
        approve_opening(opening, by=first, now=NOW)
    with pytest.raises(openings.NotOpen):
        read_opening(opening, by=first, now=NOW)


@pytest.mark.requirement("G4")
def test_the_database_refuses_an_approval_by_the_same_person(opening: Opening, first: User) -> None:
    with pytest.raises(IntegrityError, match="retention_opening_by_two"), transaction.atomic():
        Opening.objects.update(approved_by=first.pk, approved_at=NOW)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"approved_at": NOW}, "retention_opening_approved_pair"),
        ({"reads": 1, "first_read_at": NOW, "last_read_at": NOW}, "retention_opening_read_when_approved"),
        ({"case_number": ""}, "retention_opening_has_case"),
    ],
)
def test_the_database_refuses_half_an_opening(opening: Opening, values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Opening.objects.update(**values)


@pytest.mark.requirement("G3", "G8")
def test_staff_without_the_permission_have_nothing_to_do_with_it(opening: Opening, first: User, officer: User) -> None:
    for step in (
        lambda: request_opening("anna@example.lv", why=WHY, by=officer, now=NOW),
        lambda: approve_opening(opening, by=officer, now=NOW),
        lambda: read_opening(opening, by=officer, now=NOW),
    ):
        with pytest.raises(openings.NotAllowed):
            step()


@pytest.mark.requirement("G4")
def test_nobody_asks_for_or_approves_their_own_record(anna: Subject, erase: Erase, first: User, second: User) -> None:
    erase(anna)
    (opening,) = request_opening("anna@example.lv", why=WHY, by=first, now=NOW)
    User.objects.filter(pk=second.pk).update(email="anna@example.lv")
    second.refresh_from_db()
    with pytest.raises(openings.OwnRecord):
        approve_opening(opening, by=second, now=NOW)
    with pytest.raises(openings.OwnRecord):
        request_opening("anna@example.lv", why=WHY, by=second, now=NOW)


@pytest.mark.clause("Q10.7")
def test_only_the_one_who_asked_reads_for_a_day_and_three_times(opening: Opening, first: User, second: User) -> None:
    approve_opening(opening, by=second, now=NOW)
    with pytest.raises(openings.NotOpen):
        read_opening(opening, by=second, now=NOW)
    with pytest.raises(openings.NotOpen):
        read_opening(opening, by=first, now=NOW + timedelta(hours=24))
    for minute in range(3):
        read_opening(opening, by=first, now=NOW + timedelta(minutes=minute))
    with pytest.raises(openings.NotOpen):
        read_opening(opening, by=first, now=NOW + timedelta(minutes=3))
    opening.refresh_from_db()
    assert (opening.reads, opening.first_read_at, opening.last_read_at) == (3, NOW, NOW + timedelta(minutes=2))
    assert len(trace()) == 5


@pytest.mark.clause("Q10.7")
def test_an_approval_comes_within_a_week_and_once(opening: Opening, second: User) -> None:
    with pytest.raises(openings.NotPending):
        approve_opening(opening, by=second, now=NOW + timedelta(days=7))
    approve_opening(opening, by=second, now=NOW)
    with pytest.raises(openings.NotPending):
        approve_opening(opening, by=keeper("third"), now=NOW)


@pytest.mark.clause("Q10.7")
def test_a_record_is_found_by_its_number_or_the_exact_address_and_a_failed_search_is_seen(
    opening: Opening, first: User
) -> None:
    record = ArchiveRecord.objects.get()
    assert [found.record_id for found in request_opening(str(record.id), why=WHY, by=first, now=NOW)] == [record.id]
    for reference in ("anna", "anna@example", "%", "", "Anna Bērziņa", str(uuid4())):
        with pytest.raises(openings.NoSealedRecord):
            request_opening(reference, why=WHY, by=first, now=NOW)
    assert [action for action, _case in trace()].count("archive.not_found") == 6


@pytest.mark.clause("Q10.5", "Q10.7")
def test_a_destroyed_record_opens_for_nobody(opening: Opening, first: User, second: User) -> None:
    approve_opening(opening, by=second, now=NOW)
    erase_on_objection("anna@example.lv", now=NOW)
    with pytest.raises(openings.RecordGone):
        read_opening(opening, by=first, now=NOW)
    opening.refresh_from_db()
    assert opening.reads == 0


@pytest.mark.clause("Q10.4")
def test_a_record_whose_six_years_are_over_is_not_opened_though_it_lies_there(opening: Opening, first: User) -> None:
    late = datetime.fromisoformat("2032-11-22T12:00:00+00:00")
    with pytest.raises(openings.NoSealedRecord):
        request_opening("anna@example.lv", why=WHY, by=first, now=late)
    assert ArchiveRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("Q10.7")
def test_eight_readings_at_once_are_three(opening: Opening, first: User, second: User) -> None:
    approve_opening(opening, by=second, now=NOW)

    def read(_number: int) -> bool:
        try:
            read_opening(opening, by=first, now=NOW)
        except openings.NotOpen:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert sum(pool.map(read, range(8))) == 3


@pytest.mark.requirement("O6")
def test_the_reason_is_stored_sealed(opening: Opening) -> None:
    assert b"buyer" not in bytes(opening.sealed_reason)
    assert openings.reason_of(opening) == WHY.reason


@pytest.mark.clause("Q5.10")
def test_after_three_years_the_opening_goes_with_the_key_of_its_reason(opening: Opening) -> None:
    holding = registry().holding(Opening)
    end = opening.ends_at
    assert sweep(holding, now=end - timedelta(microseconds=1), apply=True).deleted == 0
    assert sweep(holding, now=end, apply=True).deleted == 1
    assert not has_key(opening.id)


def test_the_admin_still_does_not_know_the_record() -> None:
    assert ArchiveRecord not in admin.site._registry
