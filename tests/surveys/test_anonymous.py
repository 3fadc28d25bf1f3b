"""An anonymous survey keeps what was said and nothing of who said it, not even when (policy clause 5; recital 26)."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Entry
from consent.models import ConsentEvent
from surveys.models import Participation, Survey
from surveys.terms import Audience
from tests.people import log_in
from tests.surveys.making import day_of, made, page_of, post
from vault.tokens import email_token, subject_token

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def survey() -> Survey:
    return made(audience=Audience.NOBODY)


@pytest.mark.clause("Q5.2")
def test_the_page_says_that_nothing_leads_to_anybody_and_when_answers_go(client: Client, survey: Survey) -> None:
    page = client.get(page_of(survey)).content.decode()
    assert "anonīma" in page
    assert day_of(survey.answers_end_at) in page
    assert 'name="agreed"' not in page
    assert 'name="email"' not in page


@pytest.mark.parametrize("logged_in", [True, False])
def test_nothing_of_the_person_is_kept_with_the_answers(
    client: Client, survey: Survey, person: User, *, logged_in: bool
) -> None:
    if logged_in:
        log_in(client, person)
    trail = Entry.objects.count()
    assert post(client, page_of(survey), q1="2", q3="Patīk.").status_code == 302
    row: Any = Participation.objects.values().get()
    for name in ("user_id", "email_token", "email", "language", "answered_at", "secret_digest"):
        assert not row[name], name
    assert row["ends_at"] == survey.answers_end_at, "the same for all, so it tells no time either"
    everything = str(row)
    assert not any(key in everything for key in (str(person.pk), email_token(person.email), subject_token(person.pk)))
    assert not ConsentEvent.objects.filter(purpose="SURVEY").exists(), "a record of consent would name her"
    assert Entry.objects.count() == trail
    assert "checked" not in client.get(page_of(survey)).content.decode()


def test_no_cookie_is_set(client: Client, survey: Survey) -> None:
    post(client, page_of(survey), q1="1")
    assert not client.cookies


def test_a_second_click_counts_once_and_a_new_page_is_a_new_sheet(client: Client, survey: Survey) -> None:
    number = str(uuid4())
    for _ in range(2):
        assert post(client, page_of(survey), q1="1", number=number).status_code == 302
    assert Participation.objects.count() == 1
    post(client, page_of(survey), q1="1")
    post(client, page_of(survey), q1="1", number="no number")
    assert Participation.objects.count() == 3


def test_nobody_overwrites_the_answers_of_somebody_else(client: Client, survey: Survey) -> None:
    post(client, page_of(survey), q1="1")
    row = Participation.objects.get()
    post(client, page_of(survey), q1="2", number=str(row.pk))
    assert Participation.objects.get().answers == row.answers


def test_a_form_of_another_site_counts_for_nothing(client: Client, survey: Survey) -> None:
    refused = client.post(page_of(survey), {"q1": "1"}, headers={"Origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    assert not Participation.objects.exists()
