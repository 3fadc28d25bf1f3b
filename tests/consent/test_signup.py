"""The boxes of the sign-up form: separate, unticked, and recorded in the words that were shown."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from consent.models import ConsentEvent, SubscriptionEvidence, TextVersion
from tests.people import PASSWORD
from vault.tokens import subject_token

NEW = {
    "email": "liga@example.lv",
    "password1": PASSWORD,
    "given_name": "Līga",
    "family_name": "Liepa",
    "age_confirmed": "on",
}

pytestmark = pytest.mark.usefixtures("published_texts")


def sign_up(client: Client, **fields: str) -> None:
    answer = client.post(reverse("account_signup"), NEW | fields)
    assert answer.status_code == 302, answer.content.decode()


@pytest.mark.clause("Q7.6", "Q4.4", "Q4.5")
def test_four_boxes_are_offered_separately_and_none_is_ticked(client: Client) -> None:
    page = client.get(reverse("account_signup")).content.decode()
    for name in ("marketing_email", "email_analysis", "profiling", "loyalty"):
        assert f'name="consent_{name}"' in page
    assert " checked" not in page


@pytest.mark.clause("Q7.6")
def test_an_account_without_any_consent_works_and_nothing_is_recorded(client: Client) -> None:
    sign_up(client)
    assert User.objects.filter(email="liga@example.lv").exists()
    assert not ConsentEvent.objects.exists()


@pytest.mark.clause("Q0.4", "Q13.3")
def test_only_what_was_ticked_is_recorded_with_the_words_shown(client: Client) -> None:
    shown = TextVersion.objects.get(code="MARKETING_EMAIL", language="en")
    sign_up(client, consent_marketing_email="on", consent_marketing_email_wording=shown.sha256)
    event = ConsentEvent.objects.get()
    liga = User.objects.get(email="liga@example.lv")
    assert (event.subject_token, event.purpose, event.state) == (subject_token(liga.pk), "MARKETING_EMAIL", "given")
    assert (event.method, event.place) == ("signup_form", reverse("account_signup"))
    assert (event.text_sha256, event.language) == (shown.sha256, "en")
    assert SubscriptionEvidence.objects.get(event=event).ip == "127.0.0.1"


def test_words_that_have_changed_meanwhile_are_shown_again(client: Client) -> None:
    answer = client.post(
        reverse("account_signup"), NEW | {"consent_loyalty": "on", "consent_loyalty_wording": "0" * 64}
    )
    assert answer.status_code == 200
    assert not User.objects.filter(email="liga@example.lv").exists()
    assert not ConsentEvent.objects.exists()


@pytest.mark.clause("Q6.3")
def test_without_the_declaration_of_age_neither_account_nor_consent_is_stored(client: Client) -> None:
    form = {name: value for name, value in NEW.items() if name != "age_confirmed"}
    assert client.post(reverse("account_signup"), form | {"consent_profiling": "on"}).status_code == 200
    assert not User.objects.exists()
    assert not ConsentEvent.objects.exists()


def test_a_known_address_gets_no_consent_added(client: Client, person: User) -> None:
    client.post(reverse("account_signup"), NEW | {"email": person.email, "consent_profiling": "on"})
    assert not ConsentEvent.objects.exists()
