"""Staff note who turned to us by telephone, messenger and social page; numbers go as visit data do (Q5.3, Q5.15)."""

import json
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.revealing import MASK
from datamap.registry import registry
from datamap.trace import Subject, rows_about, subject_of_user
from enquiries import services
from enquiries.models import Enquiry, SupportContact
from enquiries.terms import State
from mailing.models import OutgoingMessage
from retention import holds
from retention.holds import NewHold
from retention.standing import HoldGround
from retention.sweeps import sweep
from tests.database import as_owner
from tests.dsar.conftest import copy_about
from tests.people import log_in

NOTE = reverse("admin:enquiries_enquiry_note")
NUMBERS = reverse("admin:enquiries_supportcontact_changelist")

pytestmark = [pytest.mark.clause("Q5.15"), pytest.mark.django_db]


def said(**more: Any) -> dict[str, Any]:
    now = timezone.localtime() - timedelta(minutes=5)
    return {
        "came_by": "phone",
        "contact": "+371 2000-0000",
        "arrived_at": now.strftime("%Y-%m-%dT%H:%M"),
        "kind": "question",
        "text": "Prasa, kad saņems atbildi",
        "language": "lv",
        "once": uuid4().hex,
        **more,
    }


@pytest.mark.clause("Q5.1", "Q5.3", "Q5.14")
@pytest.mark.usefixtures("published_texts")
def test_a_contact_by_facebook_is_kept_with_its_source_and_stands_in_her_copy(agent: Client, person: User) -> None:
    noted = said(came_by="facebook", contact="@anna.b", account_address=person.email)
    assert agent.post(NOTE, noted).status_code == 302
    enquiry = Enquiry.objects.get()
    assert (enquiry.came_by, enquiry.user, enquiry.arrived_at < timezone.now()) == ("facebook", person, True)
    assert Entry.objects.filter(action="enquiry.noted", subject=person.pk).count() == 1
    with copy_about(subject_of_user(person)) as copy:
        tables = {item["table"]: item["rows"] for item in json.loads(copy.read("data.json"))["tables"]}
    assert "Facebook" in json.dumps(tables["enquiries.Enquiry"])
    assert "Prasa, kad" in json.dumps(tables["enquiries.Message"], ensure_ascii=False)
    assert "@anna.b" in json.dumps(tables["enquiries.SupportContact"])
    assert {field.name for field in SupportContact._meta.concrete_fields} == {
        "id",
        "at",
        "channel",
        "contact",
        "enquiry",
        "user_id",
    }


def test_a_number_is_kept_in_one_spelling_and_masked_from_then_on(agent: Client, officer: User) -> None:
    agent.post(NOTE, said())
    row = SupportContact.objects.get()
    assert (row.channel, row.contact, row.enquiry) == ("phone", "+37120000000", Enquiry.objects.get())
    assert agent.get(NUMBERS).status_code == 403
    officer.user_permissions.set(Permission.objects.filter(codename="view_supportcontact"))
    page = reverse("admin:enquiries_supportcontact_change", args=[row.pk])
    for shown in (agent.get(page), agent.get(NUMBERS)):
        assert MASK in shown.content.decode()
        assert "37120000000" not in shown.content.decode()
    revealed = agent.post(reverse("admin:enquiries_supportcontact_reveal", args=[row.pk]), {"reason": "to_answer"})
    assert "37120000000" in revealed.content.decode()
    assert agent.post(page, {"contact": "1"}).status_code == 403


@pytest.mark.requirement("G3")
def test_who_answers_the_telephone_notes_it_and_reads_nothing(client: Client, officer: User) -> None:
    officer.user_permissions.set(Permission.objects.filter(codename="note_supportcontact"))
    log_in(client, officer)
    assert client.post(NOTE, said()).status_code == 302
    enquiry = Enquiry.objects.get()
    closed = [NUMBERS, reverse("admin:enquiries_enquiry_changelist"), f"/admin/enquiries/enquiry/{enquiry.pk}/change/"]
    assert {client.get(page).status_code for page in closed} == {403}
    assert client.post(f"/admin/enquiries/enquiry/{enquiry.pk}/reveal/", {"reason": "to_answer"}).status_code == 403
    assert client.post(f"/admin/enquiries/enquiry/{enquiry.pk}/answer/", {"text": "x"}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"contact": "call me"},
        {"contact": "1"},
        {"came_by": "instagram", "contact": "https://x.example/anna?token=7"},
        {"came_by": "facebook", "contact": "she said that she is ill"},
        {"came_by": "post"},
        {"came_by": "form"},
        {"contact": "9" * 90},
        {"text": ""},
        {"arrived_at": "2999-01-01T10:00"},
        {"arrived_at": "yesterday"},
        {"account_address": "nobody@example.lv"},
        {"email": "none"},
    ],
)
def test_what_cannot_be_noted_is_refused_and_not_lost(agent: Client, wrong: dict[str, str]) -> None:
    response = agent.post(NOTE, said(**wrong))
    assert response.status_code == 400
    assert "errorlist" in response.content.decode()
    assert not Enquiry.objects.exists()
    assert not SupportContact.objects.exists()


