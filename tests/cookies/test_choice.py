"""The consent cookie: what is written can be read, everything else is no choice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookies.choice import CookieConsent, State, read_choice, today_utc, write_choice
from cookies.cookies import COOKIES
from cookies.registry import OPTIONAL, Category, Register
from tests.cookies.conftest import ANALYTICS, MARKETING

TODAY = date(2026, 11, 22)
SITE = Register((*COOKIES, ANALYTICS, MARKETING))


def read(value: str, *, site: Register = SITE, signal: bool = False, day: date = TODAY) -> CookieConsent:
    return read_choice(value, register=site, signal=signal, today=day)


@given(accepted=st.frozensets(st.sampled_from(OPTIONAL)), receipt=st.none() | st.uuids())
def test_every_choice_reads_back_as_it_was_written(accepted: frozenset[Category], receipt: UUID | None) -> None:
    value = write_choice(dict.fromkeys(accepted, True), register=SITE, receipt=receipt, today=TODAY)
    found = read(value)
    assert (found.accepted, found.receipt, found.chosen_on, found.asks) == (accepted, receipt, TODAY, ())
    assert found.state is (State.CHOSEN if accepted else State.REFUSED)
    assert len(value) < 100


@given(st.text(max_size=60))
def test_whatever_else_stands_in_the_cookie_is_no_choice(value: str) -> None:
    assert read(value).state is State.UNDECIDED
    assert read(value).asks == OPTIONAL


@pytest.mark.parametrize("day", ["20261123", "20261301", "00000000", "99991231"])
def test_a_choice_of_tomorrow_or_of_no_day_is_no_choice(day: str) -> None:
    value = write_choice(dict.fromkeys(OPTIONAL, True), register=SITE, receipt=None, today=TODAY)
    assert read(value.replace("20261122", day)).state is State.UNDECIDED


def test_a_choice_holds_181_days_and_is_asked_again_on_day_182() -> None:
    value = write_choice(dict.fromkeys(OPTIONAL, True), register=SITE, receipt=uuid4(), today=TODAY)
    assert read(value, day=TODAY + timedelta(days=181)).analytics
    late = read(value, day=TODAY + timedelta(days=182))
    assert (late.state, late.accepted, late.asks) == (State.EXPIRED, frozenset(), OPTIONAL)


def test_only_the_purpose_that_changed_is_asked_again() -> None:
    value = write_choice(dict.fromkeys(OPTIONAL, True), register=SITE, receipt=None, today=TODAY)
    changed = Register((*COOKIES, replace(ANALYTICS, provider="Somebody Else"), MARKETING))
    found = read(value, site=changed)
    assert (found.state, found.asks) == (State.STALE, (Category.ANALYTICS,))
    assert found.accepted == {Category.FUNCTIONAL, Category.MARKETING}


def test_a_new_purpose_is_not_covered_by_the_old_choice() -> None:
    value = write_choice({Category.FUNCTIONAL: True}, register=Register(COOKIES), receipt=None, today=TODAY)
    found = read(value)
    assert (found.functional, found.analytics, found.asks) == (True, False, (Category.ANALYTICS, Category.MARKETING))


def test_a_browser_that_signals_refusal_is_not_asked_but_can_still_choose() -> None:
    assert read("", signal=True) == CookieConsent(State.REFUSED_BY_SIGNAL)
    value = write_choice({Category.ANALYTICS: True}, register=SITE, receipt=None, today=TODAY)
    assert read(value, signal=True).analytics


def test_cached_fragments_know_few_visitors() -> None:
    keys = {
        read(write_choice({Category.FUNCTIONAL: yes}, register=SITE, receipt=uuid4(), today=TODAY)).cache_key
        for yes in (True, False, True, False)
    }
    assert keys == {"set-f", "set-"}


def test_the_day_of_a_choice_is_that_of_utc() -> None:
    assert today_utc(datetime.fromisoformat("2026-11-22T01:30:00+02:00")) == date(2026, 11, 21)
    assert today_utc(datetime(2026, 11, 22, tzinfo=UTC)) == TODAY
