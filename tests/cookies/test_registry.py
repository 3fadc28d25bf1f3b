"""Declarations of cookies: found in every app, complete, and one for each name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cookies.checks import errors_of
from cookies.cookies import COOKIES
from cookies.registry import Category, Cookie, Kind, Register, declared
from datamap.terms import Safeguard
from tests.cookies.conftest import ANALYTICS, MARKETING


def ids(*services: object) -> list[str | None]:
    return [error.id for error in errors_of(services)]  # type: ignore[arg-type]


@pytest.mark.clause("Q11.3")
def test_the_declarations_of_this_site_are_complete() -> None:
    assert all(service in declared() for service in COOKIES)
    assert ids(*declared()) == []
    assert ids(*COOKIES, ANALYTICS, MARKETING) == []


@pytest.mark.clause("Q11.7")
@pytest.mark.parametrize("field", ["key", "title", "provider", "country", "reduced"])
def test_a_declaration_that_leaves_something_out_fails_the_build(field: str) -> None:
    nothing: dict[str, Any] = {field: ""}
    assert "cookies.E001" in ids(replace(ANALYTICS, **nothing))


def test_a_cookie_without_reason_or_declared_twice_fails_the_build() -> None:
    silent = Cookie(name="x", why="", kind=Kind.HTTP, lifetime=None)
    assert ids(replace(COOKIES[0], cookies=(silent,))) == ["cookies.E001"]
    assert ids(ANALYTICS, replace(ANALYTICS, key="again")) == ["cookies.E003"]


def test_a_necessary_thing_that_would_stay_for_ever_fails_the_build() -> None:
    eternal = Cookie(name="x", why="because", kind=Kind.LOCAL, lifetime=None)
    assert ids(replace(COOKIES[0], cookies=(eternal,))) == ["cookies.E002"]


@pytest.mark.clause("Q11.15")
def test_a_third_party_names_its_policy_and_its_safeguard() -> None:
    assert ids(replace(ANALYTICS, policy_url="")) == ["cookies.E004"]
    assert ids(replace(MARKETING, safeguard=Safeguard.NONE_NEEDED)) == ["cookies.E004"]


@pytest.mark.clause("Q11.4", "Q11.9")
def test_only_optional_categories_in_use_are_asked_about() -> None:
    assert Register(COOKIES).asked == (Category.FUNCTIONAL,)
    assert Register(COOKIES[:2]).asked == ()
    assert Register((*COOKIES, ANALYTICS, MARKETING)).asked == (
        Category.FUNCTIONAL,
        Category.ANALYTICS,
        Category.MARKETING,
    )


def test_names_are_found_by_pattern() -> None:
    site = Register((*COOKIES, ANALYTICS))
    assert site.find("_ms_123") == (ANALYTICS, ANALYTICS.cookies[0])
    assert site.find("_other") is None


def test_the_notice_changes_with_what_a_consent_rests_on_and_with_nothing_else() -> None:
    site, before = Register((*COOKIES, ANALYTICS)), Register((*COOKIES, ANALYTICS)).notice
    longer = replace(ANALYTICS, cookies=(replace(ANALYTICS.cookies[0], lifetime=timedelta(days=90)),))
    assert Register((*COOKIES, longer)).notice != before
    assert Register((*COOKIES, replace(ANALYTICS, provider="Else"))).notice != before
    assert Register((*COOKIES, replace(ANALYTICS, title="Better words"))).notice == before
    assert site.notice == before
