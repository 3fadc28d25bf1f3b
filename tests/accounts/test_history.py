"""The record entry has a history: what was replaced stays, sealed, for the person alone (Q5.9; Art. 5(1)(c), 16)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.history import MOST_OF_FIELD, earlier_values, keep_earlier
from accounts.models import EarlierValue, User
from datamap.registry import registry
from datamap.trace import subject_of_user
from dsar.access_copy.contents import table_for
from tests.people import log_in

URL = reverse("account")
DETAILS = {"given_name": "Anna", "family_name": "Bērziņa", "display_name": "", "language": "lv"}
EMPTY = dict.fromkeys(("phone", "street", "city", "postal_code", "country"), "")

pytestmark = pytest.mark.clause("Q5.9")


@pytest.fixture
def anna(client: Client, person: User) -> Client:
    log_in(client, person)
    return client


def held(person: User) -> list[tuple[str, str]]:
    return [(row.field, row.value) for row in EarlierValue.objects.filter(user=person).order_by("pk")]


def test_what_was_replaced_is_shown_to_the_person_and_stands_sealed(anna: Client, person: User) -> None:
    anna.post(URL, DETAILS | EMPTY | {"city": "Rīga"})
    assert held(person) == []
    anna.post(URL, DETAILS | EMPTY | {"city": "Liepāja", "family_name": "Kalniņa"})
    assert held(person) == [("family_name", person.family_name), ("city", "Rīga")]
    page = anna.get(f"{URL}?lang=lv").content.decode()
    assert ("<bdi>Rīga</bdi>" in page, f"<bdi>{person.family_name}</bdi>" in page) == (True, True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(encode(value, 'escape'), ' ') FROM accounts_earliervalue")
        (stored,) = cursor.fetchone()
    assert not any(word in stored for word in ("Rīga", person.family_name))


def test_emptying_a_field_deletes_what_stood_in_it_before(anna: Client, person: User) -> None:
    for city in ("Rīga", "Liepāja", ""):
        anna.post(URL, DETAILS | EMPTY | {"city": city, "phone": "+371 20000001"})
    anna.post(URL, DETAILS | EMPTY | {"phone": "+371 20000002"})
    assert held(person) == [("phone", "+371 20000001")]


def test_she_deletes_it_by_a_button_and_nobody_elses(anna: Client, person: User, other_person: User) -> None:
    for user in (person, other_person):
        keep_earlier(user, {"city": ("Rīga", "Liepāja")}, now=timezone.now())
    forget = reverse("account_history_forget")
    assert anna.get(forget).status_code == 405
    assert anna.post(forget).status_code == 302
    assert (held(person), held(other_person)) == ([], [("city", "Rīga")])
    assert "<bdi>Rīga" not in anna.get(URL).content.decode()


def test_the_latest_of_each_field_are_kept(person: User) -> None:
    begun = timezone.now()
    for number in range(MOST_OF_FIELD + 2):
        keep_earlier(person, {"city": (f"{number}", "x")}, now=begun + timedelta(seconds=number))
    assert [value for _field, value in held(person)] == [str(number) for number in range(2, MOST_OF_FIELD + 2)]
    assert earlier_values(person)[0].value == str(MOST_OF_FIELD + 1)


def test_the_copy_shows_it_with_the_names_of_the_fields(person: User) -> None:
    keep_earlier(person, {"city": ("Rīga", "Liepāja")}, now=timezone.now())
    table = table_for(registry().holding(EarlierValue), subject_of_user(person))
    (row,) = table.rows()
    assert {"pilsēta", "Rīga"} <= {str(cell) for cell in row}
