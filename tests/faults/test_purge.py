"""A purge that is killed at any step, or started twice at once, deletes what is due, once, and nothing else (F18)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import LoginEvent, User
from audit.ledger import ledgers, verify
from audit.trail import Actor
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access import build_package
from dsar.deadlines import Channel
from dsar.models import Package
from dsar.services import file_request
from mailing.models import OutgoingMessage
from retention.erasure import execute_erasure, plan_erasure
from retention.models import ArchiveRecord, SweepRun
from retention.queries import overdue
from retention.rules import due_rows, swept_holdings
from tests.faults.conftest import Victims, register, sealed_files
from visits.models import Visit
from visits.partitions import ensure_days, existing_days, log_connection
from visits.terms import Kind, Platform

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DUE = timedelta(weeks=20, days=2)
YOUNG = timedelta(weeks=19)
TABLES = (LoginEvent, Visit, Session, OutgoingMessage)


def leave_traces(user: User, at: datetime) -> None:
    """A log-in, a visit, a session and a letter of that time."""
    LoginEvent.objects.create(user=user, at=at, kind="login")
    ensure_days([at.date()])
    Visit.objects.create(
        at=at, kind=Kind.PAGE, user_id=user.pk, platform=Platform.DESKTOP, path="/", status=200, response_ms=1
    )
    ends = at + DUE - timedelta(days=1)
    Session.objects.create(session_key=f"key-{at.timestamp()}-{user.pk}"[:40], session_data="x", expire_date=ends)
    OutgoingMessage.objects.create(
        to_address=user.email, purpose="SERVICE", language="lv", subject="x", created_at=at, user_id=user.pk
    )


def leave_a_copy_and_an_archive(number: int, *, now: datetime) -> None:
    """Somebody who had a copy made and left, all of it longer ago than any term."""
    long_ago = now - timedelta(days=7 * 366)
    user = register(number)
    copy = file_request(user=user, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=long_ago)
    build_package(copy.pk, now=long_ago)
    gone = register(number + 1)
    subject = subject_of_user(gone)
    execute_erasure(
        case_number=f"Q-{number}",
        subject=subject,
        plan_digest=plan_erasure(subject, now=long_ago, archive=True).digest,
        objection_to_archive=False,
        actor=Actor.system("test"),
        now=long_ago,
    )


def left() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in TABLES}


READING = ("SELECT", "SAVEPOINT", "RELEASE", "SET", "RESET")


def ends_of_changes(steps: tuple[str, ...]) -> list[int]:
    """Before and after each step that lasts: a partition, a file, a COMMIT of a transaction that changed something.
    From elsewhere the database goes back to the last of these."""
    lasting, has_changed = [], False
    for number, step in enumerate(steps, 1):
        if step.startswith(("ALTER", "DROP", "os.")) or (step.startswith("COMMIT") and has_changed):
            lasting.append(number)
        has_changed = not step.startswith("COMMIT") and (has_changed or not step.startswith(READING))
    assert len(lasting) > 12
    return sorted({number for last in lasting for number in (last, last + 1) if number <= len(steps)})


def assert_nothing_is_due(now: datetime) -> None:
    counted = [item for item in swept_holdings() if item.ends or (item.clock and not item.ledger)]
    assert {item.model: due_rows(item, now=now).count() for item in counted} == {item.model: 0 for item in counted}
    assert overdue(now) == []
    assert all(verify(ledger).is_whole for ledger in ledgers())


@pytest.mark.requirement("F1", "F4")
@pytest.mark.clause("Q5.10", "Q5.11")
def test_killed_at_every_step_a_purge_loses_nothing_young_and_the_next_run_ends_it(victims: Victims) -> None:
    now = timezone.now()
    user = register(1)
    for day in range(3):
        leave_traces(user, now - DUE - timedelta(days=day))
        leave_traces(user, now - YOUNG - timedelta(days=day))
    leave_a_copy_and_an_archive(100, now=now)
    assert sealed_files()
    points = ends_of_changes(victims.run("purge").steps)
    young = left()
    assert young == dict.fromkeys(young, 3)
    assert (ArchiveRecord.objects.count(), Package.objects.count(), sealed_files()) == (0, 0, [])
    for number in points:
        leave_traces(user, now - DUE - timedelta(days=number))
        if number % 4 == 0:
            leave_a_copy_and_an_archive(1000 + 2 * number, now=now)
        victims.run("purge", how="kill", at=number)
        assert all(count >= 3 for count in left().values())
    assert victims.run("purge").error == ""
    assert left() == young
    assert (ArchiveRecord.objects.count(), Package.objects.count()) == (0, 0)
    assert_nothing_is_due(now)
    assert [day.table for day in existing_days(log_connection()) if not day.is_attached or day.is_detaching] == []


@pytest.mark.requirement("F18")
def test_two_purges_at_once_delete_each_row_once(victims: Victims) -> None:
    now = timezone.now()
    user = register(1)
    for number in range(5):
        leave_traces(user, now - DUE - timedelta(hours=number))
        leave_traces(user, now - YOUNG - timedelta(hours=number))
        leave_a_copy_and_an_archive(100 + 2 * number, now=now)
    both = [victims.start("purge", how="stop", at=1) for _ in range(2)]
    assert [victims.wait(pid).ended for pid in both] == ["stopped", "stopped"]
    for pid in both:
        victims.go_on(pid)
    assert [victims.wait(pid).error for pid in both] == ["", ""]
    # A day whose lock neither of them got in its patience, on a busy machine, is left to the next run.
    assert victims.run("purge").error == ""
    assert left() == {model.__name__: 5 for model in TABLES}
    assert {table: deleted_of(table) for table in ("accounts.LoginEvent", "visits.Visit", "dsar.Package")} == {
        "accounts.LoginEvent": 5,
        "visits.Visit": 5,
        "dsar.Package": 5,
    }
    assert deleted_of("retention.ArchiveRecord") == 5
    assert_nothing_is_due(now)


def deleted_of(table: str) -> Any:
    return sum(SweepRun.objects.filter(table=table).values_list("deleted", flat=True))
