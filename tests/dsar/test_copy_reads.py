"""The readable page of a copy, as the person who gets it reads it (Art. 12(1))."""

import pytest
from django.utils import timezone

from accounts.models import User
from consent import services as consent
from consent.terms import Method
from datamap.catalogue import catalogue
from tests.dsar.conftest import copy_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


def test_the_page_says_what_was_agreed_to_as_it_was_shown(person: User) -> None:
    now = timezone.now()
    consent.give(
        person.pk, "PROFILING", language="lv", method=Method.CONSENTS_PAGE, place="/privacy/consents/", now=now
    )
    page = copy_of(person, now=now).read("index.html").decode()
    assert "{controller}" not in page
    assert f"Piekrītu, ka {catalogue().controller.name}" in page


def test_the_page_says_by_which_rule_rows_go_that_have_no_day_yet(person: User) -> None:
    page = copy_of(person).read("index.html").decode()
    assert "<dt>Tiks dzēsts</dt><dd>kamēr jums ir konts</dd>" in page


def test_the_page_names_where_nothing_was_found_in_one_sentence(person: User) -> None:
    page = copy_of(person).read("index.html").decode()
    assert "<td>0</td>" not in page[page.index("Kur mēs meklējām") : page.index("<section>")]
    assert "Otrais faktors" in page


def test_columns_have_names_in_words(person: User) -> None:
    page = copy_of(person).read("index.html").decode()
    assert '<th scope="col">user</th>' not in page
    assert '<th scope="col">last seen at</th>' not in page


def test_the_file_says_what_to_open_first_in_the_language_of_the_person(person: User) -> None:
    copy = copy_of(person)
    assert copy.namelist()[0] == "README.txt"
    guide = copy.read("README.txt").decode("utf-8-sig")
    assert guide.startswith("Jūsu datu kopija")
    assert "index.html" in guide
    named = {line.partition(":")[0] for line in guide.splitlines()}
    assert {name for name in copy.namelist() if "/" not in name} - named == {"README.txt", "index.html"}
