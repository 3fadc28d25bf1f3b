"""Sign-up: the age rule, the mandatory fields, and no hint whether an address is known."""

import logging
import re

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from accounts.models import Profile, User
from tests.accounts.conftest import SIGN_UP, Letters
from tests.people import log_in

URL = reverse("account_signup")
VISIT_LOG = "visits_"


def rows() -> dict[str, int]:
    """How many rows each table holds, the visit log left out."""
    models = apps.get_models(include_auto_created=True)
    return {
        model._meta.label: model._base_manager.count()
        for model in models
        if not model._meta.proxy and not model._meta.db_table.startswith(VISIT_LOG)
    }


def keys_of_the_cache() -> list[bytes]:
    return list(caches["default"]._cache.get_client().keys("*"))  # type: ignore[attr-defined]


def without_tokens(page: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.decode())


@pytest.mark.clause("Q6.1")
def test_a_declaration_that_was_not_made_stores_nothing(
    client: Client, db: None, caplog: pytest.LogCaptureFixture, published_texts: None
) -> None:
    caplog.set_level(logging.DEBUG)
    before = rows()

    answer = client.post(URL, {name: value for name, value in SIGN_UP.items() if name != "age_confirmed"})

    assert "16" in answer.content.decode()
    assert rows() == before
    assert SIGN_UP["email"] not in caplog.text
    assert not any(SIGN_UP["email"].encode() in key for key in keys_of_the_cache())


@pytest.mark.clause("Q6.1")
def test_the_same_form_with_the_declaration_makes_an_account(client: Client, published_texts: None) -> None:
    client.post(URL, SIGN_UP)

    user = User.objects.get(email="marta@example.lv")
    assert (user.given_name, user.family_name) == ("Marta", "Liepa")
    assert user.age_confirmed_at is not None
    assert user.age_text_version
    assert Profile.objects.filter(user=user).exists()


@pytest.mark.clause("Q6.1")
def test_the_declaration_is_a_box_that_nobody_ticked_before(client: Client, published_texts: None) -> None:
    page = client.get(URL).content.decode()
    box = re.search(r"<input[^>]*name=\"age_confirmed\"[^>]*>", page)

    assert box is not None
    assert "checked" not in box[0]


@pytest.mark.clause("Q5.8")
def test_the_form_says_what_is_mandatory_and_what_happens_without_it(client: Client, published_texts: None) -> None:
    page = client.get(URL, headers={"accept-language": "en"}).content.decode()
    mandatory = {name for name in SIGN_UP if re.search(rf'<input[^>]*name="{name}"[^>]*required', page)}

    assert mandatory == set(SIGN_UP)
    assert "Without them we cannot open an account" in " ".join(page.split())
    assert reverse("privacy:notice") in page


@pytest.mark.clause("Q5.8")
@pytest.mark.parametrize("name", ["email", "password1", "given_name", "family_name"])
def test_a_mandatory_field_cannot_be_left_out(client: Client, published_texts: None, name: str) -> None:
    client.post(URL, SIGN_UP | {name: ""})

    assert not User.objects.exists()


@pytest.mark.clause("Q5.6")
@pytest.mark.parametrize(("page", "stored"), [("ru", "ru"), ("en", "en"), ("fi", "lv")])
def test_the_language_of_the_page_becomes_the_language_of_the_person(
    client: Client, published_texts: None, page: str, stored: str
) -> None:
    client.post(URL, SIGN_UP, headers={"accept-language": page})

    assert User.objects.get(email="marta@example.lv").language == stored


@pytest.mark.requirement("I2")
def test_a_known_address_gets_the_same_answer_as_a_new_one(
    person: User, published_texts: None, letters_to: Letters
) -> None:
    new = Client().post(URL, SIGN_UP, follow=True)
    known = Client().post(URL, SIGN_UP | {"email": person.email.upper()}, follow=True)

    assert new.redirect_chain == known.redirect_chain
    assert without_tokens(new.content) == without_tokens(known.content)
    assert len(letters_to("marta@example.lv")) == len(letters_to(person.email)) == 1
    assert User.objects.count() == 2


def test_two_sign_ups_at_once_make_one_account(
    client: Client, person: User, published_texts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other sign-up slips in between the look and the write.
    monkeypatch.setattr("allauth.account.forms.BaseSignupForm.validate_unique_email", lambda self, value: value)

    answer = client.post(URL, SIGN_UP | {"email": person.email})

    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert User.objects.count() == 1


@pytest.mark.requirement("H5")
def test_a_name_with_markup_stays_text(client: Client, published_texts: None) -> None:
    page = client.post(URL, SIGN_UP | {"given_name": "<script>alert(1)</script>", "age_confirmed": ""}).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_bytes_that_are_no_text_are_answered_without_an_error(client: Client, published_texts: None) -> None:
    answer = client.post(URL, b"email=%ff%fe&given_name=\xff", content_type="application/x-www-form-urlencoded")

    assert answer.status_code < 500
    assert not User.objects.exists()


def test_too_many_sign_ups_from_one_address_get_a_sentence(client: Client, published_texts: None) -> None:
    for _attempt in range(10):
        client.post(URL, SIGN_UP | {"age_confirmed": ""})

    answer = client.post(URL, SIGN_UP)

    assert answer.status_code == 429
    assert "<h1>" in answer.content.decode()
    assert not User.objects.exists()


def test_a_request_for_json_gets_the_page(client: Client, published_texts: None) -> None:
    answer = client.post(URL, SIGN_UP, headers={"accept": "application/json"})

    assert answer.headers["Location"] == reverse("account_email_verification_sent")


@pytest.mark.clause("Q12.1")
def test_a_person_who_refused_all_cookies_signs_up_and_logs_in(client: Client, published_texts: None) -> None:
    client.post(reverse("cookies:choice"), {"choice": "reject"}, headers={"sec-fetch-site": "same-origin"})
    client.post(URL, SIGN_UP)
    EmailAddress.objects.update(verified=True)

    log_in(client, User.objects.get())

    assert client.get(reverse("account")).status_code == 200
