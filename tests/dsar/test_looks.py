"""Every look of the staff at a person's record stands in her copy, also where she has no account (Q3.1; Art. 15)."""

import json
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.ledger import append
from audit.models import Entry
from audit.staff_views import RecordedAdmin
from audit.trail import Actor, record
from datamap.registry import registry
from datamap.terms import Right
from datamap.trace import Subject, rows_about, subject_of_user
from tests.dsar.conftest import NOW, copy_about
from tests.dsar.test_desk_pages import allow, page_address, reveal
from tests.dsar.test_identity import by_mail
from tests.dsar.test_represented import brought_by_a_lawyer
from tests.letters import last_message
from tests.people import log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

LIGA, MARIS = "liga@example.lv", "maris@example.lv"


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    allow(officer, "change_subjectrequest", "view_subjectrequest", "approve_subjectrequest", "view_outgoingmessage")
    log_in(client, officer)
    prove_again(client)
    return client


def looks_in(copy: ZipFile) -> list[list[str]]:
    (table,) = (item for item in json.loads(copy.read("data.json"))["tables"] if item["table"] == "audit.Entry")
    return list(table["rows"])


@pytest.mark.clause("Q3.1", "Q4.2")
def test_looks_at_a_request_without_an_account_are_in_the_copy_of_its_person_and_in_no_other(
    desk: Client, officer: User
) -> None:
    (hers,), (his,) = by_mail(Right.OBJECTION, address=LIGA), by_mail(Right.OBJECTION, address=MARIS)
    desk.get(page_address(hers))
    reveal(desk, hers)
    desk.get(page_address(his))
    assert Entry.objects.filter(object_id__in=[str(hers.pk), str(his.pk)], subject=None).count() == 3
    with copy_about(Subject(emails=frozenset({LIGA}))) as copy:
        rows = looks_in(copy)
        everything = b"".join(map(copy.read, copy.namelist())).decode()
    assert len(rows) == 2
    assert str(hers.pk) in json.dumps(rows)
    assert str(his.pk) not in everything
    for word in (str(officer.pk), officer.email, officer.given_name, officer.family_name):
        assert word not in everything


@pytest.mark.clause("Q4.2", "Q16.2")
def test_what_happened_in_a_request_without_an_account_is_in_the_copy_of_its_person() -> None:
    (hers,), (his,) = by_mail(Right.OBJECTION, address=LIGA), by_mail(Right.OBJECTION, address=MARIS)
    with copy_about(Subject(emails=frozenset({LIGA}))) as copy:
        tables = {item["table"]: item["rows"] for item in json.loads(copy.read("data.json"))["tables"]}
    numbers = {cell for row in tables["dsar.CaseEvent"] for cell in row if str(cell).startswith("QP-")}
    assert numbers == {hers.number}
    assert his.number not in numbers


@pytest.mark.clause("Q3.1")
def test_a_look_at_a_letter_to_her_is_there_too(desk: Client) -> None:
    for address in (LIGA, MARIS):
        by_mail(Right.GENERAL, address=address)
        letter = last_message(to_address=address)
        assert desk.get(reverse("admin:mailing_outgoingmessage_change", args=[letter.pk])).status_code == 200
    with copy_about(Subject(emails=frozenset({LIGA}))) as copy:
        (look,) = looks_in(copy)
    letter = last_message(to_address=LIGA)
    assert str(letter.pk) in look


@pytest.mark.clause("Q3.1")
def test_a_look_from_before_the_request_was_led_to_an_account_is_found_by_the_request(
    person: User, other_person: User, officer: User, colleague: User
) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)
    case = brought_by_a_lawyer(Right.RECTIFICATION, person, officer)
    record("viewed", actor=Actor.of(officer), about=case, now=NOW)  # as it was while nobody knew whose request it is
    of_entries = registry().holding(Entry)
    assert rows_about(of_entries, subject_of_user(person)).get(action="viewed").object_id == str(case.pk)
    assert not rows_about(of_entries, subject_of_user(other_person)).filter(action="viewed").exists()


def test_the_same_number_in_another_table_is_another_row() -> None:
    (case,) = by_mail(Right.OBJECTION, address=LIGA)
    site = Actor.system("test")
    record("viewed", actor=site, about=case, now=NOW)
    foreign = append(
        Entry(at=NOW, action="viewed", actor_kind="system", actor_id="t", object_type="x.Y", object_id=str(case.pk))
    )
    found = rows_about(registry().holding(Entry), Subject(emails=frozenset({LIGA})))
    assert [entry.object_type for entry in found] == ["dsar.SubjectRequest"]
    assert foreign not in found


def test_every_page_on_which_staff_open_rows_about_people_names_them_or_is_found_by_its_rows() -> None:
    """`outbox.Effect` has a number of the account and its look the same; what has neither would be a look unseen."""
    declared = {holding.model: holding for holding in registry().holdings}
    unseen = set()
    for model, page in admin.site._registry.items():
        holding = declared.get(model._meta.label)
        if holding is None or holding.looks:
            continue
        names = type(page).subject_of is not RecordedAdmin.subject_of  # type: ignore[attr-defined]
        if not names or set(holding.about) - {"user"}:
            unseen.add(model._meta.label)
    assert unseen == {"audit.Entry"}
