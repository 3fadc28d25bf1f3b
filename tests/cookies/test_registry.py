"""Declarations of cookies: found in every app, complete, and one for each name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cookies.checks import errors_of
from cookies.cookies import OURS
from cookies.registry import Cookie, Kind, Register, declared
from datamap.terms import Safeguard
from tests.cookies.conftest import ADVERTS, MEASURING


def ids(*services: object) -> list[str | None]:
    return [error.id for error in errors_of(services)]  # type: ignore[arg-type]


@pytest.mark.clause("Q11.3")
def test_the_declarations_of_this_site_are_complete() -> None:
    assert all(service in declared() for service in OURS)
    assert ids(*declared()) == []
    assert ids(*OURS, MEASURING, ADVERTS) == []


@pytest.mark.clause("Q11.7")
@pytest.mark.parametrize("field", ["key", "title", "provider", "country", "reduced"])
def test_a_declaration_that_leaves_something_out_fails_the_build(field: str) -> None:
    nothing: dict[str, Any] = {field: ""}
    assert "cookies.E001" in ids(replace(MEASURING, **nothing))


def test_a_cookie_without_reason_or_declared_twice_fails_the_build() -> None:
    silent = Cookie(name="x", why="", kind=Kind.HTTP, lifetime=None)
    assert ids(replace(OURS[0], cookies=(silent,))) == ["cookies.E001"]
    assert ids(MEASURING, replace(MEASURING, key="again")) == ["cookies.E003"]


def test_a_necessary_thing_that_would_stay_for_ever_fails_the_build() -> None:
    eternal = Cookie(name="x", why="because", kind=Kind.LOCAL, lifetime=None)
    assert ids(replace(OURS[0], cookies=(eternal,))) == ["cookies.E002"]


@pytest.mark.clause("Q11.15")
def test_a_third_party_names_its_policy_and_its_safeguard() -> None:
    assert ids(replace(MEASURING, policy_url="")) == ["cookies.E004"]
    assert ids(replace(ADVERTS, safeguard=Safeguard.NONE_NEEDED)) == ["cookies.E004"]


@pytest.mark.clause("Q11.4", "Q11.9")
def test_only_optional_services_in_use_are_asked_about() -> None:
    assert [service.key for service in Register(OURS).asked] == ["language"]
    assert Register(OURS[:2]).asked == ()
    assert Register((ADVERTS, *OURS, MEASURING)).asked == (OURS[2], MEASURING, ADVERTS)


def test_names_are_found_by_pattern() -> None:
    site = Register((*OURS, MEASURING))
    assert site.find("_ms_123") == (MEASURING, MEASURING.cookies[0])
    assert site.find("_other") is None


def test_the_notice_changes_with_what_a_consent_rests_on_and_with_nothing_else() -> None:
    site, before = Register((*OURS, MEASURING)), Register((*OURS, MEASURING)).notice
    longer = replace(MEASURING, cookies=(replace(MEASURING.cookies[0], lifetime=timedelta(days=90)),))
    assert Register((*OURS, longer)).notice != before
    assert Register((*OURS, replace(MEASURING, provider="Else"))).notice != before
    assert Register((*OURS, replace(MEASURING, title="Better words"))).notice == before
    assert site.notice == before
