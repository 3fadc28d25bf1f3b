"""The arithmetic of deadlines against the hand-written vectors and the edges between them (clauses.md 2.4)."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from holidays import country_holidays

from dsar.deadlines import BadMoment, Channel, Clock, Extension, Pause, PauseKind, answer_due, breach_notice_due
from dsar.deadlines.calendar import easter_sunday, is_working_day, public_holidays
from dsar.deadlines.reading import read_moment, read_pause

VECTORS = list(csv.DictReader((Path(__file__).parent.parent / "data" / "deadline_vectors.csv").open()))
REQUESTS = [row for row in VECTORS if row["kind"] == "dsar"]
BREACHES = [row for row in VECTORS if row["kind"] == "breach72h"]
KEYS = ["target", "first_due", "due", "ends_before_utc", "status", "extension", "paused_days", "steps"]


def due_on(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("due_on", *arguments, stdout=out)
    printed: dict[str, Any] = json.loads(out.getvalue())
    return printed


@pytest.mark.clause("Q16.11")
@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row["id"])
def test_each_vector_of_a_request_comes_out(row: dict[str, str]) -> None:
    pauses = [f"--pause={text}" for text in row["pauses"].split(";") if text]
    extended = ["--extended", row["extension_notified_at"]] if row["extension_notified_at"] else []
    printed = due_on("--received", row["received_at"], "--channel", row["channel"], *pauses, *extended)
    assert list(printed) == KEYS
    assert printed["target"] == row["target_date_unrolled"]
    assert printed["first_due"] == row["first_due_date"]
    assert printed["due"] == row["expected_due"]
    assert printed["ends_before_utc"] == row["expected_end_utc_exclusive"]
    assert printed["extension"] == row["extension_status"]
    assert printed["paused_days"] == int(row["paused_days"])
    assert printed["status"] == "RUNNING"
    assert printed["steps"]


@pytest.mark.clause("Q16.11")
@pytest.mark.parametrize("row", BREACHES, ids=lambda row: row["id"])
def test_each_vector_of_a_breach_comes_out(row: dict[str, str]) -> None:
    printed = due_on("--received", row["received_at"], "--kind", "breach")
    assert list(printed) == KEYS
    assert printed["due"] == row["expected_due"]
    assert printed["ends_before_utc"] == row["expected_end_utc_exclusive"]


def test_all_vectors_were_read() -> None:
    assert len(REQUESTS) + len(BREACHES) == len(VECTORS) > 50


RECEIVED = datetime(2026, 9, 1, 9, tzinfo=UTC)


def asked(kind: PauseKind, after_days: int, for_days: int | None) -> Pause:
    at = RECEIVED + timedelta(days=after_days)
    return Pause(kind, at, None if for_days is None else at + timedelta(days=for_days))


def test_a_log_in_is_never_doubted() -> None:
    doubt = asked(PauseKind.IDENTITY, 1, 7)
    assert answer_due(RECEIVED, pauses=[doubt], channel=Channel.PORTAL_AUTH).paused_days == 0
    assert answer_due(RECEIVED, pauses=[doubt], channel=Channel.EMAIL).paused_days == 7


def test_a_question_asked_on_the_fourth_working_day_does_not_stop_the_clock() -> None:
    assert answer_due(RECEIVED, pauses=[asked(PauseKind.CLARIFICATION, 3, 5)]).paused_days == 5
    assert answer_due(RECEIVED, pauses=[asked(PauseKind.CLARIFICATION, 6, 5)]).paused_days == 0


def test_a_second_question_is_measured_from_the_answer_to_the_first() -> None:
    first, second = asked(PauseKind.IDENTITY, 1, 13), asked(PauseKind.CLARIFICATION, 17, 2)
    assert answer_due(RECEIVED, pauses=[second, first]).paused_days == 15


def test_a_late_question_does_not_open_the_door_for_another() -> None:
    late, later = asked(PauseKind.IDENTITY, 10, 4), asked(PauseKind.CLARIFICATION, 15, 2)
    assert answer_due(RECEIVED, pauses=[late, later]).paused_days == 0


def test_an_open_pause_has_no_due_date() -> None:
    deadline = answer_due(RECEIVED, pauses=[asked(PauseKind.CLARIFICATION, 1, None)])
    assert (deadline.status, deadline.due, deadline.first_due) == (Clock.PAUSED, None, None)
    assert deadline.target == date(2026, 10, 1)
    assert not deadline.is_overdue(RECEIVED + timedelta(days=400))


def test_an_open_pause_is_printed_without_dates() -> None:
    printed = due_on("--received", "2026-09-01T09:00:00+03:00", "--pause", "id=2026-09-02T09:00:00+03:00>")
    assert (printed["status"], printed["due"], printed["ends_before_utc"]) == ("PAUSED", None, None)


def test_a_notice_one_day_late_extends_nothing() -> None:
    deadline = answer_due(RECEIVED, extended_at=datetime(2026, 10, 1, 21, tzinfo=UTC))
    assert (deadline.extension, deadline.due) == (Extension.LATE, date(2026, 10, 1))


def test_what_takes_effect_at_once_cannot_be_extended() -> None:
    deadline = answer_due(RECEIVED, extended_at=RECEIVED, extendable=False)
    assert (deadline.extension, deadline.due) == (Extension.UNAVAILABLE, deadline.first_due)


def test_overdue_begins_at_midnight_in_riga() -> None:
    deadline = answer_due(RECEIVED)
    end = datetime(2026, 10, 1, 21, tzinfo=UTC)
    assert not deadline.is_overdue(end - timedelta(microseconds=1))
    assert deadline.is_overdue(end)


@pytest.mark.requirement("P4")
def test_ten_thousand_days_agree_with_an_oracle_that_counts_days_one_by_one() -> None:
    start = datetime(2018, 5, 25, 12, tzinfo=UTC)
    for moment in (start + timedelta(days=n) for n in range(10_000)):
        assert answer_due(moment).due == oracle(moment.date())


def oracle(day: date) -> date:
    """The same day number in the next month, found by walking; the month's last day where it has none."""
    walker = day.replace(day=28) + timedelta(days=4)
    walker = walker.replace(day=1)
    while walker.day != day.day and (walker + timedelta(days=1)).day != 1:
        walker += timedelta(days=1)
    while not is_working_day(walker):
        walker += timedelta(days=1)
    return walker


