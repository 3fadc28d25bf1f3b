"""The consent cookie: what is written can be read, everything else is no choice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookies.choice import CookieConsent, State, read_choice, today_utc, write_choice
from cookies.cookies import OURS
from cookies.registry import Category, Register
from tests.cookies.conftest import ADVERTS, MEASURING

TODAY = date(2026, 11, 22)
SITE = Register((*OURS, MEASURING, ADVERTS))
KEYS = tuple(service.key for service in SITE.asked)
YES = dict.fromkeys(KEYS, True)


def read(value: str, *, site: Register = SITE, signal: bool = False, day: date = TODAY) -> CookieConsent:
    return read_choice(value, register=site, signal=signal, today=day)


@given(answers=st.dictionaries(st.sampled_from(KEYS), st.booleans(), min_size=1), receipt=st.none() | st.uuids())
def test_every_choice_reads_back_as_it_was_written(answers: dict[str, bool], receipt: UUID | None) -> None:
    value = write_choice(answers, register=SITE, receipt=receipt, day=TODAY)
    found = read(value)
    assert (found.answers, found.receipt, found.chosen_on) == (answers, receipt, TODAY)
    assert {service.key for service in found.asks} == set(KEYS) - set(answers)
    assert found.services == {key for key, yes in answers.items() if yes}
    assert len(value) < 100


def test_where_a_visitor_stands_follows_from_the_answers() -> None:
    def state(**answers: bool) -> State:
        return read(write_choice(answers, register=SITE, receipt=None, day=TODAY)).state

    assert state(language=False, measuring=False, adverts=False) is State.REFUSED
    assert state(language=False) is State.UNDECIDED
    assert state(language=False, measuring=True) is State.CHOSEN
    assert state(**YES) is State.CHOSEN


@given(st.text(max_size=60))
def test_whatever_else_stands_in_the_cookie_is_no_choice(value: str) -> None:
    assert read(value).state is State.UNDECIDED
    assert read(value).asks == SITE.asked


@pytest.mark.parametrize("day", ["20261123", "20261301", "00000000", "99991231"])
def test_a_choice_of_tomorrow_or_of_no_day_is_no_choice(day: str) -> None:
    value = write_choice(YES, register=SITE, receipt=None, day=TODAY)
    assert read(value.replace("20261122", day)).state is State.UNDECIDED


def test_a_choice_holds_181_days_and_is_asked_again_on_day_182() -> None:
    value = write_choice(YES, register=SITE, receipt=uuid4(), day=TODAY)
    assert read(value, day=TODAY + timedelta(days=181)).analytics
    late = read(value, day=TODAY + timedelta(days=182))
    assert (late.state, late.services, late.asks) == (State.EXPIRED, frozenset(), SITE.asked)


def test_only_the_service_that_changed_is_asked_about_again() -> None:
    value = write_choice(YES, register=SITE, receipt=None, day=TODAY)
    changed = replace(MEASURING, provider="Somebody Else")
    found = read(value, site=Register((*OURS, changed, ADVERTS)))
    assert (found.state, found.asks) == (State.STALE, (changed,))
    assert found.accepted == {Category.FUNCTIONAL, Category.MARKETING}


def test_a_new_service_of_an_accepted_kind_is_not_covered_by_the_old_choice() -> None:
    other = replace(MEASURING, key="counting", cookies=())
    value = write_choice(YES, register=SITE, receipt=None, day=TODAY)
    found = read(value, site=Register((*OURS, MEASURING, other, ADVERTS)))
    assert (found.accepts("measuring"), found.accepts("counting"), found.asks) == (True, False, (other,))


def test_a_browser_that_signals_refusal_is_not_asked_but_can_still_choose() -> None:
    assert read("", signal=True) == CookieConsent(State.REFUSED_BY_SIGNAL)
    value = write_choice({"measuring": True}, register=SITE, receipt=None, day=TODAY)
    found = read(value, signal=True)
    assert (found.analytics, found.asks) == (True, ())
    later = TODAY + timedelta(days=182)
    assert read(value, signal=True, day=later).state is State.REFUSED_BY_SIGNAL


def test_cached_fragments_know_few_visitors() -> None:
    keys = {
        read(write_choice({**YES, "adverts": yes}, register=SITE, receipt=uuid4(), day=TODAY)).cache_key
        for yes in (True, False, True, False)
    }
    assert keys == {"set-adverts.language.measuring", "set-language.measuring"}


def test_the_day_of_a_choice_is_that_of_utc() -> None:
    assert today_utc(datetime.fromisoformat("2026-11-22T01:30:00+02:00")) == date(2026, 11, 21)
    assert today_utc(datetime(2026, 11, 22, tzinfo=UTC)) == TODAY
