"""Public holidays of Latvia as dated data: statute only, never days that the Cabinet moved (1182/71, Art. 2(1)).

A moved day off is a working day here, and a moved working Saturday stays a Saturday: both err to the earlier date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

TABLE_VERSION = "2026-11"
"""Goes into every event of a case, so that a date can be explained with the table it was computed from."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A holiday on the same day of each year; `substitute` gives a free Monday for one that falls on a weekend."""

    month: int
    day: int
    since: int
    substitute_since: int | None = None


@dataclass(frozen=True, slots=True)
class FromEaster:
    """A holiday so many days after Easter Sunday."""

    days: int
    since: int


FIXED = (
    Fixed(1, 1, since=1991),
    Fixed(5, 1, since=1991),
    Fixed(5, 4, since=2002, substitute_since=2007),
    Fixed(6, 23, since=1991),
    Fixed(6, 24, since=1991),
    Fixed(11, 18, since=1991, substitute_since=2007),
    Fixed(12, 24, since=2007),
    Fixed(12, 25, since=1991),
    Fixed(12, 26, since=1991),
    Fixed(12, 31, since=1991),
)
MOVING = (FromEaster(-2, since=1991), FromEaster(0, since=1991), FromEaster(1, since=1997), FromEaster(49, since=1996))
ONCE = (
    date(2018, 9, 24),  # visit of Pope Francis, law of 21 June 2018
    date(2023, 5, 29),  # bronze at the ice hockey championship, law of 28 May 2023
)
FESTIVAL_CLOSINGS = (date(2018, 7, 8), date(2023, 7, 9), date(2028, 7, 9))
"""Closing days of the Song and Dance Festival; one on a weekend frees the Monday after. 2028: as announced."""


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar: the Sunday after the first full moon of spring, by the lunar cycle."""
    century, golden = year // 100, year % 19
    leap_skips = century - century // 4
    moon_shift = (8 * century + 13) // 25
    epact = (leap_skips - moon_shift + 19 * golden + 15) % 30
    full_moon = epact - (epact == 29 or (epact == 28 and golden > 10))
    weekday = (year + year // 4 + full_moon + 2 - leap_skips) % 7
    return date(year, 3, 28) + timedelta(days=full_moon - weekday)


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The statutory holidays of one year, substitutes included."""
    return frozenset(day for day in _candidates(year) if day.year == year)


def _candidates(year: int) -> Iterator[date]:
    yield from (_fixed(item, year) for item in FIXED if year >= item.since)
    for item in FIXED:
        if item.substitute_since is not None and year >= item.substitute_since:
            yield _off_the_weekend(_fixed(item, year))
    if year >= MOVING[0].since:
        easter = easter_sunday(year)
        yield from (easter + timedelta(days=item.days) for item in MOVING if year >= item.since)
        yield _mothers_day(year)
    yield from ONCE
    for closing in FESTIVAL_CLOSINGS:
        yield closing
        yield _off_the_weekend(closing)


def _fixed(item: Fixed, year: int) -> date:
    return date(year, item.month, item.day)


def _mothers_day(year: int) -> date:
    """The second Sunday of May."""
    return date(year, 5, 14) - timedelta(days=(date(year, 5, 14).weekday() + 1) % 7)


def _off_the_weekend(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day


def is_working_day(day: date) -> bool:
    """Neither Saturday nor Sunday nor a public holiday."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def next_working_day(day: date) -> date:
    """The day itself, or the first working day after it (Regulation 1182/71, Art. 3(4))."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_days_after(day: date, count: int) -> date:
    """The working day that is `count` working days after this one."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def working_days_before(day: date, count: int) -> date:
    """The working day that is `count` working days before this one."""
    for _ in range(count):
        day -= timedelta(days=1)
        while not is_working_day(day):
            day -= timedelta(days=1)
    return day
