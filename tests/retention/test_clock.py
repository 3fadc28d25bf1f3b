"""A clock that jumped deletes nothing until somebody says it is right; a beat that was dead catches up (R6, R9)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import LoginEvent, User
from audit import trail
from audit.trail import Actor
from datamap.registry import registry
from retention import clock
from retention.models import SweepRun
from retention.sweeps import sweep_all
from tests.retention.conftest import NOW

pytestmark = pytest.mark.clause("Q5.11")
LOG_INS = "accounts.LoginEvent"
TERM = timedelta(weeks=20)
DAY = timedelta(days=1)

LogIns = Callable[..., None]

RULES = (LOG_INS, "visits.Visit", "retention.ArchiveRecord")


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is judged for all rules together: three of them show it as well as all, and sooner."""
    rules = [registry().holding(table) for table in RULES]
    monkeypatch.setattr("retention.sweeps.swept_holdings", lambda: rules)
    monkeypatch.setattr("retention.sweeps.swept_stores", list)


@pytest.fixture
def log_ins(person: User) -> LogIns:
    """So many log-ins, evenly over the twenty weeks before `until`."""

    def plant(count: int, *, until: datetime) -> None:
        LoginEvent.objects.bulk_create(
            LoginEvent(user=person, at=until - TERM * (number / count), kind="login") for number in range(count)
        )

    return plant


@pytest.fixture
def ready(client: Client) -> Callable[[], dict[str, Any]]:
    return lambda: client.get("/readyz").json()["checks"]["clock"]


def of_log_ins(runs: list[SweepRun]) -> tuple[int, str]:
    (run,) = (run for run in runs if run.table == LOG_INS)
    return run.deleted, run.failure


@pytest.mark.requirement("R6", "F20")
def test_a_clock_that_jumped_forward_deletes_nothing_and_turns_the_site_red(
    log_ins: LogIns, ready: Callable[[], dict[str, Any]]
) -> None:
    log_ins(clock.LARGE, until=NOW)
    sweep_all(now=NOW, apply=True)
    assert ready() == {"ok": True}
    runs = sweep_all(now=NOW + 141 * DAY, apply=True)
    assert {(run.failure, run.deleted, run.applied) for run in runs} == {("clock", 0, False)}
    assert LoginEvent.objects.count() > clock.LARGE * 0.99
    assert ready() == {"ok": False, "reason": clock.WHAT_TO_DO}


@pytest.mark.requirement("R6", "F20")
def test_a_small_table_is_not_emptied_by_a_clock_that_jumped(log_ins: LogIns, person: User) -> None:
    log_ins(10, until=NOW)
    sweep_all(now=NOW, apply=True)
    later = NOW + 141 * DAY
    trail.record("test.jumped", actor=Actor.system("test"), now=later - timedelta(minutes=5))
    assert of_log_ins(sweep_all(now=later, apply=True)) == (0, "clock")
    assert LoginEvent.objects.count() == 10
    assert of_log_ins(sweep_all(now=later, apply=True, confirm_clock=True)) == (10, "")


@pytest.mark.requirement("R6", "R9")
def test_a_site_that_was_at_work_while_beat_was_dead_needs_no_word(log_ins: LogIns, person: User) -> None:
    log_ins(10, until=NOW)
    sweep_all(now=NOW, apply=True)
    for day in range(1, 141):
        trail.record("test.work", actor=Actor.system("test"), now=NOW + day * DAY)
    assert of_log_ins(sweep_all(now=NOW + 141 * DAY, apply=True)) == (10, "")


@pytest.mark.requirement("R6")
def test_a_clock_that_was_confirmed_goes_on(log_ins: LogIns, ready: Callable[[], dict[str, Any]]) -> None:
    log_ins(clock.LARGE, until=NOW)
    sweep_all(now=NOW, apply=True)
    sweep_all(now=NOW + 141 * DAY, apply=True)
    runs = sweep_all(now=NOW + 141 * DAY, apply=True, confirm_clock=True)
    assert of_log_ins(runs)[1] == ""
    assert not LoginEvent.objects.exists()
    assert ready() == {"ok": True}


@pytest.mark.requirement("R6")
def test_a_clock_that_was_set_right_again_needs_no_word(log_ins: LogIns) -> None:
    log_ins(clock.LARGE, until=NOW)
    sweep_all(now=NOW, apply=True)
    sweep_all(now=NOW + 141 * DAY, apply=True)
    assert of_log_ins(sweep_all(now=NOW + DAY, apply=True))[1] == ""


@pytest.mark.requirement("R6", "F20")
def test_a_clock_that_went_backwards_deletes_nothing(log_ins: LogIns) -> None:
    sweep_all(now=NOW, apply=True)
    log_ins(10, until=NOW - 2 * TERM)
    assert of_log_ins(sweep_all(now=NOW - TERM, apply=True)) == (0, "clock")
    assert of_log_ins(sweep_all(now=NOW - timedelta(minutes=5), apply=True)) == (10, "")


@pytest.mark.requirement("R9", "F19")
def test_three_weeks_without_a_beat_are_caught_up_in_one_run_that_says_so(log_ins: LogIns) -> None:
    log_ins(2 * clock.LARGE, until=NOW)
    sweep_all(now=NOW, apply=True)
    deleted, failure = of_log_ins(sweep_all(now=NOW + 21 * DAY, apply=True))
    assert (deleted > 0.14 * 2 * clock.LARGE, failure) == (True, "")
    assert not LoginEvent.objects.filter(at__lte=NOW + 21 * DAY - TERM).exists()


@pytest.mark.requirement("R6")
def test_the_command_asks_and_its_word_is_taken(log_ins: LogIns) -> None:
    now = timezone.now()
    sweep_all(now=now + DAY, apply=True)
    with pytest.raises(CommandError, match="--confirm-clock"):
        call_command("purge", "--apply", stdout=StringIO())
    call_command("purge", "--apply", "--confirm-clock", stdout=StringIO())
    assert SweepRun.objects.latest("id").failure == ""


@pytest.mark.requirement("O3")
def test_the_site_turns_red_from_an_old_row_also_when_beat_never_ran(log_ins: LogIns, client: Client) -> None:
    assert client.get("/readyz").json()["checks"]["purge"] == {"ok": True, "overdue": []}
    log_ins(1, until=timezone.now() - TERM - timedelta(hours=2))
    assert not SweepRun.objects.exists()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["purge"] == {"ok": False, "overdue": [LOG_INS]}
