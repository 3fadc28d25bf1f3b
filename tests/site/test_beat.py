"""The scheduler's table: every entry rings a task that exists, at the rhythm its name says."""

from datetime import timedelta

import pytest
from celery.schedules import crontab

from qlekta.celery import app

RHYTHMS = {"hourly": 3600.0, "daily": 86400.0}
ENTRIES = app.conf.beat_schedule


def period(rhythm: timedelta | crontab) -> float:
    """Return the seconds between two ticks, on average over a day."""
    if isinstance(rhythm, timedelta):
        return rhythm.total_seconds()
    ticks = vars(rhythm)
    return 86_400.0 / (len(ticks["hour"]) * len(ticks["minute"]))


def said_period(name: str) -> float:
    words = name.split("-")
    return float(words[-2]) if words[-1] == "seconds" else RHYTHMS[words[-1]]


def test_the_table_is_not_empty() -> None:
    assert len(ENTRIES) >= 3


@pytest.mark.parametrize("name", ENTRIES)
def test_the_entry_resolves_to_a_task(name: str) -> None:
    app.loader.import_default_modules()
    assert ENTRIES[name]["task"] in app.tasks


@pytest.mark.parametrize("name", ENTRIES)
def test_the_name_says_the_real_rhythm(name: str) -> None:
    assert period(ENTRIES[name]["schedule"]) == said_period(name)
