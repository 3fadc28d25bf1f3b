"""Mails of the log-in: in the person's language, with links to the configured domain, and tokens that work once."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import EarlierValue, User
from accounts.services import enrol_second_factor, register_person
from audit.models import Entry
from tests.accounts.conftest import SIGN_UP, Letters
from tests.people import PASSWORD, log_in, prove_again

RESET = reverse("account_reset_password")
NEW_PASSWORD = {"password1": "Dzeltens-ezers-9", "password2": "Dzeltens-ezers-9"}


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+", text)
    assert found is not None
    return found[0]


def path_of(link: str) -> str:
    return link.removeprefix("http://testserver")


def unconfirmed(address: str) -> User:
    return register_person(email=address, password=PASSWORD, given_name="N", now=timezone.now(), verified=False)


@pytest.mark.requirement("H10")
def test_a_link_leads_to_the_configured_domain_whatever_the_host_header_says(
    client: Client, published_texts: None, letters_to: Letters, settings: Settings
) -> None:
    settings.SITE_URL = "https://qlekta.example"
    settings.ALLOWED_HOSTS = ["*"]

    client.post(reverse("account_signup"), SIGN_UP, headers={"host": "evil.example"})

    text = letters_to("marta@example.lv")[0].text
    assert link_in(text).startswith("https://qlekta.example/accounts/confirm-email/")
    assert "evil.example" not in text


@pytest.mark.requirement("H10")
@pytest.mark.parametrize("address", ["anna@example.lv", "nobody@example.lv"])
def test_the_link_of_a_reset_is_ours_too(person: User, letters_to: Letters, settings: Settings, address: str) -> None:
    settings.SITE_URL = "https://qlekta.example"
    settings.ALLOWED_HOSTS = ["*"]

    Client().post(RESET, {"email": address}, headers={"host": "evil.example"})

    text = letters_to(address)[0].text
    assert link_in(text).startswith("https://qlekta.example/accounts/")
    assert "evil.example" not in text


@pytest.mark.clause("Q5.6")
def test_a_letter_comes_in_the_stored_language(person: User, letters_to: Letters) -> None:
    User.objects.filter(pk=person.pk).update(language="en")

    Client().post(RESET, {"email": person.email}, headers={"accept-language": "ru"})

    assert letters_to(person.email)[0].subject == "Set a new password"


@pytest.mark.requirement("I2")
def test_a_reset_answers_the_same_for_a_known_and_an_unknown_address(person: User) -> None:
    known = Client().post(RESET, {"email": person.email}, follow=True)
    unknown = Client().post(RESET, {"email": "nobody@example.lv"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert known.content == unknown.content


def test_the_link_in_the_mail_opens_a_page_and_its_button_confirms(
    client: Client, published_texts: None, letters_to: Letters
) -> None:
    client.post(reverse("account_signup"), SIGN_UP)
    link = path_of(link_in(letters_to("marta@example.lv")[0].text))

    Client().get(link)
    assert not EmailAddress.objects.get().verified

    Client().post(link)
    assert EmailAddress.objects.get().verified
    again = Client().post(link)
    assert again.status_code == 200
    assert reverse("account_login") in again.content.decode()


def test_a_wrong_confirmation_link_gets_a_sentence(client: Client, db: None) -> None:
    link = reverse("account_confirm_email", args=["MQ:aaaaaa:" + "b" * 43])

    assert client.get(link).status_code == client.post(link).status_code == 200


def test_opening_the_link_of_another_account_logs_nobody_out(client: Client, person: User, letters_to: Letters) -> None:
    other = register_person(
        email="new@example.lv", password=PASSWORD, given_name="N", now=timezone.now(), verified=False
    )
    log_in(Client(), other)
    log_in(client, person)

    client.get(path_of(link_in(letters_to(other.email)[0].text)))

    assert client.get(reverse("account")).status_code == 200


def test_a_reset_link_sets_the_password_once(client: Client, person: User, letters_to: Letters) -> None:
    client.post(RESET, {"email": person.email})
    link = path_of(link_in(letters_to(person.email)[0].text))

    form = client.get(link).headers["Location"]
    client.post(form, NEW_PASSWORD)

    person.refresh_from_db()
    assert person.check_password("Dzeltens-ezers-9")
    assert reverse("account_reset_password") in Client().get(link).content.decode()


@pytest.mark.requirement("G2")
def test_a_new_password_by_letter_does_not_skip_the_second_factor(
    client: Client, person: User, letters_to: Letters
) -> None:
    enrol_second_factor(person, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", now=timezone.now())
    client.post(RESET, {"email": person.email})
    form = client.get(path_of(link_in(letters_to(person.email)[0].text))).headers["Location"]
    client.post(form, NEW_PASSWORD)
    assert client.get(reverse("account")).status_code == 302

    words = {"login": person.email, "password": NEW_PASSWORD["password1"]}
    asked = client.post(reverse("account_login"), words).headers["Location"]

    assert asked.startswith(reverse("mfa_authenticate"))
    assert client.get(reverse("account")).status_code == 302


def test_a_reset_link_that_somebody_made_up_gets_a_sentence(client: Client, person: User) -> None:
    link = reverse("account_reset_password_from_key", kwargs={"uidb36": person.pk.hex, "key": "c1a2-" + "d" * 32})

    answer = client.get(link)

    assert answer.status_code == 200
    assert reverse("account_reset_password") in answer.content.decode()


@pytest.mark.clause("Q5.9", "Q15.3")
def test_a_new_address_takes_effect_only_when_it_is_confirmed(
    client: Client, person: User, letters_to: Letters
) -> None:
    log_in(client, person)
    prove_again(client)
    client.post(reverse("account_email"), {"email": "anna.b@example.lv", "action_add": ""})
    person.refresh_from_db()
    assert person.email == "anna@example.lv"

    client.post(path_of(link_in(letters_to("anna.b@example.lv")[0].text)))

    person.refresh_from_db()
    assert person.email == "anna.b@example.lv"
    assert len(letters_to("anna@example.lv")) == 1  # the old address is told
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["anna.b@example.lv"]
    assert [(row.field, row.value) for row in EarlierValue.objects.all()] == [("email", "anna@example.lv")]


def test_an_address_that_somebody_only_wants_gets_no_link_to_the_account(
    client: Client, person: User, letters_to: Letters
) -> None:
    log_in(client, person)
    prove_again(client)
    client.post(reverse("account_email"), {"email": "stranger@example.lv", "action_add": ""})

    Client().post(RESET, {"email": "stranger@example.lv"})

    assert "/password/reset/key/" not in letters_to("stranger@example.lv")[-1].text


def test_an_address_of_an_unconfirmed_account_cannot_be_taken_over(
    client: Client, person: User, letters_to: Letters
) -> None:
    log_in(client, person)
    prove_again(client)
    client.post(reverse("account_email"), {"email": "new@example.lv", "action_add": ""})
    unconfirmed("new@example.lv")

    answer = client.post(path_of(link_in(letters_to("new@example.lv")[0].text)))

    person.refresh_from_db()
    assert answer.status_code in {200, 302}
    assert person.email == "anna@example.lv"


def test_a_letter_holds_no_password_and_no_address_of_a_computer(
    client: Client, person: User, letters_to: Letters
) -> None:
    log_in(client, person)
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW_PASSWORD})

    text = letters_to(person.email)[0].text
    assert "Dzeltens-ezers-9" not in text
    assert "127.0.0.1" not in text
    assert Session.objects.exists()


@pytest.mark.clause("Q18.1")
def test_a_reset_link_is_dead_with_the_account(client: Client, person: User, letters_to: Letters) -> None:
    client.post(RESET, {"email": person.email})
    link = path_of(link_in(letters_to(person.email)[0].text))
    assert client.get(link).status_code == 302

    person.delete()

    assert Client().get(link).status_code == 200


@pytest.mark.clause("Q5.9")
def test_a_change_of_password_and_of_address_leaves_a_line_without_values(
    client: Client, person: User, letters_to: Letters
) -> None:
    log_in(client, person)
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW_PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": "Dzeltens-ezers-9"})
    client.post(reverse("account_email"), {"email": "anna.b@example.lv", "action_add": ""})
    client.post(path_of(link_in(letters_to("anna.b@example.lv")[0].text)))

    lines = list(Entry.objects.filter(subject=person.pk).order_by("id"))
    assert [line.action for line in lines] == ["account.password_changed", "account.email_changed"]
    assert all(line.details == {} for line in lines)
