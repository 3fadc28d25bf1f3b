"""Storage ends: exact to the microsecond, never rolled, never rounded up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamap.catalogue import catalogue, period
from datamap.periods import RIGA, CalendarYears, Elapsed, FullYearsAfter

AWARE = st.datetimes(
    min_value=datetime(2018, 1, 1),  # noqa: DTZ001 - hypothesis takes naive bounds and adds the zone itself
    max_value=datetime(2060, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)


@pytest.mark.clause("Q5.10")
@pytest.mark.parametrize(
    ("now", "is_due"),
    [
        ("2026-07-18T23:59:59+00:00", False),
        ("2026-07-19T00:00:00+00:00", True),
    ],
)
def test_a_visit_is_due_at_exactly_twenty_weeks(now: str, is_due: bool) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    assert period("VISIT_LOG").is_due(start, now=datetime.fromisoformat(now)) is is_due


def test_twenty_weeks_are_elapsed_time_across_a_clock_change() -> None:
    start = datetime.fromisoformat("2026-10-24T12:00:00+03:00")
    assert period("VISIT_LOG").ends_at(start) == datetime.fromisoformat("2027-03-13T09:00:00+00:00")


@pytest.mark.clause("Q10.4")
def test_six_years_clamp_the_leap_day_down() -> None:
    deleted_at = datetime.fromisoformat("2024-02-29T12:00:00+02:00")
    assert period("ARCHIVE").ends_at(deleted_at) == datetime.fromisoformat("2030-02-28T10:00:00+00:00")


@pytest.mark.clause("Q17.3")
@pytest.mark.parametrize(
    ("issued", "ends"),
    [
        ("2026-05-10T12:00:00+03:00", "2031-12-31T22:00:00+00:00"),
        ("2026-12-31T22:30:00+00:00", "2032-12-31T22:00:00+00:00"),
    ],
)
def test_invoices_stay_for_five_full_years_of_riga(issued: str, ends: str) -> None:
    assert period("INVOICE").ends_at(datetime.fromisoformat(issued)) == datetime.fromisoformat(ends)


@given(AWARE)
def test_calendar_years_never_run_past_the_same_day_of_the_year(start: datetime) -> None:
    end = CalendarYears(6).ends_at(start).astimezone(RIGA)
    local = start.astimezone(RIGA)
    assert (end.year, end.month) == (local.year + 6, local.month)
    assert end.day <= local.day


@given(AWARE, st.integers(min_value=1, max_value=10))
def test_full_years_end_at_a_new_year_of_riga(start: datetime, years: int) -> None:
    end = FullYearsAfter(years).ends_at(start).astimezone(RIGA)
    assert (end.month, end.day, end.hour, end.minute) == (1, 1, 0, 0)


@given(AWARE)
def test_the_latest_due_start_is_due_and_the_next_microsecond_is_not(now: datetime) -> None:
    term = Elapsed(timedelta(weeks=20))
    start = term.latest_due_start(now)
    assert term.ends_at(start) <= now < term.ends_at(start + timedelta(microseconds=1))


def test_a_criterion_has_no_end() -> None:
    assert period("ACCOUNT").ends_at(datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_every_period_names_its_source() -> None:
    assert [item.code for item in catalogue().periods.values() if not item.source] == []
