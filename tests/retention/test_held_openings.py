"""Rows of somebody gone that a hold keeps open like the archive: for a case, by two, seen by the person (Q10.7, G4)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import LoginEvent, User
from accounts.services import register_person
from audit.models import Entry
from datamap.registry import registry
from datamap.trace import Subject, rows_about, subject_of_user
from dsar.access_copy.contents import table_for
from retention import openings
from retention.models import ErasureReceipt, HeldCopy, LegalHold, Opening, OpeningGround, OpeningKind
from retention.openings import Why, approve_opening, decline_of, decline_opening, read_opening, request_opening
from tests.people import PASSWORD
from tests.retention.conftest import NOW
from tests.retention.test_holds import LOG_INS, hold_rows, release
from tests.retention.test_openings_admin import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

Erase = Callable[..., ErasureReceipt]
WHY = Why("C-7/26", OpeningGround.CLAIM_AGAINST_US, "The thief denies that he was there.")


def keeper(name: str, *codes: str) -> User:
    user = register_person(
        email=f"{name}@qlekta.example", password=PASSWORD, given_name=name, is_staff=True, now=timezone.now()
    )
    user.user_permissions.add(*Permission.objects.filter(codename__in=codes or ("open_held",)))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def first(db: None) -> User:
    return keeper("first")


@pytest.fixture
def second(db: None) -> User:
    return keeper("second")


def erase_held(anna: Subject, by: User, erase: Erase, **more: Any) -> HeldCopy:
    row = LoginEvent.objects.create(user_id=anna.user_id, at=NOW, kind="login", user_agent="the thief's")
    hold_rows(by, LOG_INS, {"pk": row.pk}, **more)
    erase(anna)
    return HeldCopy.objects.get()


@pytest.fixture
def copy(anna: Subject, officer: User, erase: Erase) -> HeldCopy:
    return erase_held(anna, officer, erase)


def ask(copy: HeldCopy, by: User) -> Opening:
    (opening,) = request_opening(str(copy.hold_id), why=WHY, by=by, now=NOW, kind=OpeningKind.HELD)
    return opening


def come_back() -> Subject:
    return subject_of_user(
        register_person(email="anna@example.lv", password=PASSWORD, given_name="Anete", now=timezone.now())
    )


@pytest.mark.clause("Q10.7", "Q5.19")
@pytest.mark.requirement("G4")
def test_two_people_and_a_case_open_the_rows_and_each_step_is_in_the_trail(
    copy: HeldCopy, first: User, second: User
) -> None:
    opening = ask(copy, first)
    with pytest.raises(openings.NotOpen):
        read_opening(opening, by=first, now=NOW)
    with pytest.raises(openings.SecondPersonNeeded):
        approve_opening(opening, by=first, now=NOW)
    approve_opening(opening, by=second, now=NOW)
    (row,) = read_opening(opening, by=first, now=NOW).tables[LOG_INS]
    assert (row["user_agent"], row["user_id"]) == ("the thief's", str(copy.subject_id))
    steps = Entry.objects.filter(object_type="retention.Opening").order_by("id")
    assert list(steps.values_list("action", "reason", "subject")) == [
        (f"hold.{step}", "C-7/26", copy.subject_id) for step in ("opening_requested", "opening_approved", "opened")
    ]


@pytest.mark.clause("Q10.7")
def test_the_rows_are_found_by_their_number_their_hold_or_the_exact_address(copy: HeldCopy, first: User) -> None:
    for reference in (str(copy.pk), str(copy.hold_id), " Anna@example.lv"):
        (found,) = request_opening(reference, why=WHY, by=first, now=NOW, kind=OpeningKind.HELD)
        assert found.record_id == copy.pk
    for reference in ("anna", "%", "", str(copy.subject_id)):
        with pytest.raises(openings.NoSealedRecord):
            request_opening(reference, why=WHY, by=first, now=NOW, kind=OpeningKind.HELD)
    assert Entry.objects.filter(action="hold.not_found").count() == 4


@pytest.mark.requirement("G3")
def test_each_kind_needs_its_own_permission(copy: HeldCopy, first: User) -> None:
    archivist = keeper("archivist", "open_archive")
    with pytest.raises(openings.NotAllowed):
        request_opening("anna@example.lv", why=WHY, by=first, now=NOW, kind=OpeningKind.ARCHIVE)
    with pytest.raises(openings.NotAllowed):
        request_opening("anna@example.lv", why=WHY, by=archivist, now=NOW, kind=OpeningKind.HELD)
    with pytest.raises(openings.NotAllowed):
        approve_opening(ask(copy, first), by=archivist, now=NOW)


@pytest.mark.clause("Q10.7", "Q16.2")
def test_who_comes_back_sees_the_copy_its_hold_and_each_opening(copy: HeldCopy, first: User, second: User) -> None:
    opening = ask(copy, first)
    approve_opening(opening, by=second, now=NOW)
    read_opening(opening, by=first, now=NOW)
    again = come_back()
    shown = {
        name: list(table_for(registry().holding(f"retention.{name}"), again).rows())
        for name in ("Opening", "HeldCopy", "LegalHold")
    }
    assert {name: len(rows) for name, rows in shown.items()} == {"Opening": 1, "HeldCopy": 1, "LegalHold": 1}
    assert "C-7/26" in str(shown["Opening"])
    assert "thief" not in str(shown)
    assert str(copy.subject_id) not in str(shown), "the new account leads to the old one"


def test_of_a_secret_hold_neither_copy_nor_opening_is_told(
    anna: Subject, officer: User, first: User, erase: Erase
) -> None:
    copy = erase_held(anna, officer, erase, secrecy="Criminal Procedure Law s. 192")
    approve_opening(ask(copy, first), by=keeper("second"), now=NOW)
    again = come_back()
    for name in ("Opening", "HeldCopy", "LegalHold"):
        assert not rows_about(registry().holding(f"retention.{name}"), again).exists()
    assert not Entry.objects.filter(action__startswith="hold.open", subject=copy.subject_id).exists()


@pytest.mark.requirement("G4")
def test_nobody_has_to_do_with_her_own_rows(copy: HeldCopy, first: User, second: User) -> None:
    opening = ask(copy, first)
    User.objects.filter(pk=second.pk).update(email="anna@example.lv")
    second.refresh_from_db()
    with pytest.raises(openings.OwnRecord):
        approve_opening(opening, by=second, now=NOW)


@pytest.mark.clause("Q5.19")
def test_after_the_release_there_is_nothing_to_open(copy: HeldCopy, officer: User, first: User, second: User) -> None:
    opening = ask(copy, first)
    approve_opening(opening, by=second, now=NOW)
    release(LegalHold.objects.get(), officer, second)
    with pytest.raises(openings.RecordGone):
        read_opening(opening, by=first, now=NOW)


@pytest.mark.clause("Q10.7")
@pytest.mark.requirement("G4")
def test_the_second_person_can_say_no_and_then_nobody_opens(copy: HeldCopy, first: User, second: User) -> None:
    opening = ask(copy, first)
    with pytest.raises(openings.OpeningReasonMissing):
        decline_opening(opening, by=second, reason=" ", now=NOW)
    with pytest.raises(openings.SecondPersonNeeded):
        decline_opening(opening, by=first, reason="no", now=NOW)
    declined = decline_opening(opening, by=second, reason="The case names somebody else.", now=NOW)
    assert decline_of(declined) == "The case names somebody else."
    assert b"somebody" not in bytes(declined.sealed_decline)
    assert Entry.objects.filter(action="hold.opening_declined", reason="C-7/26").count() == 1
    for step in (approve_opening, lambda item, **options: decline_opening(item, reason="x", **options)):
        with pytest.raises(openings.NotPending):
            step(opening, by=second, now=NOW)
    with pytest.raises(openings.NotOpen):
        read_opening(opening, by=first, now=NOW)


@pytest.mark.requirement("G4")
def test_the_database_refuses_a_decline_by_the_same_person_or_after_an_approval(
    copy: HeldCopy, first: User, second: User
) -> None:
    opening = ask(copy, first)
    for values in (
        {"declined_by": first.pk, "declined_at": NOW, "sealed_decline": b"x"},
        {"declined_by": second.pk, "declined_at": NOW},
        {
            "declined_by": second.pk,
            "declined_at": NOW,
            "sealed_decline": b"x",
            "approved_by": second.pk,
            "approved_at": NOW,
        },
    ):
        with pytest.raises(IntegrityError, match="declined_by_two"), transaction.atomic():
            Opening.objects.filter(pk=opening.pk).update(**values)


@pytest.mark.clause("Q10.7")
def test_from_the_page_of_the_hold_to_the_rows(copy: HeldCopy, first: User, second: User) -> None:
    Opening.objects.all().delete()
    for user in (first, second):
        user.user_permissions.add(Permission.objects.get(codename="view_legalhold"))
    one, other = logged_in(first), logged_in(second)
    ask_page = reverse("admin:retention_opening_request_held", args=[copy.hold_id])
    assert ask_page in _get(one, reverse("admin:retention_legalhold_change", args=[copy.hold_id]))
    form = one.get(ask_page).context["form"]
    assert [value for value, _label in form.fields["kind"].choices] == [OpeningKind.HELD]
    sent = {**form.initial, "ground": "claim_against_us", "reason": "The thief denies it.", "case_number": "C-7/26"}
    assert one.post(ask_page, sent).status_code == 302
    opening = Opening.objects.get()
    steps = {
        name: reverse(f"admin:retention_opening_{name}", args=[opening.pk])
        for name in ("change", "decline", "approve", "read")
    }
    page = _get(other, steps["change"])
    assert steps["decline"] in page
    assert other.post(steps["decline"], {"reason": ""}).status_code == 400
    assert other.post(steps["approve"]).status_code == 302
    text = one.post(steps["read"]).content.decode()
    assert "the thief&#x27;s" in text


def _get(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_archive_group_does_not_see_openings_of_another_kind(copy: HeldCopy, first: User) -> None:
    opening = ask(copy, first)
    client = logged_in(keeper("archivist", "open_archive"))
    assert client.get(reverse("admin:retention_opening_change", args=[opening.pk])).status_code == 404
    assert client.post(reverse("admin:retention_opening_approve", args=[opening.pk])).status_code == 404
