"""Whatever a browser or a forger sends about cookies: no error, no consent, no trace of it (Q11.2, Q11.12; H4, H7)."""

from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentEvent, RefusalCount
from cookies.choice import write_choice
from cookies.cookies import CONSENT_COOKIE
from cookies.registry import register
from tests.people import log_in

CHOICE = "/cookies/choice/"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_switches")]

EIGHT_KB = "1abcdef" * 1170


@pytest.mark.requirement("H7")
@pytest.mark.parametrize(
    "value",
    [
        EIGHT_KB,
        f"2.{EIGHT_KB}.20261101",
        f"2.{'1abcdef' * 40}.20261101.{'0' * 32}",
        "2.1ffffff.99999999",
        quote("2.1é.\x00\r\nSet-Cookie: a=b"),
    ],
    ids=["8 kB", "8 kB in the form of a choice", "services that nobody has", "no day", "control characters"],
)
def test_a_forged_or_giant_choice_is_no_choice(visitor: Client, value: str) -> None:
    visitor.cookies[CONSENT_COOKIE] = value
    for address in ("/", "/cookies/", "/no/such/page/"):
        answer = visitor.get(address)
        assert answer.status_code in {200, 404}
        assert "measurer.example" not in answer.headers["Content-Security-Policy"]
        assert value not in answer.content.decode()
    assert 'id="cookie-banner"' in visitor.get("/").content.decode()


def test_a_hundred_cookies_that_nobody_declared_reach_no_view(visitor: Client) -> None:
    for number in range(100):
        visitor.cookies[f"stranger{number}"] = "x" * 80
    answer = visitor.get("/")
    assert answer.status_code == 200
    assert answer.wsgi_request.COOKIES == {}
    assert not answer.cookies


@pytest.mark.requirement("H4")
@pytest.mark.parametrize(
    "said",
    [
        {"choice": "accept:nothing"},
        {"choice": "show:nobody"},
        {"choice": "save", "service": ["measuring", "nobody"]},
        {"choice": "accept:necessary"},
        {"choice": "show:login"},
        {"choice": ""},
        {"choice": "x" * 8192},
        {},
    ],
    ids=str,
)
def test_a_choice_about_what_nobody_asks_is_refused_whole(visitor: Client, said: dict[str, str | list[str]]) -> None:
    answer = visitor.post(CHOICE, said)
    assert answer.status_code == 400
    assert not answer.cookies
    assert not ConsentEvent.objects.exists()
    assert not RefusalCount.objects.exists()


@pytest.mark.requirement("H4")
@pytest.mark.parametrize(
    "header", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}]
)
def test_nobody_elsewhere_chooses_for_a_visitor(visitor: Client, header: dict[str, str]) -> None:
    elsewhere = Client(headers=header)
    assert elsewhere.post(CHOICE, {"choice": "accept"}).status_code == 403
    assert not ConsentEvent.objects.exists()


def test_a_choice_written_by_hand_switches_on_what_it_says_in_this_browser_and_proves_nothing(visitor: Client) -> None:
    """Who forges her own cookie harms nobody: what rests on consent asks the record, which knows of none."""
    day = timezone.now().date()
    yes = dict.fromkeys((service.key for service in register().asked), True)
    visitor.cookies[CONSENT_COOKIE] = write_choice(yes, register=register(), receipt=None, day=day)
    assert "measurer.example" in visitor.get("/").headers["Content-Security-Policy"]
    assert visitor.get("/cookies/receipts/measuring.jsonld").status_code == 404
    assert not ConsentEvent.objects.exists()


@pytest.mark.clause("Q11.2")
def test_no_cookie_value_of_a_whole_journey_says_who_somebody_is(visitor: Client, person: User) -> None:
    visitor.post(CHOICE, {"choice": "accept"})
    log_in(visitor, person)
    for address in ("/account/", "/privacy/", "/cookies/"):
        visitor.get(address, follow=True)
    visitor.post("/language/", {"language": "ru", "next": "/"})
    readable = {person.email, person.email.partition("@")[0], person.given_name, person.family_name, str(person.pk)}
    readable |= {person.pk.hex, str(person.pk.int)}
    set_here = {name: morsel.value for name, morsel in visitor.cookies.items()}
    assert {settings.SESSION_COOKIE_NAME, CONSENT_COOKIE, settings.LANGUAGE_COOKIE_NAME} <= set_here.keys()
    for name, value in set_here.items():
        assert not any(word and word.lower() in value.lower() for word in readable), name


@pytest.mark.clause("Q11.12", "Q12.1")
def test_with_all_cookies_blocked_everything_is_read_and_a_request_is_filed(published_texts: None) -> None:
    """Each page is asked for by a browser that keeps nothing."""

    def blocked() -> Client:
        return Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "same-origin"})

    for address in ("/", "/cookies/", "/privacy/", "/privacy/policy/", "/privacy/notice/", "/accounts/signup/"):
        assert blocked().get(address, follow=True).status_code == 200, address
    form = reverse("privacy:request-new")
    assert blocked().get(form).status_code == 200
    sent = blocked().post(form, {"email": "anna@example.lv", "right": ["access"], "text": "", "language": "en"})
    assert sent.status_code == 302, sent.content.decode()[-2000:]
    assert blocked().post(CHOICE, {"choice": "reject", "next": "/"}).status_code == 303
    assert blocked().post("/language/", {"language": "ru", "next": "/"}).status_code == 303
