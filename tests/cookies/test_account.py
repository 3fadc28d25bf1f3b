"""A choice for all browsers of a person holds where she is logged in, and never against what a browser was told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentEvent
from cookies.cookies import OURS
from tests.cookies.conftest import ADVERTS, MEASURING, Declare
from tests.people import log_in
from vault.tokens import subject_token

CHOICE = "/cookies/choice/"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts", "three_switches")]


def browser() -> Client:
    return Client(headers={"sec-fetch-site": "same-origin"})


def chosen_for_all(person: User, *services: str) -> Client:
    """A browser in which she chose for all of them."""
    client = browser()
    log_in(client, person)
    answer = client.post(CHOICE, {"choice": "save", "service": services, "account": "1", "from": "settings"})
    assert answer.status_code == 303
    return client


def page(client: Client, address: str = "/cookies/?lang=en") -> str:
    return client.get(address).content.decode()


def ticked(client: Client) -> set[str]:
    shown = page(client)
    return {key for key in ("language", "measuring", "adverts") if f'id="service-{key}" ' in shown and _on(shown, key)}


def _on(shown: str, key: str) -> bool:
    return " checked" in shown.partition(f'id="service-{key}"')[2].partition(">")[0]


def test_it_is_on_record_under_the_account_with_what_was_shown(person: User) -> None:
    chosen_for_all(person, "measuring")
    found = ConsentEvent.objects.filter(subject_token=subject_token(person.pk)).order_by("scope")
    assert [(event.scope, event.state) for event in found] == [
        ("adverts", "refused"),
        ("language", "refused"),
        ("measuring", "given"),
    ]
    assert found[2].evidence == MEASURING.notice()


def test_it_holds_in_another_browser_only_while_she_is_logged_in(person: User) -> None:
    chosen_for_all(person, "measuring")
    other = browser()
    assert 'id="cookie-banner"' in page(other, "/")
    log_in(other, person)
    shown = page(other, "/?lang=en")
    assert 'id="cookie-banner"' not in shown
    assert "the cookie choice of your account holds in this browser too" in shown
    assert ticked(other) == {"measuring"}
    assert "cookie_consent" not in other.cookies, "nothing is written into that browser"
    del other.cookies["sessionid"]
    assert 'id="cookie-banner"' in page(other, "/")
    assert ticked(other) == set()


def test_a_refusal_of_a_browser_stands_against_the_account(person: User) -> None:
    other = browser()
    other.post(CHOICE, {"choice": "reject"})
    chosen_for_all(person, "measuring", "adverts")
    log_in(other, person)
    assert ticked(other) == set()
    signalling = Client(headers={"sec-fetch-site": "same-origin", "sec-gpc": "1"})
    log_in(signalling, person)
    assert ticked(signalling) == set()


def test_a_cookie_of_the_account_s_choice_is_read_and_one_it_refuses_is_not(person: User) -> None:
    chosen_for_all(person, "language")
    other = browser()
    log_in(other, person)
    person.language = ""
    person.save()
    other.post("/language/", {"language": "ru"})
    assert other.cookies["language"].value == "ru"
    other.cookies["_ad"] = "1"
    assert other.get("/").cookies["_ad"]["max-age"] == 0


def test_one_press_keeps_it_in_this_browser(person: User) -> None:
    chosen_for_all(person, "measuring")
    other = browser()
    log_in(other, person)
    other.post(CHOICE, {"choice": "keep"})
    assert 'id="cookie-account"' not in page(other, "/")
    del other.cookies["sessionid"]
    assert ticked(other) == {"measuring"}


def test_taking_it_back_reaches_the_other_browsers_at_once(person: User) -> None:
    first = chosen_for_all(person, "measuring")
    other = browser()
    log_in(other, person)
    assert ticked(other) == {"measuring"}
    assert "Kept with your account" in page(first)
    assert first.post("/cookies/account/end/").status_code == 303
    assert ticked(other) == set()
    assert 'id="cookie-banner"' in page(other, "/")
    assert "Kept with your account" not in page(first)
    assert ticked(first) == {"measuring"}, "this browser was told so itself"


def test_a_service_that_has_changed_is_not_covered(person: User, declare: Declare) -> None:
    chosen_for_all(person, "measuring")
    other = browser()
    log_in(other, person)
    declare(*OURS, replace(MEASURING, provider="Somebody Else"), ADVERTS)
    assert ticked(other) == set()
    assert 'id="cookie-banner"' in page(other, "/")
    chosen_for_all(person, "measuring")
    assert ticked(other) == {"measuring"}, "asked again, she agreed to the service as it is now"


def test_it_runs_out_as_every_choice_does(person: User, time_machine: Any) -> None:
    start = timezone.now()
    chosen_for_all(person, "measuring")
    time_machine.move_to(start + timedelta(days=182, seconds=1))
    other = browser()
    log_in(other, person)
    assert ticked(other) == set()


def test_nobody_chooses_for_an_account_without_being_logged_in() -> None:
    answer = browser().post(CHOICE, {"choice": "accept", "account": "1"})
    assert answer.status_code == 400
    assert not answer.cookies
    assert not ConsentEvent.objects.exists()
