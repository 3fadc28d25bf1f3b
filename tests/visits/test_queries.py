"""The log is read for the purposes of clause 7.3 only, on record, and never past its term (Q7.11)."""

from datetime import timedelta

import pytest

from audit.models import Entry
from audit.trail import Actor
from tests.visits.conftest import FIREFOX, NOON, plant
from visits.hits import visitor_key
from visits.queries import PurposeRefused, current, read
from visits.terms import ReadingPurpose

OFFICER = Actor("staff", "0b9cf3e2-6a55-4a0e-9f8a-0d5b0e2e4a11")


@pytest.mark.clause("Q7.11")
@pytest.mark.django_db
@pytest.mark.parametrize("purpose", ReadingPurpose)
def test_a_listed_purpose_may_read_and_is_on_record(purpose: ReadingPurpose) -> None:
    plant(NOON)
    assert read(purpose=purpose.value, actor=OFFICER, now=NOON + timedelta(days=1)).count() == 1
    entry = Entry.objects.get(action="visits.read")
    assert (entry.details, entry.actor_id) == ({"purpose": purpose.value}, OFFICER.id)


@pytest.mark.clause("Q7.11")
@pytest.mark.requirement("L6")
@pytest.mark.django_db
@pytest.mark.parametrize("purpose", ["MARKETING_EMAIL", "PROFILING", "", "anna@example.lv\nforged line"])
def test_any_other_purpose_is_refused_and_that_is_on_record_too(purpose: str) -> None:
    with pytest.raises(PurposeRefused):
        read(purpose=purpose, actor=OFFICER, now=NOON)
    assert Entry.objects.get(action="visits.reading_refused").details == {"purpose": "unlisted"}


@pytest.mark.clause("Q5.10", "X37")
@pytest.mark.django_db
def test_what_is_due_cannot_be_read_even_before_the_purge() -> None:
    plant(NOON)
    assert current(now=NOON + timedelta(days=140) - timedelta(microseconds=1)).exists()
    assert not current(now=NOON + timedelta(days=140)).exists()


def test_a_visitor_key_lives_one_week_and_needs_our_key(settings: object) -> None:
    facts = {"ip": "203.0.113.7", "user_agent": FIREFOX}
    monday = NOON + timedelta(days=1)
    assert visitor_key(**facts, at=monday) == visitor_key(**facts, at=monday + timedelta(days=6, hours=11))
    assert visitor_key(**facts, at=monday) != visitor_key(**facts, at=monday + timedelta(days=7))
    assert visitor_key(**facts, at=monday) != visitor_key(ip="203.0.113.8", user_agent=FIREFOX, at=monday)
    before = visitor_key(**facts, at=monday)
    settings.VAULT_TOKEN_KEY = b"x" * 32  # type: ignore[attr-defined]
    assert visitor_key(**facts, at=monday) != before
