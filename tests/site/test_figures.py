"""The page of figures: each app's own, for who may see them, from totals alone and in few questions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from accounts.services import register_person
from audit.ledger import append
from consent.models import RefusalCount
from consent.plots import figures as figures_of_consents
from consent.services import give, refuse
from datamap.dashboard import board
from datamap.drawing import Figure
from datamap.terms import Right
from dsar import plots
from dsar.deadlines import Channel
from dsar.models import CasePause, IdentityCheck, SubjectRequest
from dsar.services import file_request
from dsar.terms import IdentityMethod, IdentityOutcome, Stage
from outbox.models import Effect, State
from outbox.plots import figures as figures_of_effects
from qlekta.plots import figures as figures_of_visits
from retention.models import SweepRun
from retention.plots import figures as figures_of_purges
from tests.consents import HOW
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/admin/figures/"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MOST_QUESTIONS = 18
"""Four about who asks and what she may see; a page of eight pictures asks one or two for each."""


@pytest.fixture(autouse=True)
def the_clock(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=True)


def allow(user: User, *names: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))


@pytest.fixture
def staff(client: Client, officer: User) -> Client:
    allow(officer, "view_subjectrequest", "view_consentevent", "view_sweeprun", "view_effect")
    allow(officer, "view_refusalcount", "view_providergate", "view_dailystatistic")
    client.force_login(officer)
    return client


def named(figures: Callable[..., Any], key: str) -> dict[str, tuple[float | None, ...]]:
    """One figure as its table says it: label -> values."""
    with translation.override("en"):
        (found,) = (item for item in figures(now=NOW) if item.key == key)
        values = zip(*(series.values for series in found.series), strict=True)
        return dict(zip((label.full for label in found.labels), values, strict=True))


def request(due_in: int | None = None, **values: Any) -> SubjectRequest:
    """A request that is open, as the figures see it."""
    known: dict[str, Any] = {"right": Right.COMPLAINT, "received_at": NOW - 5 * DAY, "channel": Channel.EMAIL}
    number, email = f"QP-{uuid4().hex[:12]}", f"{uuid4()}@example.lv"
    due = None if due_in is None else (NOW + due_in * DAY).date()
    case = SubjectRequest.objects.create(number=number, email=email, due_on=due, **(known | values))
    case.stage = Stage.OPEN
    case.save()
    return case


def answered(after: float, *, at: datetime = NOW - DAY) -> SubjectRequest:
    case = request(received_at=at - after * DAY)
    shown = {"method": IdentityMethod.EMAIL_CODE, "outcome": IdentityOutcome.SHOWN, "at": at - after * DAY}
    IdentityCheck.objects.create(case=case, **shown)
    case.identified_at = at - after * DAY
    case.stage, case.answered_at, case.closed_at, case.ends_at = Stage.ANSWERED, at, at, at + 300 * DAY
    case.save()
    return case


def report(days_ago: int, *, table: str = "visits.Visit", rule: str = "VISIT_LOG", **values: Any) -> None:
    counts = {"due": 0, "deleted": 0, "held": 0, "failed": 0, **values}
    append(
        SweepRun(
            run=uuid4(),
            table=table,
            rule=rule,
            rule_version="1",
            applied=True,
            at=NOW - days_ago * DAY,
            duration_ms=1,
            **counts,
        )
    )


def test_requests_stand_in_the_week_in_which_they_are_due() -> None:
    for due_in in (-40, -1, 0, 1, 8, 200, None):
        request(due_in)
    rows = {label: values[0] for label, values in named(plots.figures, "due").items() if values[0]}
    assert rows == {
        "overdue": 2,
        "the rest of this week": 2,
        "week from 30 November 2026": 1,
        "later": 1,
        "the clock stands still": 1,
    }


def test_answer_times_are_told_by_month_beside_the_limit_of_one_month() -> None:
    for days in range(1, 11):
        answered(days)
    answered(40, at=datetime(2026, 3, 20, tzinfo=UTC))
    rows = named(plots.figures, "times")
    told = {month: rows[month] for month in ("November 2026", "March 2026", "April 2026")}
    assert told == {"November 2026": (5.5, 9.1, 31), "March 2026": (40, 40, 28), "April 2026": (None, None, 31)}


def test_what_was_late_stands_in_the_month_in_which_it_was_due() -> None:
    october = datetime(2026, 10, 20, 9, tzinfo=UTC)
    answered(20, at=october)
    answered(45, at=october)  # due on 5 October
    paused = answered(45, at=october)
    asked = october - 44 * DAY
    CasePause.objects.create(case=paused, kind="id", asked_at=asked, answered_at=asked + 30 * DAY)
    request(-1)
    request(-500)
    rows = named(plots.figures, "late")
    assert {month: values for month, values in rows.items() if any(values)} == {
        "October 2026": (1, 0),
        "November 2026": (0, 1),
        "December 2025": (0, 1),
    }


def test_requests_are_counted_by_right_and_month_of_receipt(person: User) -> None:
    request(5)
    request(5, right=Right.ERASURE, received_at=NOW - 40 * DAY)
    with translation.override("en"):
        (rights,) = (item for item in plots.figures(now=NOW) if item.key == "rights")
        assert [(str(item.name), sum(filter(None, item.values))) for item in rights.series] == [
            ("Erasure of data", 1),
            ("Complaint", 1),
        ]
    assert named(plots.figures, "rights")["October 2026"] == (1, 0)


@pytest.mark.clause("Q10.8")
@pytest.mark.usefixtures("published_texts")
def test_a_share_of_consents_is_shown_from_ten_and_ten_people_on() -> None:
    def share() -> tuple[float | None, ...]:
        return named(figures_of_consents, "consents")["November 2026"]

    for number in range(20):
        act = give if number < 10 else refuse
        assert not any(share())
        one = register_person(email=f"p{number}@example.lv", password=PASSWORD, given_name="", family_name="", now=NOW)
        act(one.pk, "PROFILING", now=NOW, **HOW)
    assert [value for value in share() if value is not None] == [50.0]


@pytest.mark.clause("Q11.16")
def test_refused_cookies_alone_tell_no_share() -> None:
    RefusalCount.objects.create(day=NOW.date(), notice="a", language="lv", method="cookie_banner", count=50)
    assert named(figures_of_consents, "cookie-choices")["November 2026"] == (None,)


@pytest.mark.clause("Q5.11")
def test_purges_are_told_by_day_and_rule_with_what_was_held_and_what_failed() -> None:
    report(1, deleted=4, due=4)
    report(1, deleted=3, due=9, held=5, failed=1)
    report(60, deleted=1000, due=1000)
    report(2, table="dsar.SubjectRequest", rule="VOLUNTARY", deleted=0)
    assert named(figures_of_purges, "purged")["24 November 2026"] == (7, 5, 1)
    by_rule = named(figures_of_purges, "rules")
    assert (by_rule["24 November 2026"], {*by_rule.values()}) == ((7,), {(7,), (0,)})


@pytest.mark.clause("Q5.10")
def test_the_oldest_visit_stands_against_twenty_weeks() -> None:
    report(3, oldest_at=NOW - 3 * DAY - 70 * DAY)
    report(3, oldest_at=NOW - 3 * DAY - 140 * DAY)
    report(3, table="visits.PageUse", oldest_at=NOW - 900 * DAY)
    rows = named(figures_of_visits, "oldest-visit")
    assert (rows["22 November 2026"], rows["25 November 2026"]) == ((20, 20), (None, 20))


def test_effects_are_counted_by_service_and_the_oldest_is_aged() -> None:
    facts = {"aggregate": "a", "created_at": NOW, "due_at": NOW - timedelta(minutes=90)}
    Effect.objects.create(kind="mailing.send", state=State.UNKNOWN, **facts)
    Effect.objects.create(kind="mailing.send", state=State.FAILED, last_error="x", **{**facts, "due_at": NOW - DAY})
    Effect.objects.create(kind="mailing.send", state=State.DONE, finished_at=NOW, **facts)
    assert list(named(figures_of_effects, "effects").values()) == [(0, 0, 1, 1)]
    assert list(named(figures_of_effects, "waiting").values()) == [(90,)]


@pytest.mark.requirement("G3", "G6")
def test_everybody_sees_the_boards_of_the_own_pages_only(
    staff: Client, officer: User, person: User, django_user_model: Any
) -> None:
    def seen(client: Client) -> list[str]:
        return [item["key"] for item in client.get(PAGE).context["boards"]]

    assert seen(staff) == ["requests", "consents", "purges", "outbox", "visits"]
    assert PAGE in staff.get(reverse("admin:index")).content.decode()
    officer.user_permissions.set(Permission.objects.filter(codename="view_subjectrequest"))
    assert seen(staff) == ["requests"]
    officer.user_permissions.clear()
    assert staff.get(PAGE).status_code == 403
    assert PAGE not in staff.get(reverse("admin:index")).content.decode()
    theirs = Client()
    assert theirs.get(PAGE).status_code == 302
    theirs.force_login(person)
    assert theirs.get(PAGE).status_code in (302, 403)


@pytest.mark.requirement("G6")
def test_nobody_stands_in_a_picture(staff: Client, person: User) -> None:
    case = file_request(
        user=person, right=Right.COMPLAINT, channel=Channel.PORTAL_AUTH, text="my words", now=timezone.now()
    )
    page = staff.get(PAGE).content.decode()
    assert page.count("<svg") >= 4
    for secret in (person.email, "my words", case.number, str(person.pk), str(case.pk)):
        assert secret not in page
    assert "style=" not in page


def test_the_page_asks_as_much_for_many_rows_as_for_few(staff: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(PAGE).status_code == 200
        return len(queries)

    answered(45)
    report(1, deleted=1)
    asked()
    few = asked()
    for days in range(1, 30):
        request(days)
        answered(days + 10)
        report(days, deleted=days, oldest_at=NOW - 100 * DAY)
    assert asked() == few <= MOST_QUESTIONS


@pytest.mark.parametrize(("language", "words"), [("lv", "Kavējas"), ("en", "Overdue"), ("ru", "Просроч")])
def test_the_page_speaks_the_language_of_its_reader(staff: Client, language: str, words: str) -> None:
    request(-3)
    page = staff.get(f"{PAGE}?lang={language}").content.decode()
    assert words.lower() in page.lower()


def test_a_board_has_one_maker() -> None:
    def mine(*, now: datetime) -> list[Figure]:
        return []

    with pytest.raises(ValueError, match="already"):
        board("requests", "again", permission="x.y", place=9)(mine)
