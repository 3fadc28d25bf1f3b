"""Answering with an account: what the page says first, one sheet of each person, changed and taken back (clause 5)."""

import json
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentEvent
from consent.queries import current_status
from consent.services import AgeNotDeclared
from surveys.answering import Given, NotOpen, answer
from surveys.models import Participation, Question, Survey, fingerprint
from surveys.terms import Audience, State
from tests.people import log_in
from tests.surveys.making import HOUR, day_of, made, over, page_of, post, take_part
from vault.models import DataKey

pytestmark = pytest.mark.usefixtures("published_texts")


def answers_in(survey: Survey) -> dict[str, Any]:
    """The one sheet that is there, by the place of the question."""
    found = json.loads(Participation.objects.get(survey=survey).answers)
    return {f"q{place}": found.get(str(one.pk)) for place, one in enumerate(survey.questions.all(), start=1)}


def given(survey: Survey, **more: Any) -> Given:
    return Given({}, asked=fingerprint(survey), language="lv", place="/surveys/", agreed=True, **more)


@pytest.mark.clause("Q5.2", "Q5.8", "Q7.6")
def test_the_page_says_who_asks_why_on_what_basis_until_which_day_and_that_nobody_must(
    client: Client, person: User
) -> None:
    survey = made()
    log_in(client, person)
    page = client.get(page_of(survey)).content.decode()
    for words in ("SIA", "6. panta 1. punkta a)", day_of(survey.answers_end_at), "brīvprātīg", 'href="/privacy/"'):
        assert words in page, words
    assert "checked" not in page
    assert page.count("neobligāt") >= 2, "the two questions that may be left out say so"


def test_the_day_of_the_deletion_is_that_of_the_chosen_term() -> None:
    survey = made(term="SURVEY_QUARTER")
    assert survey.answers_end_at - survey.closes_at == timedelta(days=90)


@pytest.mark.clause("Q5.2", "Q7.6")
def test_somebody_answers_with_a_consent_of_its_own_that_can_be_proved(client: Client, person: User) -> None:
    survey = made()
    log_in(client, person)
    thanked = take_part(client, survey, q2=["1", "2"], q3="Patīk.")
    assert (thanked.status_code, thanked.headers["Location"]) == (302, "/surveys/iela/thanks/")
    assert day_of(survey.answers_end_at) in client.get("/surveys/iela/thanks/").content.decode()
    assert answers_in(survey) == {"q1": 2, "q2": [1, 2], "q3": "Patīk."}
    event = ConsentEvent.objects.get(purpose="SURVEY")
    assert (event.scope, event.state, event.method) == (f"survey:{survey.pk}", "given", "survey_form")
    assert event.text_sha256
    assert event.evidence == {"survey": fingerprint(survey)}


def test_answers_stand_sealed_in_the_database(client: Client, person: User) -> None:
    log_in(client, person)
    take_part(client, made(), q3="Ļoti slepeni")
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM surveys_participation p")
        (row,) = cursor.fetchone()
    assert "slepeni" not in row
    assert b"slepeni".hex() not in row


def test_a_second_click_and_a_second_tab_change_the_one_sheet(client: Client, person: User) -> None:
    survey = made()
    log_in(client, person)
    take_part(client, survey, q1="1")
    take_part(client, survey, q1="1")
    page = client.get(page_of(survey)).content.decode()
    assert 'name="agreed"' not in page, "nobody is asked twice"
    assert take_part(client, survey, q1="3").status_code == 302
    assert answers_in(survey)["q1"] == 3
    assert ConsentEvent.objects.filter(purpose="SURVEY").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_are_one_sheet(person: User) -> None:
    survey, ready, failed = made(), Barrier(2), []

    def send() -> None:
        try:
            ready.wait()
            answer(person.pk, survey.pk, given(survey), now=timezone.now())
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Participation.objects.count() == 1


@pytest.mark.clause("Q16.6")
def test_taking_it_back_on_the_page_deletes_answers_and_key_at_once(client: Client, person: User) -> None:
    survey = made()
    log_in(client, person)
    take_part(client, survey)
    row = Participation.objects.get()
    gone = post(client, page_of(survey) + "take-back/")
    assert gone.status_code == 302
    assert client.get(gone.headers["Location"]).status_code == 200
    assert not Participation.objects.exists()
    assert DataKey.objects.get(owner=row.pk).wrapped is None
    assert current_status(person.pk, "SURVEY", now=timezone.now(), scope=survey.scope).state == "withdrawn"
    assert 'name="agreed"' in client.get(page_of(survey)).content.decode(), "she may take part anew"


@pytest.mark.clause("Q16.6")
def test_it_is_taken_back_on_the_page_of_consents_as_well_and_only_that_one(client: Client, person: User) -> None:
    first, second = made(), made(slug="otra", title_lv="Otra aptauja")
    log_in(client, person)
    for survey in (first, second):
        take_part(client, survey)
    page = client.get(reverse("consent:consents")).content.decode()
    assert "Tava iela" in page
    assert "Otra aptauja" in page
    form = {"purpose": "SURVEY", "action": "withdraw", "scope": first.scope}
    assert client.post(reverse("consent:consents"), form).status_code == 302
    assert [row.survey_id for row in Participation.objects.all()] == [second.pk]
    assert client.post(reverse("consent:consents"), form).status_code == 400
    assert client.get(reverse("consent:receipt", args=["SURVEY"]) + f"?scope={second.scope}").status_code == 200


