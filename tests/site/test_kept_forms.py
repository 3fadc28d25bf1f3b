"""Logged out, or with an old token, in the middle of a form: what was typed is still there, and only there."""

from html.parser import HTMLParser
from typing import Any, Final

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import User
from dsar.models import SubjectRequest
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

OURS: Final = {"sec-fetch-site": "same-origin", "accept-language": "en"}
TYPED: Final = 'مريم 🙂 <b>"quoted"</b>\r\nand a second line of a text that nobody likes to type again'
NAME: Final = 'مريم 🙂 "Līga" <b>'


class _Form(HTMLParser):
    """The fields of the form that posts to an address."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action, self._inside = action, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = known.get("action") == self._action
        if tag == "input" and self._inside and "name" in known:
            self.fields[known["name"]] = known["value"]


def kept(answer: Any, action: str) -> dict[str, str]:
    """What the page that came back would send again."""
    assert answer.status_code == 403
    assert answer.headers["Cache-Control"] == "no-store"
    form = _Form(action)
    form.feed(answer.content.decode())
    return form.fields


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True, headers=OURS)


def opened(browser: Client, address: str) -> dict[str, str]:
    """Opens a page and takes its token, as a browser does."""
    browser.get(address)
    return {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}


def test_what_somebody_typed_who_was_logged_out_meanwhile_is_saved_after_all(browser: Client, person: User) -> None:
    address = reverse("account")
    browser.force_login(person)
    details = {"given_name": NAME, "family_name": "Ozola", "language": "lv", "postal_code": "LV-1010", "country": "LV"}
    typed = {**opened(browser, address), **details}
    Session.objects.all().delete()
    again = kept(browser.post(address, typed), address)
    assert details.items() <= again.items()
    browser.force_login(person)  # in another tab, which changes the token
    browser.get(reverse("logged-in-again"))
    once_more = kept(browser.post(address, {**again, "csrfmiddlewaretoken": "x" * 64}), address)
    assert browser.post(address, once_more).status_code == 302
    person.refresh_from_db()
    assert person.given_name == NAME
    assert person.profile.postal_code == "LV-1010"


def test_a_form_that_was_taken_and_ends_at_the_log_in_ends_there(browser: Client, person: User) -> None:
    address = EmailAddress.objects.create(user=person, email="new@example.lv", verified=False)
    page = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    answer = browser.post(page, opened(browser, page))
    assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("account_login"))
    address.refresh_from_db()
    assert address.verified


@pytest.mark.parametrize("path", ["/accounts/logout/", "/privacy/requests/new/"])
def test_pages_that_ask_nobody_to_log_in_answer_themselves(browser: Client, path: str) -> None:
    assert browser.post(path, opened(browser, reverse("account_login"))).status_code != 403


@pytest.mark.requirement("H4")
def test_what_another_site_had_a_browser_send_is_offered_to_nobody(person: User) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {}):
        browser = Client(enforce_csrf_checks=True, headers={"accept-language": "en", **headers})
        browser.force_login(person)
        answer = browser.post(reverse("account"), {"given_name": TYPED})
        assert answer.status_code == 403
        assert "nobody likes" not in answer.content.decode()


def test_a_browser_that_names_only_its_origin_is_believed() -> None:
    browser = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver", "accept-language": "en"})
    address = reverse("account_login")
    assert kept(browser.post(address, {"login": "anna@example.lv"}), address)["login"] == "anna@example.lv"


def test_passwords_and_codes_are_never_sent_back(browser: Client) -> None:
    address = reverse("account_login")
    answer = browser.post(address, {"login": "anna@example.lv", "password": PASSWORD, "code": "473 829"})
    assert kept(answer, address).keys() == {"csrfmiddlewaretoken", "login"}
    page = answer.content.decode()
    assert PASSWORD not in page
    assert "473 829" not in page
    assert "Passwords and codes are not kept" in page


def test_nothing_that_was_typed_is_stored(browser: Client, person: User) -> None:
    browser.post(reverse("account"), {"given_name": TYPED})
    browser.post(reverse("account_login"), {"login": TYPED})
    assert not Session.objects.exists()
    assert not SubjectRequest.objects.exists()


def test_staff_who_were_logged_out_find_their_words_again(browser: Client) -> None:
    address = reverse("admin:dsar_subjectrequest_changelist")
    token = opened(browser, reverse("account_login"))
    again = kept(browser.post(address, {**token, "words": TYPED}), address)
    assert again["words"] == TYPED


def test_a_page_of_a_file_says_that_it_must_be_chosen_again(browser: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    token = opened(browser, reverse("account_login"))
    answer = browser.post(reverse("account"), {**token, "given_name": "Anna", "f": SimpleUploadedFile("a.txt", b"x")})
    assert kept(answer, reverse("account"))["given_name"] == "Anna"
    assert "choose them again" in answer.content.decode()
