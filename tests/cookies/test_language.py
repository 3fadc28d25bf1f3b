"""The language of a page: asked for, chosen in the account, or remembered with consent."""

from dataclasses import replace

import pytest
from django.test import Client

from accounts.models import User
from cookies.cookies import OURS
from tests.cookies.conftest import Declare
from tests.cookies.test_pages import choose


def language(client: Client, address: str = "/", **headers: str) -> str:
    return client.get(address, headers=headers).headers["Content-Language"]


def switch(client: Client, to: str, **more: str) -> str:
    answer = client.post("/language/", {"language": to, "next": "/privacy/policy/", **more})
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_the_browser_is_asked_last_and_latvian_is_the_rest(visitor: Client) -> None:
    assert language(visitor) == "lv"
    assert language(visitor, **{"accept-language": "fr, ru-LV;q=0.8, en;q=0.5"}) == "ru"
    assert language(visitor, **{"accept-language": "en;q=0, lv;q=0.1"}) == "lv"
    assert language(visitor, "/?lang=en", **{"accept-language": "ru"}) == "en"
    assert language(visitor, "/?lang=xx", **{"accept-language": "ru"}) == "ru"


@pytest.mark.clause("Q11.1")
def test_without_functional_consent_the_language_comes_from_the_address_and_no_cookie_is_set(visitor: Client) -> None:
    choose(visitor, "reject")
    assert switch(visitor, "en") == "/privacy/policy/?lang=en"
    assert "language" not in visitor.cookies
    assert language(visitor) == "lv"


@pytest.mark.clause("Q11.1")
def test_with_functional_consent_the_language_is_remembered(visitor: Client) -> None:
    choose(visitor, "accept")
    assert switch(visitor, "en") == "/privacy/policy/"
    assert visitor.cookies["language"].value == "en"
    assert language(visitor) == "en"


@pytest.mark.clause("Q11.1")
def test_the_account_speaks_its_own_language_and_the_session_another_if_asked(visitor: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(language="ru")
    visitor.force_login(person)
    assert language(visitor, **{"accept-language": "en"}) == "ru"
    assert switch(visitor, "en") == "/privacy/policy/"
    assert language(visitor) == "en"
    assert "language" not in visitor.cookies


@pytest.mark.parametrize("wrong", ["", "xx", "lv\x00", "../../lv"])
def test_a_language_nobody_speaks_gets_a_sentence(visitor: Client, wrong: str) -> None:
    assert visitor.post("/language/", {"language": wrong}).status_code == 400


def test_a_switch_forgets_the_language_in_the_address_it_came_from(visitor: Client) -> None:
    choose(visitor, "accept")
    assert switch(visitor, "ru", next="/cookies/?lang=en&x=1") == "/cookies/?x=1"


def test_another_functional_service_remembers_no_language(visitor: Client, declare: Declare) -> None:
    declare(*OURS, replace(OURS[2], key="notes", cookies=()))
    choose(visitor, "show:notes")
    assert switch(visitor, "en") == "/privacy/policy/?lang=en"
    assert "language" not in visitor.cookies
