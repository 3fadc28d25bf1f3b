"""The profile is made from views under consent, from nothing else, and is gone in the moment consent ends (Q7.5)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentEvent
from consent.replays import end_again
from consent.services import give, invalidate, refuse, withdraw
from datamap.catalogue import length_of
from datamap.refusing import Way, withdraw_consents
from datamap.trace import Subject, subject_of_user
from datamap.uses import NotPermitted
from profiling.models import Interest, ItemView
from profiling.refreshing import EVERY, refresh
from profiling.services import compute, favourites, record_view
from profiling.terms import LEAST_ITEMS, MOST_CATEGORIES, Seen, UnfitView
from replay.models import JournalEntry
from retention.restriction import place
from retention.standing import RestrictionGround
from tests.consent.test_scopes import _line
from tests.consents import HOW
from visits.models import Visit
from visits.partitions import make_partitions

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def anna(person: User, now: datetime) -> Subject:
    give(person.pk, "PROFILING", **HOW, now=now - timedelta(hours=1))
    return subject_of_user(person)


def look(person: Subject, category: str, count: int = LEAST_ITEMS, *, now: datetime) -> bool:
    seen = [record_view(person, Seen(f"{category}-{number}", category, now), now=now) for number in range(count)]
    return all(seen)


def is_gone() -> bool:
    return not (ItemView.objects.exists() or Interest.objects.exists())


@pytest.mark.clause("Q7.5")
def test_the_profile_names_the_categories_with_the_most_different_items(anna: Subject, now: datetime) -> None:
    look(anna, "books", 5, now=now)
    look(anna, "tools", 3, now=now)
    look(anna, "shoes", 2, now=now)
    for _again in range(4):
        record_view(anna, Seen("shoes-1", "shoes", now), now=now)
    assert favourites(anna, now=now) == ["books", "tools"]
    assert [line.items for line in Interest.objects.all()] == [5, 3]


def test_it_has_a_few_lines_at_most(anna: Subject, now: datetime) -> None:
    for number in range(MOST_CATEGORIES + 2):
        look(anna, f"category-{number}", now=now)
    assert len(favourites(anna, now=now)) == MOST_CATEGORIES


@pytest.mark.clause("Q7.5")
def test_without_consent_nothing_is_recorded_computed_or_told(person: User, now: datetime) -> None:
    anna = subject_of_user(person)
    assert not look(anna, "books", now=now)
    assert is_gone()
    for use in (compute, favourites):
        with pytest.raises(NotPermitted):
            use(anna, now=now)


@pytest.mark.clause("Q7.5", "Q7.11")
def test_views_without_consent_are_never_read(anna: Subject, other_person: User, now: datetime) -> None:
    make_partitions(now=now)
    for number in range(9):
        log = {"kind": "item", "visitor_key": "k", "method": "GET", "status": 200, "response_ms": 1}
        Visit.objects.create(at=now, user_id=anna.user_id, item=f"books-{number}", path="/listings/1", **log)
        ItemView.objects.create(user=other_person, item=f"toys-{number}", category="toys", at=now)
    look(anna, "tools", now=now)
    with CaptureQueriesContext(connection) as asked:
        compute(anna, now=now)
        assert favourites(anna, now=now) == ["tools"]
    assert asked.captured_queries
    assert not [query for query in asked.captured_queries if "visits_visit" in query["sql"]]


def test_what_art_9_protects_is_never_recorded(anna: Subject, now: datetime) -> None:
    assert not look(anna, "health", now=now)
    assert is_gone()
    with pytest.raises(UnfitView):
        record_view(anna, Seen("1", "", now), now=now)


@pytest.mark.clause("Q7.5", "Q16.6")
@pytest.mark.parametrize("ending", [withdraw, refuse])
def test_the_withdrawal_erases_it_in_its_own_transaction(
    anna: Subject, person: User, now: datetime, ending: Any
) -> None:
    look(anna, "books", now=now)
    assert not is_gone()
    with transaction.atomic():
        ending(person.pk, "PROFILING", **HOW, now=now)
        assert is_gone()
        transaction.set_rollback(True)
    assert not is_gone(), "undone with the withdrawal it belongs to"
    ending(person.pk, "PROFILING", **HOW, now=now)
    assert is_gone()
    assert not look(anna, "books", now=now)


def test_another_withdrawal_and_another_person_leave_it_alone(
    anna: Subject, person: User, other_person: User, now: datetime
) -> None:
    look(anna, "books", now=now)
    give(person.pk, "MARKETING_EMAIL", **HOW, now=now)
    withdraw(person.pk, "MARKETING_EMAIL", **HOW, now=now)
    give(other_person.pk, "PROFILING", **HOW, now=now)
    withdraw(other_person.pk, "PROFILING", **HOW, now=now)
    assert favourites(anna, now=now) == ["books"]


@pytest.mark.clause("Q16.4")
def test_an_objection_to_advertising_ends_the_profile_at_once(anna: Subject, now: datetime) -> None:
    look(anna, "books", now=now)
    ended = withdraw_consents(anna, language="lv", way=Way.ONLINE, marketing_only=True, now=now)
    assert "PROFILING" in ended
    assert is_gone()


@pytest.mark.clause("Q6.3")
def test_a_consent_that_was_never_valid_leaves_no_profile(anna: Subject, person: User, now: datetime) -> None:
    look(anna, "books", now=now)
    invalidate(person.pk, "PROFILING", reason="child", place="/admin/", now=now)
    assert is_gone()


@pytest.mark.clause("Q10.9")
def test_a_backup_that_brings_it_back_loses_it_again(anna: Subject, person: User, now: datetime) -> None:
    look(anna, "books", now=now)
    views = list(ItemView.objects.all())
    withdraw(person.pk, "PROFILING", **HOW, now=now)
    ItemView.objects.bulk_create(views)
    entry = JournalEntry.objects.filter(subject=person.pk, kind="consent.ended").get()
    events = ConsentEvent.objects.count()
    end_again(_line(entry, person), now=now)
    assert is_gone()
    assert ConsentEvent.objects.count() == events


@pytest.mark.clause("Q7.5")
def test_the_daily_job_forgets_with_the_views_and_skips_who_does_not_consent(
    anna: Subject, other_person: User, now: datetime
) -> None:
    look(anna, "books", now=now)
    later = now + length_of("PROFILE")
    Interest.objects.create(user=other_person, category="toys", items=9, last_at=now, computed_at=now - EVERY * 2)
    assert refresh(now=now) == 0
    assert not Interest.objects.filter(user=other_person).exists()
    assert refresh(now=later) == 1
    assert favourites(anna, now=later) == []


def test_while_her_data_are_restricted_it_stays_and_is_not_used(
    anna: Subject, person: User, officer: User, now: datetime
) -> None:
    look(anna, "books", now=now)
    place(person, ground=RestrictionGround.ACCURACY, case_number="QP-1", reason="disputed", by=officer, now=now)
    with pytest.raises(NotPermitted, match="restricted"):
        favourites(anna, now=now)
    assert not look(anna, "tools", now=now)
    assert refresh(now=now + EVERY * 2) == 0
    assert Interest.objects.count() == 1
