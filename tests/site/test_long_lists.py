"""Lists of very many rows for staff: paged, counted only so far, and no filter asks a whole table for its words."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.lists import CappedPaginator, WordFilter
from audit.models import Entry
from audit.trail import Actor, record
from datamap.terms import Right
from dsar.deadlines import Channel
from dsar.models import SubjectRequest
from dsar.services import file_request
from outbox.models import Effect, State

pytestmark = pytest.mark.django_db
MOST_QUESTIONS = 12
QUEUE = "/admin/dsar/subjectrequest/"
LISTS = ["/admin/audit/entry/", "/admin/outbox/effect/", "/admin/dsar/caseevent/", "/admin/retention/sweeprun/"]
WHOLE_ROW = 8
"""So many columns has only the query of the rows shown: what fits on one page comes without a limit, once counted."""
BOUNDED = re.compile(r"LIMIT \d+|\"(id|pk)\" (=|IN)|INSERT|SAVEPOINT", re.IGNORECASE)


@pytest.fixture
def staff(client: Client, officer: User, person: User) -> Client:
    officer.is_superuser = True
    officer.save(update_fields=["is_superuser"])
    client.force_login(officer)
    file_request(user=person, right=Right.COMPLAINT, channel=Channel.PORTAL_AUTH, now=timezone.now())
    client.get(QUEUE)
    return client


def asked(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries.captured_queries]


def test_the_queue_of_ten_thousand_requests_is_paged_in_a_dozen_questions(staff: Client) -> None:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    SubjectRequest.objects.bulk_create(
        [
            SubjectRequest(
                number=f"QP-{number}-{uuid4().hex[:6]}",
                right=Right.COMPLAINT,
                channel=Channel.EMAIL,
                email=f"p{number}@example.lv",
                received_at=at,
                due_on=at.date(),
            )
            for number in range(10_000)
        ],
        batch_size=2000,
    )
    for address in (QUEUE, f"{QUEUE}?p=200", f"{QUEUE}?due=overdue&right__exact=complaint"):
        assert len(asked(staff, address)) <= MOST_QUESTIONS
    listed = staff.get(QUEUE).context["cl"]
    assert (listed.result_count, len(listed.result_list), listed.paginator.num_pages) == (10_001, 50, 201)


@pytest.mark.parametrize("address", LISTS)
def test_no_list_reads_a_whole_ledger(staff: Client, address: str) -> None:
    table = "_".join(address.strip("/").split("/")[1:])
    queries = asked(staff, address)
    own = [sql for sql in queries if f'FROM "{table}"' in sql and sql.count(f'"{table}".') < WHOLE_ROW]
    assert own
    assert [sql for sql in own if not BOUNDED.search(sql)] == []
    assert len(queries) <= MOST_QUESTIONS + 1  # a superuser's page is told to the owner besides


def test_rows_are_counted_only_so_far() -> None:
    class Short(CappedPaginator):
        most = 3

    for number in range(5):
        record("viewed", actor=Actor.system("test"), now=timezone.now(), details={"number": number})
    with CaptureQueriesContext(connection) as queries:
        assert Short(Entry.objects.order_by("-id"), 2).count == 3
    assert "LIMIT 3" in queries.captured_queries[0]["sql"]
    assert CappedPaginator(Entry.objects.order_by("-id"), 2).count == 5


def test_filters_offer_the_words_of_the_newest_rows_and_take_any_other(staff: Client) -> None:
    words = {
        address: {
            str(word)
            for spec in staff.get(address).context["cl"].filter_specs
            if isinstance(spec, WordFilter)
            for word, _label in spec.lookup_choices
        }
        for address in LISTS
    }
    assert {"listed", "dsar.SubjectRequest"} <= words["/admin/audit/entry/"]
    assert "received" in words["/admin/dsar/caseevent/"]
    assert "mailing.deliver" in words["/admin/outbox/effect/"]
    assert "VISIT_LOG" in words["/admin/retention/sweeprun/"]
    now = timezone.now()
    Effect.objects.create(kind="gone", aggregate="a", state=State.PENDING, created_at=now, due_at=now)
    listed = staff.get(reverse("admin:outbox_effect_changelist"), {"kind": "gone"}).context["cl"]
    assert listed.result_count == 1
