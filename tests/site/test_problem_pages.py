"""Bad input gets a clear sentence in the person's language, no stack trace, nothing stored."""

from typing import Protocol

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False, headers={"accept-language": "en"})


class Answer(Protocol):
    """What an answer of the test client and one of a view have in common here."""

    status_code: int
    content: bytes


def sentence_only(response: Answer, status: int) -> str:
    text = response.content.decode()
    assert response.status_code == status
    assert "Traceback" not in text
    assert "<h1>" in text
    return text


def test_an_unknown_address_says_so(visitor: Client) -> None:
    assert "There is nothing here" in sentence_only(visitor.get("/no/such/page/"), 404)


@pytest.mark.parametrize(("language", "words"), [("lv", 'lang="lv"'), ("en", "There is nothing here")])
def test_the_sentence_comes_in_the_language_of_the_person(language: str, words: str) -> None:
    visitor = Client(headers={"accept-language": language})
    assert words in sentence_only(visitor.get("/no/such/page/"), 404)


def test_a_body_over_the_limit_is_refused(visitor: Client) -> None:
    response = visitor.post("/accounts/login/", {"login": "a@example.lv", "password": "x" * 3_000_000})
    assert "could not read" in sentence_only(response, 400)


def test_too_many_fields_are_refused(visitor: Client) -> None:
    response = visitor.post("/accounts/login/", {f"field{number}": "x" for number in range(201)})
    assert "could not read" in sentence_only(response, 400)


@pytest.mark.parametrize("path", ["/?q=%FF%FE", "/?q=a%00b"])
def test_text_that_is_not_utf_8_is_refused(path: str, visitor: Client) -> None:
    assert "could not read" in sentence_only(visitor.get(path), 400)


def test_a_form_body_that_is_not_utf_8_is_refused(visitor: Client) -> None:
    response = visitor.post(
        "/accounts/login/", b"login=%FF%FE&password=x", content_type="application/x-www-form-urlencoded"
    )
    assert "could not read" in sentence_only(response, 400)


@pytest.mark.requirement("H4")
def test_a_form_without_its_token_is_refused() -> None:
    visitor = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = visitor.post("/accounts/login/", {"login": "a@example.lv", "password": "x"})
    assert "This form has expired" in sentence_only(response, 403)


@pytest.mark.requirement("H9")
def test_the_page_for_our_own_mistakes_says_nothing_of_them(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from qlekta import urls, views

    def broken(request: HttpRequest) -> HttpResponse:
        raise RuntimeError("secret of the house")

    pattern = next(item for item in urls.urlpatterns if getattr(item, "name", "") == "home")
    monkeypatch.setattr(pattern, "callback", broken)
    assert "secret" not in sentence_only(visitor.get("/"), 500)
    assert views.home is not broken


@pytest.mark.requirement("H10")
def test_a_foreign_host_name_is_refused(visitor: Client) -> None:
    assert visitor.get("/", headers={"host": "evil.example"}).status_code == 400