def test_two_clicks_note_one_contact_and_an_address_gets_its_letter(agent: Client) -> None:
    form = said(email="liga@example.lv", name="Līga")
    for _click in range(2):
        agent.post(NOTE, form)
    assert (Enquiry.objects.count(), SupportContact.objects.count()) == (1, 1)
    assert OutgoingMessage.objects.filter(to_address="liga@example.lv").count() == 1


@pytest.mark.clause("X8")
def test_a_number_goes_after_twenty_weeks_but_while_its_enquiry_is_open_it_stays(agent: Client, officer: User) -> None:
    for number in ("+37120000000", "+37120000001"):
        agent.post(NOTE, said(contact=number))
    now = timezone.now()
    SupportContact.objects.update(at=now)
    first, second = SupportContact.objects.order_by("id")
    assert first.enquiry is not None
    assert second.enquiry is not None
    services.close(first.enquiry.pk, by=officer, now=now)
    holding = registry().holding(SupportContact)
    sweep(holding, now=now + timedelta(weeks=20) - timedelta(seconds=1), apply=True)
    assert SupportContact.objects.count() == 2
    sweep(holding, now=now + timedelta(weeks=20), apply=True)
    assert SupportContact.objects.get() == second
    assert first.enquiry.messages.get().text == "Prasa, kad saņems atbildi"
    services.answer(second.enquiry.pk, "Rīt.", once="", by=officer, now=now + timedelta(weeks=30))
    sweep(holding, now=now + timedelta(weeks=30), apply=True)
    assert not SupportContact.objects.exists()


@pytest.mark.clause("X8", "X41")
def test_a_complaint_holds_a_number_and_only_hers_lead_to_her(person: User, officer: User) -> None:
    now = timezone.now()
    rows = [
        SupportContact.objects.create(at=now, channel="phone", contact=number, user_id=person.pk)
        for number in ("+37120000000", "+37120000001")
    ]
    holding = registry().holding(SupportContact)
    assert rows_about(holding, Subject(phones=frozenset({"+37120000001"}))).get() == rows[1]
    assert rows_about(holding, Subject(user_id=person.pk)).count() == 2
    assert not rows_about(holding, Subject(user_id=uuid4())).exists()
    new = NewHold(
        table=holding.model,
        query={"id__in": [rows[0].pk]},
        case_number="K-7",
        reason="an open complaint",
        ground=HoldGround(next(iter(HoldGround))),
        act="Art. 17(3)(e)",
        owner=officer.pk,
        review_on=(now + timedelta(hours=24 * 30)).date(),
    )
    holds.place(new, by=officer, now=now)
    sweep(holding, now=now + timedelta(weeks=20), apply=True)
    assert SupportContact.objects.get() == rows[0]


@pytest.mark.clause("Q10.1")
def test_an_enquiry_goes_a_year_after_our_last_answer_and_an_open_one_not(agent: Client, officer: User) -> None:
    for text in ("pirmais", "otrais"):
        agent.post(NOTE, said(text=text))
    now = timezone.now()
    first, second = Enquiry.objects.order_by("arrived_at", "id")
    services.answer(first.pk, "Jā.", once="", by=officer, now=now)
    first.refresh_from_db()
    assert first.ends_at is not None
    for at, left in ((first.ends_at - timedelta(seconds=1), {first, second}), (first.ends_at, {second})):
        for table in ("enquiries.Message", "enquiries.Enquiry"):
            sweep(registry().holding(table), now=at, apply=True)
        assert set(Enquiry.objects.all()) == left
    assert {message.enquiry for message in second.messages.model.objects.all()} == {second}
    assert second.state == State.OPEN


def test_numbers_noted_before_move_to_their_new_table() -> None:
    moving = import_module("visits.migrations.0006_support_contacts_move")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE visits_supportcontact (id bigserial, at timestamptz, channel text, contact text,"
            " user_id uuid) ON COMMIT DROP"
        )
        cursor.execute("INSERT INTO visits_supportcontact VALUES (7, now(), 'social', '@anna', NULL)")
        cursor.execute(moving.TAKE)
    kept = SupportContact.objects.get()
    assert (kept.pk, kept.channel, kept.contact, kept.enquiry) == (7, "other", "@anna", None)
    assert SupportContact.objects.create(at=timezone.now(), channel="phone", contact="+37120000000").pk == 8