@pytest.mark.clause("Q16.6")
def test_it_can_be_taken_back_when_the_survey_has_closed_too(client: Client, person: User) -> None:
    survey = made()
    log_in(client, person)
    take_part(client, survey)
    over(survey)
    page = client.get(page_of(survey)).content.decode()
    assert "take-back" in page
    assert 'name="q1"' not in page
    post(client, page_of(survey) + "take-back/")
    assert not Participation.objects.exists()


@pytest.mark.clause("Q6.3")
def test_from_a_person_known_to_be_under_16_no_consent_and_no_answer_is_taken(client: Client, person: User) -> None:
    survey = made()
    log_in(client, person)
    User.objects.filter(pk=person.pk).update(age_confirmed_at=None, age_text_version="")
    refused = take_part(client, survey)
    assert refused.status_code == 403
    assert 'role="alert"' in refused.content.decode()
    with pytest.raises(AgeNotDeclared):
        answer(person.pk, survey.pk, given(survey), now=timezone.now())
    assert not Participation.objects.exists()
    assert not ConsentEvent.objects.filter(purpose="SURVEY").exists()


@pytest.mark.clause("Q7.6")
def test_without_the_box_nothing_is_kept(client: Client, person: User) -> None:
    survey = made()
    log_in(client, person)
    refused = take_part(client, survey, agreed="", q3="Mani vārdi")
    assert refused.status_code == 400
    assert "Mani vārdi" in refused.content.decode()
    assert not Participation.objects.exists()


def test_whoever_is_not_logged_in_is_led_to_the_log_in_and_back(client: Client) -> None:
    survey = made()
    page = client.get(page_of(survey)).content.decode()
    assert f"{reverse('account_login')}?next={page_of(survey)}" in page
    assert 'name="q1"' not in page
    assert 'name="email"' not in page
    assert not client.cookies
    assert client.post(page_of(survey), {"q1": "1"}).status_code == 405
    assert client.post(page_of(survey) + "take-back/").status_code == 403


def test_a_page_of_another_site_answers_for_nobody(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    survey = made()
    assert strict.post(page_of(survey), {"q1": "1", "agreed": "on", "asked": fingerprint(survey)}).status_code == 403
    assert not Participation.objects.exists()


@pytest.mark.parametrize(("opens", "words"), [(1, "vēl nav"), (-2, "slēgt")])
def test_before_it_opens_and_after_it_closes_nothing_is_taken(
    client: Client, person: User, opens: int, words: str
) -> None:
    opens_at = timezone.now() + opens * HOUR
    survey = made(opens_at=opens_at, closes_at=opens_at + HOUR)
    log_in(client, person)
    assert words in client.get(page_of(survey)).content.decode()
    assert take_part(client, survey).status_code == 409
    assert not Participation.objects.exists()


def test_a_draft_has_no_page(client: Client) -> None:
    survey = made(state=State.DRAFT, published_at=None)
    for path in (page_of(survey), page_of(survey) + "thanks/", page_of(survey) + "by/x/", "/surveys/nav-tadas/"):
        assert client.get(path).status_code == 404, path
    assert "Tava iela" not in client.get("/surveys/").content.decode()


def test_questions_that_changed_meanwhile_are_shown_again_with_what_was_typed(client: Client, person: User) -> None:
    survey = made()
    log_in(client, person)
    Question.objects.filter(survey=survey, number=3).update(text_lv="Pavisam kas cits?")
    stale = client.post(page_of(survey), {"q1": "2", "q3": "Mani vārdi", "agreed": "on", "asked": "0" * 64})
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "Mani vārdi" in page
    assert fingerprint(survey) in page, "the next try knows the questions of today"
    assert not Participation.objects.exists()


@pytest.mark.clause("Q0.3")
@pytest.mark.parametrize(("language", "title"), [("lv", "Tava iela"), ("en", "Your street"), ("ru", "Tava iela")])
def test_it_is_read_in_three_languages_and_what_is_not_translated_says_that_it_is_latvian(
    client: Client, person: User, language: str, title: str
) -> None:
    survey = made(title_en="Your street", intro_en="Tell us.")
    log_in(client, person)
    page = client.get(f"{page_of(survey)}?lang={language}").content.decode()
    assert f'<html lang="{language}">' in page
    assert f'<h1 lang="{"lv" if language == "ru" else language}">{title}</h1>' in page
    assert ('<span lang="lv">Cik bieži?</span>' in page) is (language != "lv")


def test_the_list_names_what_is_open(client: Client) -> None:
    made()
    made(slug="cita", title_lv="Slēgta", opens_at=timezone.now() - 2 * HOUR, closes_at=timezone.now() - HOUR)
    page = client.get("/surveys/").content.decode()
    assert "Tava iela" in page
    assert "Slēgta" not in page
    assert not client.cookies


def test_an_account_cannot_answer_an_anonymous_survey_under_its_name(person: User) -> None:
    survey = made(audience=Audience.NOBODY)
    with pytest.raises(NotOpen):
        answer(person.pk, survey.pk, given(survey), now=timezone.now())