@pytest.mark.parametrize("year", range(2018, 2041))
def test_holidays_agree_with_the_public_table_without_moved_days(year: int) -> None:
    table = country_holidays("LV", years=year, language="lv")
    statute = {day for day, name in table.items() if "pārcelt" not in name.lower()}
    differing = {day for day in public_holidays(year) ^ statute if day.weekday() < 6}
    assert differing == ({date(2028, 7, 10)} if year == 2028 else set())


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (1961, (4, 2)),
        (2000, (4, 23)),
        (2008, (3, 23)),
        (2011, (4, 24)),
        (2026, (4, 5)),
        (2038, (4, 25)),
        (2285, (3, 22)),
    ],
)
def test_easter_falls_where_the_tables_say(year: int, expected: tuple[int, int]) -> None:
    assert easter_sunday(year) == date(year, *expected)


BAD_MOMENTS = [
    "0000-01-01T00:00:00+00:00",
    "10000-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+14:00",
    "2026-03-05T10:00:00",
    "2026-03-05",
    "2026-02-30T10:00:00+02:00",
    "soon",
    "",
    "\x00",
]


@pytest.mark.parametrize("text", BAD_MOMENTS)
@pytest.mark.parametrize("kind", ["request", "breach"])
def test_a_bad_moment_is_refused_with_a_sentence(text: str, kind: str) -> None:
    with pytest.raises(CommandError, match=r"\w+.*\.$"):
        due_on(f"--received={text}", "--kind", kind)


@pytest.mark.parametrize(
    "text", ["", "id", "id=", "id=2026-09-02T09:00:00+03:00", "x=2026-09-02T09:00:00+03:00>", "id=>"]
)
def test_a_bad_pause_is_refused(text: str) -> None:
    with pytest.raises(BadMoment):
        read_pause(text)


def test_moments_out_of_order_are_refused() -> None:
    before = RECEIVED - timedelta(hours=1)
    with pytest.raises(BadMoment):
        answer_due(RECEIVED, pauses=[Pause(PauseKind.IDENTITY, before)])
    with pytest.raises(BadMoment):
        answer_due(RECEIVED, pauses=[Pause(PauseKind.IDENTITY, RECEIVED, before)])
    with pytest.raises(BadMoment):
        answer_due(RECEIVED, extended_at=before)
    with pytest.raises(BadMoment):
        breach_notice_due(datetime(2026, 1, 1))  # noqa: DTZ001 -- the missing zone is the point


def test_a_breach_knows_neither_pause_nor_extension() -> None:
    with pytest.raises(CommandError):
        due_on("--received", "2026-09-01T09:00:00+03:00", "--kind", "breach", "--extended", "2026-09-02T09:00:00+03:00")


def test_a_moment_is_read_with_z_and_with_an_offset() -> None:
    assert read_moment("2026-03-05T08:00:00Z") == read_moment("2026-03-05T10:00:00+02:00")
