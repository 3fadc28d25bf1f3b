"""The record entry: every field can be supplemented, changed and emptied by the person (Q5.9)."""

import pytest
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from accounts.models import Profile, User
from audit.models import Entry
from datamap.registry import registry
from datamap.terms import Source
from tests.people import log_in

URL = reverse("account")
DETAILS = {"given_name": "Anna", "family_name": "Bērziņa", "display_name": "", "language": "lv"}
VOLUNTARY = {
    "phone": "+371 20 000 000",
    "street": "Brīvības iela 1",
    "city": "Rīga",
    "postal_code": "LV-1010",
    "country": "LV",
}


@pytest.mark.clause("Q5.9")
def test_every_voluntary_field_can_be_written_and_emptied_again(client: Client, person: User) -> None:
    log_in(client, person)

    client.post(URL, DETAILS | VOLUNTARY)
    assert model_to_dict(Profile.objects.get(user=person), list(VOLUNTARY)) == VOLUNTARY

    client.post(URL, DETAILS | dict.fromkeys(VOLUNTARY, ""))
    assert Profile.objects.filter(user=person, **dict.fromkeys(VOLUNTARY, "")).exists()


@pytest.mark.clause("Q5.9")
def test_every_field_that_a_person_provided_has_a_place_to_change_it(client: Client, person: User) -> None:
    log_in(client, person)
    page = client.get(URL).content.decode()
    provided = {
        name
        for holding in registry().holdings
        if holding.model in {"accounts.User", "accounts.Profile"} and holding.source is Source.PROVIDED
        for name in holding.personal
    }
    elsewhere = {"email": "account_email", "password": "account_change_password"}
    age = {"age_confirmed_at", "age_text_version"}
    facts = {"id", "user", "date_joined", "is_active", "is_staff", "is_superuser"} | age

    for name in provided - set(elsewhere) - facts:
        assert f'name="{name}"' in page
    for address in elsewhere.values():
        assert reverse(address) in page


@pytest.mark.clause("Q5.9")
def test_the_trail_keeps_names_of_fields_and_no_value(client: Client, person: User) -> None:
    log_in(client, person)

    client.post(URL, DETAILS | VOLUNTARY | {"given_name": "Annija"})

    entry = Entry.objects.get(action="account.details_changed")
    assert entry.details == {"fields": "given_name,phone,street,city,postal_code,country"}
    assert entry.subject == person.pk


@pytest.mark.clause("Q5.8")
@pytest.mark.parametrize("name", ["given_name", "family_name", "language"])
def test_a_mandatory_field_cannot_be_emptied(client: Client, person: User, name: str) -> None:
    log_in(client, person)

    answer = client.post(URL, DETAILS | VOLUNTARY | {name: ""})

    assert answer.status_code == 200
    assert not Profile.objects.exclude(phone="").exists()


@pytest.mark.parametrize(
    ("name", "value"), [("phone", "abc"), ("phone", "+371 20000000\n"), ("country", "XX"), ("language", "de")]
)
def test_a_value_that_makes_no_sense_is_refused_with_a_sentence(
    client: Client, person: User, name: str, value: str
) -> None:
    log_in(client, person)
    if name == "phone":
        value = value.replace("\n", "<b>")

    answer = client.post(URL, DETAILS | VOLUNTARY | {name: value})

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()


def test_the_page_leads_to_everything_about_the_account(client: Client, person: User) -> None:
    log_in(client, person)
    page = client.get(URL).content.decode()
    names = ["account_email", "account_change_password", "mfa_index", "usersessions_list", "privacy:portal"]

    for name in [*names, "account-delete"]:
        assert f'href="{reverse(name)}"' in page


def test_a_person_cannot_make_herself_staff(client: Client, person: User) -> None:
    log_in(client, person)

    client.post(URL, DETAILS | VOLUNTARY | {"is_staff": "on", "is_superuser": "on", "email": "x@example.lv"})

    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser, person.email) == (False, False, "anna@example.lv")
