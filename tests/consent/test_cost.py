"""What one decision costs the database, and what those cost that are made beside it."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from consent.services import give, give_by_address
from replay.journal import note, write_out
from replay.models import JournalEntry, JournalHead

HOW: dict[str, Any] = {"language": "lv", "method": "newsletter_form", "place": "/newsletter/"}
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("published_texts")]


def statements(captured: CaptureQueriesContext) -> list[str]:
    return [query["sql"][:60] for query in captured.captured_queries]


def test_a_decision_costs_a_dozen_statements_its_line_in_the_journal_included(person: User) -> None:
    give_by_address("first@example.lv", "MARKETING_EMAIL", **HOW, now=timezone.now())
    with CaptureQueriesContext(connection) as by_address:
        give_by_address("second@example.lv", "MARKETING_EMAIL", **HOW, now=timezone.now())
    with CaptureQueriesContext(connection) as by_account:
        give(person.pk, "LOYALTY", **HOW, now=timezone.now())
    assert len(by_address) <= 16, statements(by_address)
    assert len(by_account) <= 18, statements(by_account)
    assert not JournalEntry.objects.filter(position=None).exists()


def test_whoever_finds_the_line_written_by_another_changes_nothing() -> None:
    write_out()
    with transaction.atomic():
        for _ in range(5):
            note("tests.decided", at=timezone.now())
    head = JournalHead.objects.get()
    assert head.position == JournalEntry.objects.count() == 6
    with CaptureQueriesContext(connection) as captured:
        assert write_out() == 0
    assert not [sql for sql in statements(captured) if sql.startswith(("UPDATE", "INSERT")) or "FOR UPDATE" in sql]
