"""An address that comes back: a new account with nothing of the old one, and the truth about the archive (Q18.2)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone, translation

from accounts.models import LoginEvent, Profile, User
from accounts.services import register_person
from audit.trail import Actor
from datamap.trace import subject_of_user
from retention.erasure import execute_erasure, plan_erasure
from retention.models import ArchiveRecord, OpeningGround
from retention.openings import Why, approve_opening, read_opening, request_opening
from tests.dsar.conftest import NOW, copy_of
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=400)
CANARIES = ("Kanārija", "192.0.2.66", "+371 20000077", "Bērziņa")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def former(person: User) -> UUID:
    """The number of an account that is erased, with its archive; its copy had every canary."""
    Profile.objects.update_or_create(user=person, defaults={"phone": "+371 20000077", "street": "Kanārija 1"})
    LoginEvent.objects.create(user=person, at=NOW, kind="login", ip="192.0.2.66")
    before = everything_in(copy_of(person))
    assert all(canary in before for canary in CANARIES)
    number, subject = person.pk, subject_of_user(person)
    execute_erasure(
        case_number="QP-1",
        subject=subject,
        plan_digest=plan_erasure(subject, now=NOW, archive=True).digest,
        objection_to_archive=False,
        actor=Actor.system("test"),
        now=NOW,
    )
    return UUID(str(number))


def come_back() -> User:
    return register_person(email="anna@example.lv", password=PASSWORD, given_name="Anete", now=LATER)


def everything_in(copy: ZipFile) -> str:
    return "\n".join(copy.read(name).decode() for name in copy.namelist())


def rows_of(copy: ZipFile, table: str) -> list[dict[str, Any]]:
    tables = json.loads(copy.read("data.json"))["tables"]
    found = next(item for item in tables if item["table"] == table)
    names = [column["name"] for column in found["columns"]]
    return [dict(zip(names, row, strict=True)) for row in found["rows"]]


def keeper(name: str) -> User:
    user = register_person(
        email=f"{name}@qlekta.example", password=PASSWORD, given_name=name, is_staff=True, now=timezone.now()
    )
    user.user_permissions.add(Permission.objects.get(codename="open_archive"))
    return User.objects.get(pk=user.pk)


@pytest.mark.clause("Q18.2")
def test_a_new_account_with_the_old_address_has_nothing_of_the_old_one(former: UUID) -> None:
    copy = copy_of(come_back(), now=LATER)
    text = everything_in(copy)
    assert "Anete" in text
    assert [canary for canary in (*CANARIES, str(former), former.hex) if canary in text] == []


@pytest.mark.clause("Q18.2", "Q10.4")
def test_the_answer_says_that_an_archive_record_exists_and_does_not_give_it_back(former: UUID) -> None:
    """The record is about the same person, whose address is verified: Art. 15 names it; nothing attaches it."""
    copy = copy_of(come_back(), now=LATER)
    (row,) = rows_of(copy, "retention.ArchiveRecord")
    record = ArchiveRecord.objects.get()
    assert row["kept_until"] == record.ends_at.date().isoformat()
    assert set(row) == {"sealed", "created_at", "ends_at", "kept_until"}
    assert "opens only with a case number" in everything_in(copy)
    assert record.email_token not in everything_in(copy)


@pytest.mark.clause("Q10.7")
def test_each_opening_is_shown_with_case_ground_and_times(former: UUID) -> None:
    first, second = keeper("first"), keeper("second")
    why = Why("C-7/27", OpeningGround.COURT, "The court wants Kanārija's name.")
    (opening,) = request_opening("anna@example.lv", why=why, by=first, now=LATER)
    approve_opening(opening, by=second, now=LATER)
    read_opening(opening, by=first, now=LATER + timedelta(hours=1))
    copy = copy_of(come_back(), now=LATER)
    (row,) = rows_of(copy, "retention.Opening")
    shown = json.dumps(row, ensure_ascii=False)
    assert all(word in shown for word in ("C-7/27", "court", "2027-12-27T14:00", "2027-12-27T15:00"))
    assert "Kanārija" not in everything_in(copy)
    assert not any(str(staff.pk) in everything_in(copy) for staff in (first, second))


@pytest.mark.clause("Q18.2")
def test_somebody_else_sees_neither_record_nor_opening(former: UUID, other_person: User) -> None:
    copy = copy_of(other_person, now=LATER)
    assert rows_of(copy, "retention.ArchiveRecord") == rows_of(copy, "retention.Opening") == []
