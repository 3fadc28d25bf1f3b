"""What outlives the log is counts of ten people and more, by fixed groups, counted once (Q10.8, X23)."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from datamap.registry import registry
from tests.people import log_in
from tests.visits.conftest import NOON
from visits.models import DailyStatistic, Visit
from visits.partitions import ensure_days, log_connection
from visits.statistics import count_days, groups
from visits.tasks import count_finished_days
from visits.terms import Dimension

DAY = NOON.date()
NEXT_MORNING = NOON + timedelta(hours=14)
SECRET_PATH = "/privacy/requests/QP-2026-4711/?email=anna"

pytestmark = [pytest.mark.clause("Q10.8", "X23", "T19"), pytest.mark.django_db]


def visit(people: range, *, times: int = 1, **changes: str) -> None:
    usual = {"path": "/", "browser": "Firefox", "platform": "desktop"}
    ensure_days([DAY])
    Visit.objects.bulk_create(
        Visit(
            at=NOON,
            kind="page",
            user_id=UUID(int=person),
            visitor_key=f"visitor-{person}",
            ip=f"203.0.113.{person % 250}",
            method="GET",
            status=200,
            response_ms=1,
            **(usual | changes),
        )
        for person in people
        for _ in range(times)
    )


def counts(dimension: str, day: date = DAY) -> dict[str, tuple[int | None, int | None]]:
    rows = DailyStatistic.objects.filter(day=day, dimension=dimension)
    return {row.bucket: (row.visits, row.visitors) for row in rows}


def shown(dimension: str) -> dict[str, tuple[int | None, int | None]]:
    return {group: found for group, found in counts(dimension).items() if found != (None, None)}


def test_a_finished_day_is_counted_by_fixed_groups() -> None:
    visit(range(20), path="/privacy/", times=2)
    visit(range(12), path="/privacy/policy/?lang=ru")
    assert count_days(now=NEXT_MORNING) == 1
    assert shown("all") == {"all": (52, 20)}
    assert shown("page") == {"privacy:portal": (40, 20), "consent:policy": (12, 12)}
    assert shown("platform") == {"desktop": (52, 20)}
    for dimension in Dimension:
        assert set(counts(dimension)) == set(groups(dimension))


def test_a_group_below_ten_is_not_shown_and_no_subtraction_gives_it_away() -> None:
    visit(range(40))
    visit(range(40, 52), browser="Safari")
    visit(range(52, 61), browser="Edge")
    count_days(now=NEXT_MORNING)
    assert shown("all") == {"all": (61, 61)}
    # 61 - 40 leaves 21 people of two browsers; nine alone can never be computed.
    assert shown("browser") == {"Firefox": (40, 40)}


def test_hidden_groups_count_people_and_not_appearances() -> None:
    visit(range(30), path="/")
    visit(range(15), path="/account/")
    visit(range(6), path="/privacy/")
    visit(range(6), path="/privacy/policy/")
    count_days(now=NEXT_MORNING)
    assert shown("page") == {"home": (30, 30)}


@pytest.mark.parametrize(("people", "is_shown"), [(9, False), (10, True)])
def test_ten_is_the_least(people: int, is_shown: bool) -> None:
    visit(range(people), times=5)
    count_days(now=NEXT_MORNING)
    assert bool(shown("all")) == is_shown


def test_programs_are_no_visitors() -> None:
    visit(range(50), platform="robot")
    count_days(now=NEXT_MORNING)
    assert shown("all") == {}


def test_a_day_is_counted_once_after_it_is_over() -> None:
    visit(range(20))
    assert count_days(now=NOON + timedelta(hours=12, minutes=59)) == 0
    assert count_days(now=NEXT_MORNING) == 1
    visit(range(20, 21))
    assert count_days(now=NEXT_MORNING + timedelta(days=1)) == 0
    assert shown("all") == {"all": (20, 20)}


def test_a_day_of_which_a_part_is_due_is_not_counted() -> None:
    visit(range(20))
    assert count_days(now=NOON + timedelta(days=140)) == 0
    assert count_days(now=NOON + timedelta(days=139)) == 1


def test_nobody_can_be_found_in_what_is_kept() -> None:
    visit(range(20), path=SECRET_PATH, browser="203.0.113.7")
    count_days(now=NEXT_MORNING)
    with log_connection().cursor() as cursor:
        cursor.execute("SELECT v::text FROM visits_visit v LIMIT 1")
        assert "visitor-" in str(cursor.fetchone())
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(s::text, ' ') FROM visits_dailystatistic s")
        kept = str(cursor.fetchone())
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'visits_dailystatistic'"
        )
        columns = dict(cursor.fetchall())
    assert not any(word in kept for word in ("visitor-", "203.0.113", "4711", str(UUID(int=3))))
    words = {"dimension": "character varying", "bucket": "character varying"}
    numbers = {"visits": "integer", "visitors": "integer"}
    assert columns == {"id": "bigint", "day": "date", **words, **numbers}
    assert DailyStatistic._meta.get_field("id").get_internal_type() == "BigAutoField"  # a row's number, nobody's


@pytest.mark.parametrize(
    "values",
    [
        {"visits": 9, "visitors": 9},
        {"visits": 50, "visitors": None},
        {"visits": None, "visitors": 50},
        {"visits": 10, "visitors": 11},
        {"bucket": "203.0.113.7"},
        {"bucket": "/privacy/"},
        {"bucket": str(uuid4())},
    ],
)
def test_the_database_itself_refuses_what_could_be_somebody(values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyStatistic.objects.create(**{"day": DAY, "dimension": "all", "bucket": "all", **values})


def test_the_map_calls_it_not_personal_and_says_why() -> None:
    (reason,) = [item.why for item in registry().not_personal if item.model == "visits.DailyStatistic"]
    assert "ten visitors" in reason


def test_the_scheduler_counts() -> None:
    ensure_days([timezone.now().date() - timedelta(days=2)])
    count_finished_days()
    assert DailyStatistic.objects.filter(day=timezone.now().date() - timedelta(days=2)).exists()


def test_staff_read_it_and_change_nothing(client: Client, officer: User) -> None:
    visit(range(12))
    count_days(now=NEXT_MORNING)
    officer.user_permissions.set(Permission.objects.filter(codename__endswith="_dailystatistic"))
    log_in(client, officer)
    row = DailyStatistic.objects.get(dimension="all")
    listed = client.get(reverse("admin:visits_dailystatistic_changelist"))
    assert (listed.status_code, "0–9" in listed.content.decode()) == (200, True)
    page = reverse("admin:visits_dailystatistic_change", args=[row.pk])
    assert client.post(page, {"visitors": "99"}).status_code == 403
    assert client.get(reverse("admin:visits_dailystatistic_add")).status_code == 403
