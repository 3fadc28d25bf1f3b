"""What the person sees before she decides: every table, every reason, every end (Q17.1)."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import LoginEvent, User
from datamap.registry import registry
from datamap.terms import Erasure
from datamap.trace import Subject
from retention.plan import ErasurePlan, PlanLine, plan_erasure
from tests.retention.conftest import NOW, everything_about


def lines_of(plan: ErasurePlan, table: str) -> list[PlanLine]:
    return [line for line in (*plan.lines, *plan.created) if line.table == table]


@pytest.mark.clause("Q17.1")
def test_the_plan_counts_what_goes(anna: Subject) -> None:
    plan = plan_erasure(anna, now=NOW, archive=True)
    (profile,) = lines_of(plan, "accounts.Profile")
    assert (profile.action, profile.count) == (Erasure.DELETE, 1)
    (account,) = lines_of(plan, "accounts.User")
    assert (account.action, account.count) == (Erasure.DELETE, 1)


@pytest.mark.clause("Q10.3", "Q17.1")
def test_everything_kept_has_a_reason_an_act_and_an_end(anna: Subject) -> None:
    kept = plan_erasure(anna, now=NOW, archive=True).kept
    assert kept
    assert [line.table for line in kept if not (line.reason and line.act and (line.until or line.term))] == []


@pytest.mark.clause("Q10.4", "Q17.1")
def test_the_archive_stands_in_the_plan_with_its_last_day(anna: Subject) -> None:
    (archive,) = lines_of(plan_erasure(anna, now=NOW, archive=True), "retention.ArchiveRecord")
    assert (archive.action, archive.count, archive.until) == (Erasure.KEEP, 1, date(2032, 11, 22))


@pytest.mark.clause("Q10.5")
def test_an_objection_leaves_no_archive_in_the_plan(anna: Subject) -> None:
    assert lines_of(plan_erasure(anna, now=NOW, archive=False), "retention.ArchiveRecord") == []


def test_every_table_is_in_the_plan_or_named_as_searched(anna: Subject) -> None:
    plan = plan_erasure(anna, now=NOW, archive=True)
    found = {line.table for line in plan.lines}
    assert len(plan.searched) == len(registry().holdings) - len(found)


def test_what_the_erasure_adds_is_not_named_as_searched_in_vain_too(anna: Subject) -> None:
    plan = plan_erasure(anna, now=NOW, archive=True)
    added = {str(line.label) for line in plan.created}
    assert added
    assert added & {str(label) for label in plan.searched}
    assert not added & {str(label) for label in plan.nothing_found}


def test_planning_changes_nothing(anna: Subject) -> None:
    before = everything_about(anna)
    with CaptureQueriesContext(connection) as queries:
        plan_erasure(anna, now=NOW, archive=True)
    assert {query["sql"].split()[0] for query in queries.captured_queries} == {"SELECT"}
    assert everything_about(anna) == before


@pytest.mark.requirement("E1")
def test_the_digest_knows_every_row_she_provided(anna: Subject, person: User) -> None:
    digest = plan_erasure(anna, now=NOW, archive=True).digest
    EmailAddress.objects.create(user=person, email="anna.two@example.lv")
    assert plan_erasure(anna, now=NOW, archive=True).digest != digest


@pytest.mark.requirement("E1")
def test_looking_at_the_page_or_objecting_does_not_change_the_digest(anna: Subject, person: User) -> None:
    digest = plan_erasure(anna, now=NOW, archive=True).digest
    LoginEvent.objects.create(user=person, at=NOW, kind="login")
    assert plan_erasure(anna, now=NOW + timedelta(minutes=5), archive=False).digest == digest


def test_the_number_of_statements_does_not_grow_with_the_rows(anna: Subject, person: User) -> None:
    with CaptureQueriesContext(connection) as few:
        plan_erasure(anna, now=NOW, archive=True)
    LoginEvent.objects.bulk_create(LoginEvent(user=person, at=NOW, kind="login") for _ in range(1000))
    with CaptureQueriesContext(connection) as many:
        plan_erasure(anna, now=NOW, archive=True)
    assert len(many) == len(few)


def test_somebody_without_an_account_has_a_plan_too(db: None) -> None:
    plan = plan_erasure(Subject(emails=frozenset({"nobody@example.lv"})), now=NOW, archive=True)
    assert (plan.lines, plan.archive_ends_at) == ((), None)
    assert not get_user_model().objects.exists()
