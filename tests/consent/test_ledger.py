"""Consents are events: what was said, when, in which words; the last word counts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from audit.ledger import verify
from consent import texts
from consent.erasure import start_proof_terms
from consent.models import ConsentEvent, SubscriptionEvidence, TextVersion
from consent.queries import events_of, status
from consent.services import (
    AccountGone,
    AgeNotDeclared,
    NotPublishedError,
    UnknownPurpose,
    WordingChanged,
    give,
    invalidate,
    note_subscription,
    refuse,
    withdraw,
)
from consent.terms import ConsentState
from datamap.trace import Subject
from tests.consent.test_publishing import draft
from tests.consents import HOW
from vault.tokens import subject_token

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("published_texts")


def somebody() -> UUID:
    """The number of a new account."""
    address = f"{uuid4().hex}@example.lv"
    return User.objects.create_user(address, given_name="Kāds", age_confirmed_at=NOW, age_text_version="1").pk


def test_nothing_is_given_before_it_is_given() -> None:
    found = status(uuid4(), "PROFILING", at=NOW)
    assert (found.state, found.permits) == (ConsentState.UNKNOWN, False)


@pytest.mark.clause("Q0.4")
def test_a_consent_given_in_russian_names_the_russian_and_the_latvian_words() -> None:
    event = give(somebody(), "LOYALTY", **(HOW | {"language": "ru"}), now=NOW)
    shown = TextVersion.objects.get(code="LOYALTY", language="ru")
    assert (event.language, event.text_sha256) == ("ru", shown.sha256)
    assert event.lv_sha256 == TextVersion.objects.get(code="LOYALTY", language="lv").sha256
    assert event.text_version == "2026-11"


@pytest.mark.clause("Q4.4", "Q4.5", "Q13.2")
def test_each_consent_stands_alone() -> None:
    anna = somebody()
    for purpose in ("MARKETING_EMAIL", "LOYALTY"):
        give(anna, purpose, **HOW, now=NOW)
    withdraw(anna, "LOYALTY", **HOW, now=NOW + timedelta(hours=1))
    later = NOW + timedelta(days=1)
    assert status(anna, "MARKETING_EMAIL", at=later).permits
    assert not status(anna, "LOYALTY", at=later).permits
    for never in ("PROFILING", "EMAIL_ANALYSIS"):
        assert status(anna, never, at=later).state is ConsentState.UNKNOWN


def test_the_state_of_any_past_moment_can_be_told() -> None:
    anna = somebody()
    give(anna, "PROFILING", **HOW, now=NOW)
    withdraw(anna, "PROFILING", **HOW, now=NOW + timedelta(days=1))
    give(anna, "PROFILING", **HOW, now=NOW + timedelta(days=2))
    found = [status(anna, "PROFILING", at=NOW + timedelta(hours=hours)).permits for hours in (-1, 0, 24, 30, 48)]
    assert found == [False, True, False, False, True]


def test_of_two_answers_at_the_same_instant_the_withdrawal_counts() -> None:
    anna, janis = somebody(), somebody()
    give(anna, "PROFILING", **HOW, now=NOW)
    withdraw(anna, "PROFILING", **HOW, now=NOW)
    withdraw(janis, "PROFILING", **HOW, now=NOW)
    give(janis, "PROFILING", **HOW, now=NOW)
    assert not status(anna, "PROFILING", at=NOW).permits
    assert not status(janis, "PROFILING", at=NOW).permits


def test_an_older_answer_that_arrives_late_does_not_revive_a_consent() -> None:
    anna = somebody()
    withdraw(anna, "PROFILING", **HOW, now=NOW)
    give(anna, "PROFILING", **HOW, now=NOW - timedelta(hours=1))
    assert not status(anna, "PROFILING", at=NOW).permits


def test_giving_or_withdrawing_twice_adds_nothing() -> None:
    anna = somebody()
    for _ in range(2):
        give(anna, "PROFILING", **HOW, now=NOW)
    for _ in range(2):
        withdraw(anna, "PROFILING", **HOW, now=NOW + timedelta(hours=1))
    assert [event.state for event in events_of(anna, "PROFILING")] == ["withdrawn", "given"]


@pytest.mark.parametrize("end", [refuse, withdraw])
def test_a_refusal_permits_nothing(end: Any) -> None:
    anna = somebody()
    end(anna, "PROFILING", **HOW, now=NOW)
    assert not status(anna, "PROFILING", at=NOW).permits


def test_an_invalid_consent_permits_nothing_from_the_moment_it_is_found() -> None:
    anna = somebody()
    give(anna, "PROFILING", **HOW, now=NOW)
    invalidate(anna, "PROFILING", reason="minor", place="staff", now=NOW + timedelta(hours=1))
    assert status(anna, "PROFILING", at=NOW + timedelta(hours=2)).state is ConsentState.INVALIDATED


def test_an_unknown_purpose_is_refused_and_nothing_is_stored() -> None:
    with pytest.raises(UnknownPurpose, match="knows no consent"):
        give(somebody(), "WORLD_DOMINATION", **HOW, now=NOW)
    assert not ConsentEvent.objects.exists()


def test_words_that_were_never_in_force_cannot_be_agreed_to() -> None:
    with pytest.raises(WordingChanged):
        give(somebody(), "PROFILING", **HOW, now=NOW, wording="0" * 64)
    assert not ConsentEvent.objects.exists()


def test_the_wording_shown_decides_the_language_of_the_proof() -> None:
    english = TextVersion.objects.get(code="PROFILING", language="en")
    assert give(somebody(), "PROFILING", **HOW, now=NOW, wording=english.sha256).language == "en"


def test_a_consent_without_published_words_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consent.texts.TextVersion.objects", TextVersion.objects.filter(code="OTHER"))
    with pytest.raises(NotPublishedError):
        give(somebody(), "PROFILING", **HOW, now=NOW)


@pytest.mark.clause("Q18.2")
def test_nobody_without_an_account_gives_a_consent(person: User) -> None:
    gone = person.pk
    give(gone, "PROFILING", **HOW, now=NOW)
    person.delete()
    with pytest.raises(AccountGone):
        give(gone, "LOYALTY", **HOW, now=NOW)
    assert ConsentEvent.objects.count() == 1


@pytest.mark.clause("Q6.3")
def test_an_account_without_a_declaration_of_age_gives_no_consent(person: User) -> None:
    User.objects.filter(pk=person.pk).update(age_confirmed_at=None, age_text_version="")
    with pytest.raises(AgeNotDeclared):
        give(person.pk, "PROFILING", **HOW, now=NOW)
    assert not ConsentEvent.objects.exists()


@pytest.mark.clause("Q20.3")
def test_a_materially_new_wording_needs_a_new_answer(tmp_path: Path) -> None:
    anna = somebody()
    give(anna, "PROFILING", **HOW, now=NOW)
    draft(tmp_path, "profiling", "2026-12-01", lv="Jauns mērķis {controller}")
    texts.publish(now=NOW + timedelta(days=1), root=tmp_path)
    assert status(anna, "PROFILING", at=NOW + timedelta(days=2)).permits
    after = NOW + timedelta(days=10)
    assert status(anna, "PROFILING", at=after).state is ConsentState.RENEWAL_NEEDED
    assert give(anna, "PROFILING", **HOW, now=after).state == ConsentState.RENEWED
    assert status(anna, "PROFILING", at=after).permits


def test_an_editorial_change_leaves_consents_as_they_are(tmp_path: Path) -> None:
    anna = somebody()
    give(anna, "PROFILING", **HOW, now=NOW)
    draft(tmp_path, "profiling", "2026-12-01", material=False, lv="Labots teksts {controller}")
    texts.publish(now=NOW + timedelta(days=1), root=tmp_path)
    assert status(anna, "PROFILING", at=NOW + timedelta(days=10)).permits


@pytest.mark.requirement("L1", "L2")
def test_the_record_cannot_be_changed_and_the_chain_holds() -> None:
    anna = somebody()
    for purpose in ("PROFILING", "LOYALTY"):
        give(anna, purpose, **HOW, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        ConsentEvent.objects.update(state=ConsentState.GIVEN)
    with pytest.raises(DatabaseError), transaction.atomic():
        ConsentEvent.objects.all()._raw_delete("default")
    report = verify(ConsentEvent)
    assert (report.rows, report.is_whole) == (2, True)


def test_the_record_names_nobody() -> None:
    anna = somebody()
    event = give(anna, "PROFILING", **HOW, now=NOW)
    assert event.subject_token == subject_token(anna)
    assert str(anna) not in str([getattr(event, field.attname) for field in ConsentEvent._meta.concrete_fields])


@pytest.mark.clause("Q13.3")
def test_the_evidence_of_a_subscription_is_kept_until_three_years_after_its_end() -> None:
    anna = somebody()
    event = give(anna, "MARKETING_EMAIL", **HOW, now=NOW)
    note_subscription(event, ip="192.0.2.7")
    evidence = SubscriptionEvidence.objects.get()
    assert (evidence.ip, evidence.at, evidence.ends_at) == ("192.0.2.7", NOW, None)
    withdraw(anna, "MARKETING_EMAIL", **HOW, now=NOW + timedelta(days=10))
    evidence.refresh_from_db()
    assert evidence.ends_at == datetime(2029, 12, 2, 12, tzinfo=UTC)


@pytest.mark.clause("Q13.3")
def test_with_the_account_the_last_term_of_the_evidence_begins() -> None:
    anna = somebody()
    note_subscription(give(anna, "MARKETING_EMAIL", **HOW, now=NOW), ip="192.0.2.7")
    assert start_proof_terms(Subject(user_id=anna), now=NOW) == 1
    assert SubscriptionEvidence.objects.get().ends_at == datetime(2029, 11, 22, 12, tzinfo=UTC)
    assert start_proof_terms(Subject(), now=NOW) == 0
