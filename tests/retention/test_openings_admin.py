"""The pages of the archive: for its own group only, a fresh password, one record for one case, nothing kept (Q10.7)."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import register_person
from audit.models import Entry
from datamap.trace import Subject
from retention.models import ErasureReceipt, Opening
from tests.people import PASSWORD, log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

LIST = reverse("admin:retention_opening_changelist")
REQUEST = reverse("admin:retention_opening_request")
FORM = {
    "kind": "archive",
    "reference": "anna@example.lv",
    "case_number": "C-1/26",
    "ground": "court",
    "reason": "A court asks.",
}


def page(step: str) -> str:
    return reverse(f"admin:retention_opening_{step}", args=[Opening.objects.get().pk])


def keeper(name: str) -> Client:
    user = register_person(
        email=f"{name}@qlekta.example", password=PASSWORD, given_name=name, is_staff=True, now=timezone.now()
    )
    user.user_permissions.add(Permission.objects.get(codename="open_archive"))
    return logged_in(user)


def logged_in(user: User) -> Client:
    client = Client()
    log_in(client, user)
    prove_again(client)
    return client


@pytest.fixture(autouse=True)
def archived(anna: Subject, erase: Callable[..., ErasureReceipt]) -> None:
    erase(anna, now=timezone.now())


@pytest.fixture
def first() -> Client:
    return keeper("first")


@pytest.fixture
def second() -> Client:
    return keeper("second")


@pytest.mark.clause("Q10.7")
def test_from_the_request_to_the_record_through_the_pages(first: Client, second: Client) -> None:
    assert first.post(REQUEST, FORM).status_code == 302
    assert "A court asks." in second.get(page("change")).content.decode()
    assert second.post(page("approve")).status_code == 302
    answer = first.post(page("read"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "anna@example.lv" in text
    assert "Bērziņa" in text
    assert not re.search(r"\d{4}-\d\d-\d\dT", text), "moments are read in words"
    actions = set(Entry.objects.filter(reason="C-1/26").values_list("action", flat=True))
    assert actions >= {"archive.opening_requested", "archive.opening_approved", "archive.opened", "viewed"}


@pytest.mark.clause("Q10.7")
def test_neither_list_nor_page_says_whom_a_record_is_about(first: Client, second: Client) -> None:
    first.post(REQUEST, FORM)
    second.post(page("approve"))
    first.post(page("read"))
    for address in (LIST, page("change"), f"{LIST}?q=anna@example.lv"):
        text = first.get(address).content.decode()
        assert "C-1/26" in text
        assert "Bērziņa" not in text
        assert "anna@example.lv" not in text.replace("q=anna@example.lv", "")
    assert b'name="q"' not in first.get(LIST).content


@pytest.mark.clause("Q10.7")
@pytest.mark.requirement("G4")
def test_the_one_who_asked_gets_no_button_to_approve_and_cannot_post_it(first: Client) -> None:
    first.post(REQUEST, FORM)
    text = first.get(page("change")).content.decode()
    assert page("approve") not in text
    first.post(page("approve"))
    assert first.post(page("read")).status_code == 302
    assert Opening.objects.get().approved_at is None


@pytest.mark.clause("Q10.7")
@pytest.mark.parametrize("missing", ["case_number", "reason", "reference", "ground"])
def test_a_request_without_a_case_or_a_reason_is_refused_on_the_page(first: Client, missing: str) -> None:
    assert first.post(REQUEST, {**FORM, missing: ""}).status_code == 400
    assert not Opening.objects.exists()


@pytest.mark.parametrize("reference", ["nobody@example.lv", "anna", "%", "Anna Bērziņa"])
def test_nothing_but_the_exact_address_finds_a_record(first: Client, reference: str) -> None:
    answer = first.post(REQUEST, {**FORM, "reference": reference})
    assert answer.status_code == 400
    assert Entry.objects.filter(action="archive.not_found", reason="C-1/26").count() == 1


@pytest.mark.requirement("G3", "G8")
def test_staff_outside_the_group_find_no_page(first: Client, officer: User) -> None:
    first.post(REQUEST, FORM)
    stranger = logged_in(officer)
    for address in (LIST, REQUEST, page("change")):
        assert stranger.get(address).status_code == 403
    for step in ("approve", "read"):
        assert stranger.post(page(step)).status_code == 403
    assert "opening" not in stranger.get(reverse("admin:index")).content.decode()


@pytest.mark.requirement("G7")
def test_each_step_asks_for_the_password_again(officer: User) -> None:
    officer.user_permissions.add(Permission.objects.get(codename="open_archive"))
    client = Client()
    client.force_login(officer)
    assert client.get(REQUEST).headers["Location"].startswith(reverse("account_reauthenticate"))
    assert client.post(REQUEST, FORM).headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not Opening.objects.exists()


def test_looking_at_an_opening_counts_no_reading(first: Client, second: Client) -> None:
    first.post(REQUEST, FORM)
    second.post(page("approve"))
    assert first.get(page("read")).status_code == 405
    assert Opening.objects.get().reads == 0


@pytest.mark.clause("Q10.7")
def test_nothing_is_exported_or_deleted_in_bulk(first: Client) -> None:
    first.post(REQUEST, FORM)
    assert first.get(LIST).context["cl"].model_admin.get_actions(first.get(LIST).wsgi_request) == {}
    assert first.post(page("delete"), {"post": "yes"}).status_code == 403
