"""Taking part without an account: nothing before the holder of the mailbox opened her link, then as with one (Q5.2)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentEvent
from datamap.gate import may_process
from datamap.refusing import Way, withdraw_consents
from datamap.registry import registry
from datamap.trace import Subject, rows_about, subject_of_user
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from retention.sweeps import sweep
from surveys.ending import forget_ended
from surveys.models import Participation, Survey
from surveys.terms import Audience
from tests.letters import last_message
from tests.people import log_in
from tests.surveys.making import link_to, made, over, page_of, post
from vault.models import DataKey
from vault.tokens import email_token

LIGA = "liga@example.lv"
YES = {"q1": "2", "agreed": "on", "old_enough": "on"}

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def survey() -> Survey:
    return made(audience=Audience.ADDRESS)


def ask(client: Client, survey: Survey, address: str = LIGA) -> Any:
    cache.clear()
    return client.post(page_of(survey), {"email": address})


def answered(client: Client, survey: Survey, address: str = LIGA, **form: Any) -> str:
    """The link, with answers behind it."""
    ask(client, survey, address)
    link = link_to(address)
    assert post(client, link, **(YES | form)).status_code == 302
    return link


@pytest.mark.clause("Q5.2", "Q7.6")
def test_a_letter_brings_the_link_and_behind_it_stands_the_same_page(client: Client, survey: Survey) -> None:
    page = client.get(page_of(survey)).content.decode()
    assert 'name="email"' in page
    assert ask(client, survey).headers["Location"] == "/surveys/iela/asked/"
    assert client.get("/surveys/iela/asked/").status_code == 200
    assert not ConsentEvent.objects.exists()
    link = link_to(LIGA)
    assert post(client, link, **YES, q3="Patīk.").status_code == 302
    row = Participation.objects.get()
    assert (row.email, row.user_id, "Patīk." in row.answers) == (LIGA, None, True)
    event = ConsentEvent.objects.get()
    assert (event.subject_token, event.scope, event.state) == (email_token(LIGA), survey.scope, "given")
    assert event.place == "/surveys/<slug:slug>/by/<slug:secret>/", "the secret of the link stands nowhere"
    page = client.get(link).content.decode()
    assert "Patīk." in page
    assert 'name="agreed"' not in page
    assert not client.cookies
    assert may_process(Subject(emails=frozenset({LIGA})), "SURVEY", scope=survey.scope, now=timezone.now())


@pytest.mark.clause("Q6.3")
@pytest.mark.parametrize("left_out", ["agreed", "old_enough", "q1"])
def test_without_consent_age_or_a_mandatory_answer_nothing_is_kept(
    client: Client, survey: Survey, left_out: str
) -> None:
    ask(client, survey)
    form = {name: value for name, value in YES.items() if name != left_out}
    assert post(client, link_to(LIGA), **form).status_code == 400
    assert not ConsentEvent.objects.exists()
    assert Participation.objects.get().answers == ""


@pytest.mark.requirement("I2")
def test_every_address_gets_the_same_page_and_an_account_a_letter_that_leads_to_it(
    client: Client, survey: Survey, person: User
) -> None:
    answers = {ask(client, survey, address).headers["Location"] for address in (LIGA, person.email)}
    assert answers == {"/surveys/iela/asked/"}
    assert link_to(person.email) == page_of(survey)
    assert Participation.objects.filter(email_token=email_token(person.email)).count() == 1


def test_three_letters_go_and_the_newest_link_counts(client: Client, survey: Survey) -> None:
    links = []
    for _ in range(5):
        assert ask(client, survey).status_code == 302
        links.append(link_to(LIGA))
    assert OutgoingMessage.objects.count() == 3
    assert client.get(links[0]).status_code == 404
    assert client.get(links[2]).status_code == 200


def test_an_address_that_never_answers_is_forgotten_in_a_week(client: Client, survey: Survey) -> None:
    ask(client, survey)
    row, now = Participation.objects.get(), timezone.now()
    assert row.email == LIGA
    sweep(registry().holding(Participation), now=now + timedelta(days=6), apply=True)
    assert Participation.objects.exists()
    sweep(registry().holding(Participation), now=now + timedelta(days=7, seconds=1), apply=True)
    assert not Participation.objects.exists()
    assert DataKey.objects.get(owner=row.pk).wrapped is None


@pytest.mark.clause("Q15.2")
def test_the_database_holds_no_address_in_the_clear(client: Client, survey: Survey) -> None:
    ask(client, survey)
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM surveys_participation p")
        (row,) = cursor.fetchone()
    assert email_token(LIGA) in row
    assert LIGA not in row
    assert LIGA.encode().hex() not in row


@pytest.mark.clause("Q16.6")
def test_it_is_taken_back_behind_the_link_and_by_a_request_to_us(client: Client, survey: Survey) -> None:
    link = answered(client, survey)
    assert client.post(link + "take-back/").status_code == 302
    assert not Participation.objects.exists()
    assert client.get(link).status_code == 404
    assert ConsentEvent.objects.latest("pk").state == "withdrawn"
    answered(client, survey)
    subject = Subject(emails=frozenset({LIGA}))
    assert withdraw_consents(subject, language="lv", way=Way.EMAIL, now=timezone.now()) == ["SURVEY"]
    assert not Participation.objects.exists()
    assert withdraw_consents(subject, language="lv", way=Way.EMAIL, now=timezone.now()) == []


def test_whoever_answered_without_her_account_is_not_counted_twice_with_it(
    client: Client, survey: Survey, person: User
) -> None:
    row = Participation(survey=survey, email=person.email, email_token=email_token(person.email))
    row.answers, row.answered_at, row.ends_at = "{}", timezone.now(), survey.answers_end_at
    row.save()
    log_in(client, person)
    page = client.get(page_of(survey)).content.decode()
    assert 'name="q1"' not in page
    assert "vēstulē" in page
    assert client.post(page_of(survey), {"q1": "1"}).status_code == 200
    assert Participation.objects.count() == 1


@pytest.mark.clause("Q10.9")
def test_after_a_restore_what_was_withdrawn_since_the_backup_goes_again(client: Client, survey: Survey) -> None:
    answered(client, survey)
    answered(client, survey, "maija@example.lv")
    kept = Participation.objects.get(email_token=email_token(LIGA))
    client.post(link_to(LIGA) + "take-back/")
    kept.save(force_insert=True)
    forget_ended(now=timezone.now())
    assert [row.email for row in Participation.objects.all()] == ["maija@example.lv"]


def test_a_form_of_another_site_asks_for_nothing(client: Client, survey: Survey) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(page_of(survey), {"email": LIGA}, headers=elsewhere).status_code == 403
    assert not Participation.objects.exists()
    link = answered(client, survey)
    assert client.post(link + "take-back/", headers=elsewhere).status_code == 403
    assert Participation.objects.exists()


@pytest.mark.parametrize("address", ["", "no address", "liga@example.lv\r\nBcc: x@example.lv", "x" * 250 + "@e.lv"])
def test_what_is_no_address_gets_no_letter(client: Client, survey: Survey, address: str) -> None:
    refused = ask(client, survey, address)
    assert refused.status_code == 400
    assert re.search(r'href="#id_email"', refused.content.decode())
    assert not OutgoingMessage.objects.exists()


def test_where_only_accounts_may_answer_and_after_the_end_no_link_is_sent(client: Client) -> None:
    for survey in (made(), made(slug="cita", audience=Audience.ADDRESS)):
        if survey.audience == Audience.ADDRESS:
            over(survey)
        assert ask(client, survey).status_code == 405
    assert not OutgoingMessage.objects.exists()


def test_the_letter_speaks_the_language_of_the_page(client: Client) -> None:
    survey = made(audience=Audience.ADDRESS, title_ru="Ваша улица", intro_ru="Расскажите.")
    cache.clear()
    client.post(f"{page_of(survey)}?lang=ru", {"email": LIGA})
    letter = open_letter(last_message(to_address=LIGA))
    assert letter.subject == "Ваша ссылка: Ваша улица"


def test_her_data_are_found_by_her_address_once_it_is_confirmed(client: Client, survey: Survey, person: User) -> None:
    answered(client, survey)
    holding = registry().holding(Participation)
    assert rows_about(holding, Subject(emails=frozenset({LIGA}))).count() == 1
    assert rows_about(holding, subject_of_user(person)).count() == 0
