"""Nothing optional is read or set without consent, whatever a view does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from cookies.choice import write_choice
from cookies.cookies import CONSENT_COOKIE
from cookies.csp import ConsentCSPMiddleware
from cookies.middleware import ConsentMiddleware, UndeclaredCookie
from cookies.registry import Category, register

View = Callable[[HttpRequest], HttpResponse]


def chosen(*accepted: Category) -> str:
    return write_choice(dict.fromkeys(accepted, True), register=register(), receipt=None, today=timezone.now().date())


def answer(view: View, *, consent: str = "", **cookies: str) -> HttpResponse:
    request = RequestFactory().get("/")
    request.COOKIES = cookies | ({CONSENT_COOKIE: consent} if consent else {})
    return ConsentMiddleware(view)(request)


def setting(name: str, *, max_age: int | None = None) -> View:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse()
        response.set_cookie(name, "value", max_age=max_age)
        return response

    return view


def seen_by_view(consent: str = "", **cookies: str) -> set[str]:
    seen: set[str] = set()

    def view(request: HttpRequest) -> HttpResponse:
        seen.update(request.COOKIES)
        return HttpResponse()

    answer(view, consent=consent, **cookies)
    return seen - {CONSENT_COOKIE}


@pytest.mark.usefixtures("three_switches")
@pytest.mark.clause("Q11.8", "Q11.9")
def test_a_view_sees_only_the_cookies_that_the_visitor_allows() -> None:
    sent = {"sessionid": "s", "language": "en", "_ms_1": "1", "_ad": "1", "stranger": "1"}
    assert seen_by_view(**sent) == {"sessionid"}
    assert seen_by_view(chosen(Category.FUNCTIONAL), **sent) == {"sessionid", "language"}
    assert seen_by_view(chosen(Category.ANALYTICS), **sent) == {"sessionid", "_ms_1"}
    assert seen_by_view(chosen(Category.MARKETING), **sent) == {"sessionid", "_ad"}


@pytest.mark.clause("Q11.3")
def test_an_undeclared_cookie_is_refused_where_developers_see_it() -> None:
    with pytest.raises(UndeclaredCookie, match="stranger"):
        answer(setting("stranger"))


@pytest.mark.clause("Q11.4")
@pytest.mark.usefixtures("three_switches")
def test_an_optional_cookie_is_refused_before_consent_and_set_after_it() -> None:
    for consent in ("", chosen(), chosen(Category.FUNCTIONAL, Category.ANALYTICS)):
        with pytest.raises(UndeclaredCookie, match="not agreed"):
            answer(setting("_ad"), consent=consent)
    assert "_ad" in answer(setting("_ad"), consent=chosen(Category.MARKETING)).cookies


@pytest.mark.clause("Q11.7")
def test_a_cookie_that_would_live_longer_than_declared_is_refused() -> None:
    day = int(timedelta(days=1).total_seconds())
    assert answer(setting("sessionid", max_age=14 * day)).cookies
    for name, age in (("sessionid", 15 * day), ("csrftoken", day)):
        with pytest.raises(UndeclaredCookie, match="longer"):
            answer(setting(name, max_age=age))


def test_production_drops_what_development_refuses(settings: object, caplog: pytest.LogCaptureFixture) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    assert not answer(setting("stranger")).cookies
    assert "cookie dropped: stranger" in caplog.text
    assert "value" not in caplog.text


@pytest.mark.clause("Q11.8")
@pytest.mark.usefixtures("three_switches")
def test_what_is_no_longer_allowed_is_expired_in_the_same_answer() -> None:
    response = answer(lambda _: HttpResponse(), consent=chosen(Category.FUNCTIONAL), language="en", _ms_7="1", _ad="1")
    expired = {name for name, morsel in response.cookies.items() if morsel["max-age"] == 0}
    assert expired == {"_ms_7", "_ad"}


def test_strangers_of_other_sites_on_this_host_are_left_alone() -> None:
    assert not answer(lambda _: HttpResponse(), stranger="1").cookies


def test_answers_are_cached_for_one_visitor_only() -> None:
    assert {"Cookie", "Sec-GPC"} <= set(answer(lambda _: HttpResponse())["Vary"].split(", "))


@pytest.mark.usefixtures("three_switches")
def test_the_signal_of_the_browser_is_a_refusal_until_the_person_chooses() -> None:
    def accepted(**headers: str) -> frozenset[Category]:
        request = RequestFactory().get("/", headers=headers)
        ConsentMiddleware(lambda _: HttpResponse())(request)
        return request.consent.accepted  # type: ignore[attr-defined]

    assert accepted(**{"Sec-GPC": "1"}) == frozenset()
    assert accepted(**{"Sec-GPC": "1", "Cookie": f"{CONSENT_COOKIE}={chosen(Category.ANALYTICS)}"}) == {
        Category.ANALYTICS
    }


@pytest.mark.usefixtures("three_switches")
def test_half_a_year_later_the_consent_is_gone(settings: object) -> None:
    value = chosen(Category.FUNCTIONAL)
    with time_machine.travel(timezone.now() + timedelta(days=182), tick=False):
        assert seen_by_view(value, language="en") == set()


@pytest.mark.clause("Q11.13", "Q11.15")
@pytest.mark.usefixtures("three_switches")
def test_a_third_party_enters_the_policy_of_the_page_only_with_consent() -> None:
    def policy(consent: str) -> str:
        request = RequestFactory().get("/")
        request.COOKIES = {CONSENT_COOKIE: consent}
        ConsentMiddleware(lambda _: HttpResponse())(request)
        inner = ConsentCSPMiddleware(lambda _: HttpResponse())
        return inner.process_response(request, HttpResponse())["Content-Security-Policy"]

    assert "measurer.example" not in policy("")
    assert "measurer.example" not in policy(chosen(Category.FUNCTIONAL, Category.MARKETING))
    allowed = policy(chosen(Category.ANALYTICS))
    assert "script-src 'self' https://measurer.example" in allowed
    assert "connect-src 'self' https://measurer.example" in allowed
    assert allowed.count("measurer.example") == 2


@pytest.mark.django_db
@pytest.mark.clause("Q11.13")
@pytest.mark.requirement("H3")
def test_the_front_page_sets_no_cookie_at_all(client: Client, published_texts: None) -> None:
    for address in ("/", "/cookies/", "/privacy/policy/", "/privacy/consents/", "/nothing-here/"):
        assert not client.get(address).cookies, address
