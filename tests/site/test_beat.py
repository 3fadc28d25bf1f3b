"""The scheduler's table: every entry rings a task that exists, at the rhythm its name says."""

import pytest
from celery.schedules import crontab, schedule

from qlekta.celery import app

RHYTHMS = {"hourly": 3600.0, "daily": 86400.0}
ENTRIES = app.conf.beat_schedule


def period(rhythm: schedule | crontab) -> float:
    """Return the seconds between two ticks."""
    if not isinstance(rhythm, crontab):
        return float(schedule(rhythm).seconds)
    assert len(rhythm.minute) == 1, "a crontab entry here ticks at one minute of the hour"
    return 3600.0 if len(rhythm.hour) == 24 else 86400.0 / len(rhythm.hour)


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
