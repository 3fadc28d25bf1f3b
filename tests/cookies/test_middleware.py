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
from cookies.drift import MOST_NAMES, Drift
from cookies.middleware import ConsentMiddleware, UndeclaredCookie
from cookies.registry import Category, register

View = Callable[[HttpRequest], HttpResponse]


def chosen(*accepted: str) -> str:
    answers = {service.key: service.key in accepted for service in register().asked}
    return write_choice(answers, register=register(), receipt=None, day=timezone.now().date())


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
    assert seen_by_view(chosen("language"), **sent) == {"sessionid", "language"}
    assert seen_by_view(chosen("measuring"), **sent) == {"sessionid", "_ms_1"}
    assert seen_by_view(chosen("adverts"), **sent) == {"sessionid", "_ad"}


@pytest.mark.clause("Q11.3")
def test_an_undeclared_cookie_is_refused_where_developers_see_it() -> None:
    with pytest.raises(UndeclaredCookie, match="stranger"):
        answer(setting("stranger"))


@pytest.mark.clause("Q11.4")
@pytest.mark.usefixtures("three_switches")
def test_an_optional_cookie_is_refused_before_consent_and_set_after_it() -> None:
    for consent in ("", chosen(), chosen("language", "measuring")):
        with pytest.raises(UndeclaredCookie, match="not agreed"):
            answer(setting("_ad"), consent=consent)
    assert "_ad" in answer(setting("_ad"), consent=chosen("adverts")).cookies


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
    response = answer(lambda _: HttpResponse(), consent=chosen("language"), language="en", _ms_7="1", _ad="1")
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
    assert accepted(**{"Sec-GPC": "1", "Cookie": f"{CONSENT_COOKIE}={chosen('measuring')}"}) == {Category.ANALYTICS}


@pytest.mark.usefixtures("three_switches")
def test_half_a_year_later_the_consent_is_gone(settings: object) -> None:
    value = chosen("language")
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
    assert "measurer.example" not in policy(chosen("language", "adverts"))
    allowed = policy(chosen("measuring"))
    assert "script-src 'self' https://measurer.example" in allowed
    assert "connect-src 'self' https://measurer.example" in allowed
    assert allowed.count("measurer.example") == 2


@pytest.mark.django_db
@pytest.mark.clause("Q11.13")
@pytest.mark.requirement("H3")
def test_the_front_page_sets_no_cookie_at_all(client: Client, published_texts: None) -> None:
    for address in ("/", "/cookies/", "/privacy/policy/", "/privacy/consents/", "/nothing-here/"):
        assert not client.get(address).cookies, address


@pytest.fixture
def drift(monkeypatch: pytest.MonkeyPatch) -> None:
    """No names were reported yet."""
    monkeypatch.setattr("cookies.middleware.DRIFT", Drift())


@pytest.mark.usefixtures("drift")
def test_names_that_nobody_declared_raise_an_alarm_without_people_in_them(
    settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    sent = {"sessionid": "s", "_hjid_7f3a99b1c2d4": "secret", "visit42": "anna@example.lv", "a b;\n": "1"}
    answer(lambda _: HttpResponse(), **sent)
    assert not caplog.records, "on a developer's machine other sites live under the same name"
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    for _again in range(3):
        answer(lambda _: HttpResponse(), **sent)
    said = sorted(record.getMessage().rpartition(": ")[2] for record in caplog.records)
    assert said == ["(a name of another form)", "_hjid_*", "visit*"]
    assert "anna" not in caplog.text


@pytest.mark.usefixtures("drift")
def test_invented_names_cannot_fill_the_log(settings: object, caplog: pytest.LogCaptureFixture) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    words = [f"{one}{two}" for one in "ghijklmnop" for two in "ghijklmnop"]
    answer(lambda _: HttpResponse(), **dict.fromkeys(words, "1"))
    assert len(caplog.records) == MOST_NAMES


@pytest.mark.clause("Q11.8")
@pytest.mark.usefixtures("three_switches")
def test_a_cookie_of_a_script_goes_from_every_domain_it_may_have_been_set_for(settings: object) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]

    def domains(host: str) -> set[str]:
        request = RequestFactory().get("/", headers={"host": host})
        request.COOKIES = {"_ms_7": "1", CONSENT_COOKIE: chosen()}
        response = ConsentMiddleware(lambda _: HttpResponse())(request)
        gone = [morsel for morsel in response.cookies.values() if morsel.key == "_ms_7"]
        assert all(morsel["max-age"] in {0, "0"} for morsel in gone)
        return {morsel["domain"] for morsel in gone}

    assert domains("www.qlekta.example:8000") == {"", "www.qlekta.example", "qlekta.example"}
    assert domains("127.0.0.1:8000") == {""}
    assert domains("localhost") == {""}
