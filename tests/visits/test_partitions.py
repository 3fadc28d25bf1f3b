"""Days are made ahead, once, by whoever comes first, and belong to the site's role."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import call_command

from visits.models import Visit
from visits.partitions import ensure_days, existing_days, log_connection, make_partitions

FAR = datetime(2031, 5, 10, 23, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_days_are_made_once() -> None:
    assert make_partitions(now=FAR, days_ahead=2, days_back=1) == 4
    assert make_partitions(now=FAR, days_ahead=2, days_back=1) == 0
    assert make_partitions(now=FAR + timedelta(hours=1), days_ahead=2) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_each_day_once() -> None:
    days = [(FAR + timedelta(days=100 + number)).date() for number in range(3)]
    made: list[int] = []

    def run() -> None:
        made.append(len(ensure_days(days)))  # one log: of two, each may be made by another one of the eight
        log_connection().close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0] * 7 + [3]


@pytest.mark.django_db
def test_a_day_begins_at_midnight_utc_and_is_no_default() -> None:
    make_partitions(now=FAR, days_ahead=0)
    with log_connection().cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(c.relpartbound, c.oid), pg_get_userbyid(c.relowner) FROM pg_class c"
            " WHERE c.relname = 'visit_20310510'"
        )
        bounds, owner = cursor.fetchone()
        cursor.execute("SELECT partdefid FROM pg_partitioned_table WHERE partrelid = 'visits_visit'::regclass")
        assert cursor.fetchone() == (0,)
    assert bounds == "FOR VALUES FROM ('2031-05-10 00:00:00+00') TO ('2031-05-11 00:00:00+00')"
    assert owner == settings.DATABASE_SITE_ROLE


@pytest.mark.django_db
def test_each_day_has_the_keys_and_indexes_of_the_log() -> None:
    make_partitions(now=FAR, days_ahead=0)
    with log_connection().cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'visit_20310510'")
        found = " ".join(row[0] for row in cursor.fetchall())
    assert all(words in found for words in ("USING brin (at)", "(id, at)", "(visitor_key)", "(user_id) WHERE"))


@pytest.mark.requirement("L1")
@pytest.mark.django_db
def test_the_site_may_make_days_but_no_other_tables() -> None:
    with log_connection().cursor() as cursor:
        cursor.execute(
            "SELECT current_user, has_schema_privilege('public', 'CREATE'),"
            " has_schema_privilege('visit_days', 'CREATE')"
        )
        assert cursor.fetchone() == (settings.DATABASE_SITE_ROLE, False, True)


@pytest.mark.django_db
def test_the_command_makes_the_coming_week_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_partitions", days_back=1)
    assert "partitions made" in capsys.readouterr().out
    today = datetime.now(UTC).date()
    made = {day.day for day in existing_days(log_connection())}
    assert {today + timedelta(days=offset) for offset in range(-1, 8)} <= made
    call_command("make_partitions")
    assert capsys.readouterr().out == "0 partitions made\n"


@pytest.mark.django_db
def test_the_table_has_the_columns_of_the_model() -> None:
    with log_connection().cursor() as cursor:
        cursor.execute(
            "SELECT column_name, character_maximum_length, is_nullable FROM information_schema.columns"
            " WHERE table_name = 'visits_visit'"
        )
        found = {name: (length, nullable == "YES") for name, length, nullable in cursor.fetchall()}
    assert found == {
        field.column: (field.max_length if field.get_internal_type() == "CharField" else None, field.null)
        for field in Visit._meta.concrete_fields
    }
