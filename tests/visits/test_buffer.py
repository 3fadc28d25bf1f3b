"""The queue between request and database: bounded, counted, and patient while PostgreSQL is away."""

import os
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError

from accounts.models import User
from datamap.trace import Subject
from tests.visits.conftest import NOON, hit
from visits import buffer, spool, storage
from visits.buffer import Buffer, Counts
from visits.hits import line_of
from visits.models import Visit

NOW = NOON + timedelta(minutes=1)


@pytest.fixture
def queue() -> Buffer:
    return Buffer(length=5)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """PostgreSQL is away until the returned function is called."""

    def refuse(_lines: Sequence[str]) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(buffer, "store", refuse)
    return lambda: monkeypatch.setattr(buffer, "store", storage.store)


@pytest.mark.django_db
def test_a_hit_becomes_a_row_with_nothing_more_than_the_server_saw(queue: Buffer, person: User) -> None:
    queue.record(hit(user_id=str(person.pk), path="/privacy/", query="page=2", referrer="https://a.example/b?c=d"))
    assert queue.flush_now(now=NOW) == 1
    row = Visit.objects.get()
    assert (row.at, row.user_id, row.ip, row.path, row.referrer) == (
        NOON,
        person.pk,
        "203.0.113.7",
        "/privacy/?page=2",
        "https://a.example/b",
    )
    assert (row.browser, row.os, row.platform, row.status, row.response_ms) == ("Firefox", "Linux", "desktop", 200, 12)


@pytest.mark.django_db
def test_a_visit_still_on_its_way_does_not_name_an_account_that_was_erased(queue: Buffer, person: User) -> None:
    queue.record(hit(user_id=str(person.pk)))
    queue.record(hit(user_id=str(uuid4())))
    queue.flush_now(now=NOW)
    assert [row.user_id for row in Visit.objects.order_by("id")] == [person.pk, None]


@pytest.mark.django_db
def test_a_missing_day_is_made_on_the_way(queue: Buffer) -> None:
    queue.record(hit(at=datetime(2033, 1, 1, tzinfo=UTC)))
    queue.record(hit(at=datetime(2033, 1, 2, tzinfo=UTC)))
    queue.flush_now(now=NOW)
    assert Visit.objects.count() == 2


@pytest.mark.django_db
def test_the_oldest_goes_when_the_queue_is_full_and_is_counted(queue: Buffer) -> None:
    for number in range(8):
        queue.record(hit(path=f"/{number}"))
    assert queue.counts == Counts(depth=5, dropped=3)
    queue.flush_now(now=NOW)
    assert [row.path for row in Visit.objects.order_by("id")] == [f"/{number}" for number in range(3, 8)]
    assert queue.counts == Counts(written=5, dropped=3)


@pytest.mark.django_db
def test_a_hit_that_cannot_be_read_does_not_take_the_others_with_it(queue: Buffer) -> None:
    queue.record(hit(path="/before"))
    queue.record(hit(seconds="not a number"))
    queue.record(hit(path="/after"))
    queue.flush_now(now=NOW)
    assert [row.path for row in Visit.objects.order_by("id")] == ["/before", "/after"]
    assert queue.counts.lost == 1


@pytest.mark.django_db
def test_refused_rows_are_lost_and_counted_and_do_not_stop_the_rest(queue: Buffer) -> None:
    queue.record(hit(status=99_999))
    queue.flush_now(now=NOW)
    queue.record(hit())
    queue.flush_now(now=NOW)
    assert (Visit.objects.count(), queue.counts.lost) == (1, 1)


@pytest.mark.django_db
def test_while_postgresql_is_away_visits_wait_in_a_private_file(queue: Buffer, away: Callable[[], None]) -> None:
    for number in range(3):
        queue.record(hit(path=f"/{number}"))
    queue.flush_now(now=NOW)
    assert stat.S_IMODE(spool.path().stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.path().parent.stat().st_mode) == 0o700
    assert (Visit.objects.count(), queue.counts.spooled) == (0, 3)
    away()
    queue.flush_now(now=NOW)
    assert [row.path for row in Visit.objects.order_by("id")] == ["/0", "/1", "/2"]
    assert spool.is_empty()


@pytest.mark.clause("Q16.5")
@pytest.mark.django_db
def test_what_waits_is_not_written_of_somebody_who_objects_meanwhile(
    queue: Buffer, away: Callable[[], None], person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.record(hit(user_id=str(person.pk)))
    queue.record(hit())
    queue.flush_now(now=NOW)
    assert str(person.pk) in spool.path().read_text()
    monkeypatch.setattr("visits.objections.objectors_to", lambda _purpose: {person.pk})
    away()
    queue.flush_now(now=NOW)
    assert [row.user_id for row in Visit.objects.all()] == [None]
    assert spool.is_empty()


@pytest.mark.clause("Q5.10", "Q5.20")
@pytest.mark.django_db
def test_what_came_of_age_while_it_waited_is_never_written(queue: Buffer, away: Callable[[], None]) -> None:
    queue.record(hit())
    queue.record(hit(at=NOON + timedelta(seconds=1), path="/younger"))
    queue.flush_now(now=NOW)
    away()
    queue.flush_now(now=NOON + timedelta(weeks=20))
    assert [row.path for row in Visit.objects.all()] == ["/younger"]
    assert spool.is_empty()


def test_the_spool_has_an_end(tmp_path: object) -> None:
    line = line_of(hit())
    assert spool.append([line] * 10, largest=len(line) * 4) == 4
    assert spool.append([line], largest=len(line) * 4) == 0


@pytest.mark.django_db
def test_a_spool_cut_by_a_crash_gives_its_whole_lines(queue: Buffer) -> None:
    spool.append([line_of(hit(path="/whole")), line_of(hit(path="/cut"))])
    spool.path().write_bytes(spool.path().read_bytes()[:-5] + b"\xff")
    queue.flush_now(now=NOW)
    assert [row.path for row in Visit.objects.all()] == ["/whole"]


@pytest.mark.clause("Q5.20")
def test_an_erasure_reaches_the_spool() -> None:
    anna, janis = uuid4(), uuid4()
    spool.append([line_of(hit(user_id=str(anna))), line_of(hit(user_id=str(janis))), line_of(hit())])
    assert str(anna) in spool.path().read_text()
    assert spool.erase(Subject(user_id=anna), now=NOW) == 1
    assert str(anna) not in spool.path().read_text()
    assert str(janis) in spool.path().read_text()
    assert spool.erase(Subject(), now=NOW) == 0


def test_a_forked_child_does_not_write_its_parents_hits(queue: Buffer) -> None:
    buffer.BUFFER.record(hit())
    child = os.fork()
    if child == 0:
        os._exit(buffer.BUFFER.counts.depth)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert buffer.BUFFER.counts.depth == 1


@pytest.mark.requirement("O6")
@pytest.mark.django_db
def test_a_log_line_about_lost_visits_names_counts_only(queue: Buffer, caplog: pytest.LogCaptureFixture) -> None:
    queue.record(hit(status=99_999, path="/planted", ip="198.51.100.9"))
    queue.flush_now(now=NOW)
    assert "visits lost: 1" in caplog.text
    assert "planted" not in caplog.text
    assert "198.51" not in caplog.text
