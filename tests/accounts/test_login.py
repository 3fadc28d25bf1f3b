"""Log-in, log-out, the session, and what is noted about them."""

import re
from http.cookies import Morsel

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.forms import HouseWords
from accounts.models import LoginEvent, User
from accounts.services import register_person
from accounts.terms import LoginKind
from tests.people import PASSWORD, log_in

URL = reverse("account_login")
EVIL = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:///evil.example"]


def session_cookie(client: Client) -> Morsel[str]:
    return client.cookies[settings.SESSION_COOKIE_NAME]


@pytest.mark.clause("Q15.3")
def test_the_account_opens_only_after_the_password(client: Client, person: User) -> None:
    assert client.get(reverse("account")).status_code == 302

    log_in(client, person)

    assert client.get(reverse("account")).status_code == 200


@pytest.mark.clause("Q15.5")
def test_the_session_ends_with_the_browser(client: Client, person: User) -> None:
    log_in(client, person)

    cookie = session_cookie(client)
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


@pytest.mark.clause("Q15.5")
def test_the_session_stays_where_a_person_asked_for_it(client: Client, person: User) -> None:
    log_in(client, person, remember=True)

    assert session_cookie(client)["max-age"] == 14 * 24 * 3600


@pytest.mark.requirement("I2")
def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(person: User) -> None:
    wrong = Client().post(URL, {"login": person.email, "password": "nothing-like-it"})
    unknown = Client().post(URL, {"login": "else@example.lv", "password": "nothing-like-it"})

    pages = [
        re.sub(r'value="[^"]*"', "", answer.content.decode()).replace(address, "")
        for answer, address in ((wrong, person.email), (unknown, "else@example.lv"))
    ]
    assert wrong.status_code == unknown.status_code == 200
    assert pages[0] == pages[1]


def test_a_log_in_a_refusal_and_a_log_out_are_noted(client: Client, person: User) -> None:
    client.post(URL, {"login": person.email, "password": "nothing-like-it"})
    log_in(client, person)
    client.post(reverse("account_logout"))

    noted = [(event.kind, event.user, event.ip) for event in LoginEvent.objects.order_by("pk")]
    assert noted == [
        (LoginKind.REFUSED, person, "127.0.0.1"),
        (LoginKind.LOGGED_IN, person, "127.0.0.1"),
        (LoginKind.LOGGED_OUT, person, "127.0.0.1"),
    ]


def test_a_refusal_for_an_unknown_address_does_not_store_it(client: Client, db: None) -> None:
    client.post(URL, {"login": "else@example.lv", "password": "x"}, headers={"user-agent": "B" * 500})

    event = LoginEvent.objects.get()
    assert event.user is None
    assert event.user_agent == "B" * 200


def test_opening_the_log_out_page_logs_nobody_out(client: Client, person: User) -> None:
    log_in(client, person)
    client.get(reverse("account_logout"))

    assert client.get(reverse("account")).status_code == 200


@pytest.mark.requirement("H11")
@pytest.mark.parametrize("target", EVIL)
def test_a_log_in_never_leads_to_another_site(client: Client, person: User, target: str) -> None:
    answer = client.post(URL, {"login": person.email, "password": PASSWORD, "next": target})

    assert answer.headers["Location"] == reverse(settings.LOGIN_REDIRECT_URL)


def test_a_log_in_leads_back_to_the_page_one_came_from(client: Client, person: User) -> None:
    answer = client.post(URL, {"login": person.email, "password": PASSWORD, "next": "/account/"})

    assert answer.headers["Location"] == "/account/"


def test_too_many_wrong_passwords_close_the_door_for_a_while(client: Client, person: User) -> None:
    for _attempt in range(5):
        client.post(URL, {"login": person.email, "password": "nothing-like-it"})

    log_in(client, person)

    assert client.get(reverse("account")).status_code == 302


def test_an_unconfirmed_address_does_not_open_the_account(client: Client, db: None) -> None:
    user = register_person(
        email="new@example.lv", password=PASSWORD, given_name="N", now=timezone.now(), verified=False
    )

    leads_to = log_in(client, user)

    assert leads_to == reverse("account_email_verification_sent")
    assert client.get(reverse("account")).status_code == 302


def test_a_new_password_ends_all_other_sessions(client: Client, person: User) -> None:
    elsewhere = Client()
    log_in(elsewhere, person)
    log_in(client, person)

    form = {"oldpassword": PASSWORD, "password1": "Dzeltens-ezers-9", "password2": "Dzeltens-ezers-9"}
    client.post(reverse("account_change_password"), form)

    assert client.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302


@pytest.mark.clause("Q18.1")
def test_a_deleted_account_opens_for_nobody(client: Client, person: User) -> None:
    log_in(client, person)
    assert client.get(reverse("account")).status_code == 200

    person.delete()

    assert client.get(reverse("account")).status_code == 302
    answer = Client().post(URL, {"login": "anna@example.lv", "password": PASSWORD})
    assert answer.status_code == 200
    assert not LoginEvent.objects.filter(kind=LoginKind.LOGGED_IN).exists()


@pytest.mark.clause("Q18.2")
def test_the_same_address_makes_a_new_account_that_knows_nothing_of_the_old(person: User) -> None:
    old, address = person.pk, person.email
    person.profile.phone = "+371 20000000"
    person.profile.save()
    person.delete()

    new = register_person(email=address, password=PASSWORD, given_name="Anna", now=timezone.now())

    assert new.pk != old
    assert new.profile.phone == ""


def test_reading_the_list_of_devices_changes_nothing(client: Client, person: User) -> None:
    elsewhere = Client()
    log_in(elsewhere, person)
    log_in(client, person)
    Session.objects.filter(session_key=elsewhere.session.session_key).delete()
    rows = UserSession.objects.filter(user=person).count()

    client.get(reverse("usersessions_list"))

    assert UserSession.objects.filter(user=person).count() == rows == 2


def test_all_other_devices_can_be_logged_out(client: Client, person: User) -> None:
    elsewhere = Client()
    log_in(elsewhere, person)
    log_in(client, person)

    client.post(reverse("usersessions_list"))

    assert client.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302


def test_every_form_in_house_words_is_in_use() -> None:
    named = {*settings.ACCOUNT_FORMS.values(), *settings.MFA_FORMS.values()}
    written = {f"{item.__module__}.{item.__qualname__}" for item in HouseWords.__subclasses__()}
    assert written == named
