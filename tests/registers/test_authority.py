"""Requests of authorities: registered by one, approved by another, answered in scope, told to the person (Q8.5)."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import LoginEvent, LoginKind, User
from audit.models import Entry
from datamap.registry import registry
from datamap.trace import rows_about, subject_of_user
from datamap.transfers import received_about
from registers.alarms import alarms
from registers.authority import NewRequest, approve, give_out, refuse, register_request
from registers.disclosures import NewDisclosure, Secrecy, disclose
from registers.extracts import Scope
from registers.models import AuthorityRequest, Disclosure
from registers.refusals import RegisterRefused
from registers.terms import Ground, RecipientKind, RequestState
from tests.registers.conftest import NOW, Postman, desk
from tests.registers.test_disclosures import body_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts"), pytest.mark.clause("Q8.5")]


@pytest.fixture
def new(person: User) -> NewRequest:
    LoginEvent.objects.create(user=person, at=NOW, kind=LoginKind.LOGGED_IN, ip="192.0.2.77")
    LoginEvent.objects.create(user=person, at=NOW - timedelta(days=30), kind=LoginKind.LOGGED_IN, ip="192.0.2.66")
    return NewRequest(
        kind=RecipientKind.AUTHORITY,
        requester="Valsts policija",
        power="Criminal Procedure Law s. 190",
        document="No. 20/1-17 of 20 November 2026",
        subject_id=person.pk,
        scope=Scope(("accounts.LoginEvent",), since=NOW - timedelta(days=7)),
        received_at=NOW,
        secrecy=Secrecy(),
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"requester": ""}, "Name the institution"),
        ({"document": " "}, "Name the institution"),
        ({"power": "because"}, "Cite the act"),
        ({"kind": RecipientKind.DEBT_COLLECTOR}, "Name the institution"),
        ({"received_at": NOW + timedelta(days=1)}, "in the future"),
        ({"scope": Scope(())}, "Name the tables"),
        ({"secrecy": Secrecy("s. 375")}, "needs both"),
    ],
)
def test_a_request_with_a_hole_is_refused_in_a_sentence(
    new: NewRequest, first: User, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RegisterRefused, match=sentence):
        register_request(replace(new, **change), by=first, now=NOW)
    assert not AuthorityRequest.objects.exists()


def test_nothing_leaves_before_a_second_person_approves(
    new: NewRequest, first: User, second: User, postman: Postman
) -> None:
    request = register_request(new, by=first, now=NOW)
    with pytest.raises(RegisterRefused, match="not approved"):
        give_out(request.pk, postman, by=first, now=NOW)
    with pytest.raises(RegisterRefused, match="another person"):
        approve(request.pk, reason="In order.", by=first, now=NOW)
    assert postman.parcels == []
    approve(request.pk, reason="In order.", by=second, now=NOW)
    row = give_out(request.pk, postman, by=first, now=NOW)
    assert row.act == new.power
    (rows,) = postman.parcels[0].values()
    assert [item["ip"] for item in rows] == ["192.0.2.77"]


def test_an_approved_request_answers_once(new: NewRequest, first: User, second: User, postman: Postman) -> None:
    request = register_request(new, by=first, now=NOW)
    approve(request.pk, reason="In order.", by=second, now=NOW)
    give_out(request.pk, postman, by=first, now=NOW)
    with pytest.raises(RegisterRefused, match="answered already"):
        give_out(request.pk, postman, by=second, now=NOW)
    assert len(postman.parcels) == 1


def test_a_refused_request_gives_nothing(new: NewRequest, first: User, second: User, postman: Postman) -> None:
    request = register_request(new, by=first, now=NOW)
    refuse(request.pk, reason="No judge signed.", by=first, now=NOW)
    with pytest.raises(RegisterRefused, match="not approved"):
        give_out(request.pk, postman, by=second, now=NOW)
    with pytest.raises(RegisterRefused, match="decided already"):
        approve(request.pk, reason="After all.", by=second, now=NOW)


@pytest.mark.parametrize("scope", [Scope(("accounts.LoginEvent", "accounts.Profile")), Scope(("accounts.LoginEvent",))])
def test_nobody_gives_more_than_the_request_asks_for(
    new: NewRequest, first: User, second: User, *, postman: Postman, scope: Scope
) -> None:
    request = register_request(new, by=first, now=NOW)
    approve(request.pk, reason="In order.", by=second, now=NOW)
    person = subject_of_user(User.objects.get(pk=new.subject_id))
    wider = NewDisclosure(
        RecipientKind.AUTHORITY, new.requester, Ground.LEGAL_OBLIGATION, scope, act=new.power, request=request
    )
    with pytest.raises(RegisterRefused, match="More was to be given out"):
        disclose(wider, person, postman, by=first, now=NOW)
    assert (postman.parcels, Disclosure.objects.count()) == ([], 0)


def shown(person: User) -> set[str]:
    subject = subject_of_user(person)
    tables = ("registers.AuthorityRequest", "registers.Disclosure")
    return {name for name in tables if rows_about(registry().holding(name), subject).exists()}


def test_the_person_is_told_unless_it_is_secret_and_then_when_the_secrecy_ends(
    new: NewRequest, person: User, first: User, *, second: User, postman: Postman
) -> None:
    secret = replace(new, secrecy=Secrecy("Criminal Procedure Law s. 375", date(2090, 1, 1)))
    request = register_request(secret, by=first, now=NOW)
    approve(request.pk, reason="In order.", by=second, now=NOW)
    row = give_out(request.pk, postman, by=first, now=NOW)
    assert row.secret_until == date(2090, 1, 1)
    assert (shown(person), list(received_about(subject_of_user(person)))) == (set(), [])
    assert not Entry.objects.filter(subject=person.pk, action__startswith="authority").exists()
    for model in (AuthorityRequest, Disclosure):
        model._base_manager.update(secret_until=date(2020, 1, 1))
    assert shown(person) == {"registers.AuthorityRequest", "registers.Disclosure"}
    assert [item.name for item in received_about(subject_of_user(person))] == ["Valsts policija"]


def test_a_request_that_waits_is_seen_on_the_desk(new: NewRequest, first: User) -> None:
    register_request(new, by=first, now=NOW)
    assert "requests" in {alarm.code for alarm in alarms(now=NOW)}


def test_the_database_itself_asks_for_two_people(new: NewRequest, first: User) -> None:
    request = register_request(new, by=first, now=NOW)
    values = {"state": RequestState.APPROVED, "decided_by": first.pk, "decided_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorityRequest.objects.filter(pk=request.pk).update(**values)


def test_from_the_letter_to_the_file_through_the_pages(person: User, first: User, second: User) -> None:
    LoginEvent.objects.create(user=person, at=timezone.now(), kind=LoginKind.LOGGED_IN, ip="192.0.2.77")
    one, two = desk(first), desk(second)
    form = {
        "kind": "court",
        "requester": "Rīgas pilsētas tiesa",
        "power": "Civil Procedure Law s. 112",
        "document": "C-1/26",
        "received_at": "2026-01-05T10:00",
        "address": "anna@example.lv",
        "tables": ["accounts.LoginEvent"],
    }
    address = reverse("admin:registers_authorityrequest_new")
    assert one.post(address, {**form, "power": "x"}).status_code == 400
    assert one.post(address, form).status_code == 302
    request = AuthorityRequest.objects.get()
    step = reverse("admin:registers_authorityrequest_step", args=[request.pk, "approve"])
    assert one.post(step, {"reason": "Fine."}).status_code == 400
    assert two.post(step, {"reason": "Fine."}).status_code == 302
    page = reverse("admin:registers_authorityrequest_change", args=[request.pk])
    assert "get the file" in one.get(page).content.decode()
    give = reverse("admin:registers_authorityrequest_give", args=[request.pk])
    assert one.get(give).status_code == 405
    assert "192.0.2.77" in json.dumps(body_of(one.post(give)))
    assert one.post(give).status_code == 302
    assert Disclosure.objects.count() == 1
    assert Entry.objects.filter(action="viewed", subject=person.pk).exists()
