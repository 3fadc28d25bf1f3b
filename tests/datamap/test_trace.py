"""A row leads to a person by account or verified address, never by a name (security I8)."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from datamap.registry import registry
from datamap.trace import Subject, normalise_email, rows_about, subject_of_user

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_an_address_has_one_spelling() -> None:
    assert normalise_email("  Anna@Example.LV ") == "anna@example.lv"


@pytest.mark.clause("Q4.1")
def test_the_person_behind_an_account_is_known_by_id_and_address(person: Any) -> None:
    subject = subject_of_user(person)
    assert subject.user_id == person.pk
    assert person.email in subject.emails


@pytest.mark.requirement("I8")
def test_a_namesake_is_somebody_else(person: Any, other_person: Any) -> None:
    other_person.given_name, other_person.family_name = person.given_name, person.family_name
    other_person.save()
    users = rows_about(registry().holding("accounts.User"), subject_of_user(person))
    assert list(users) == [person]


def test_a_subject_without_keys_finds_nothing(person: Any) -> None:
    for holding in registry().holdings:
        assert not rows_about(holding, Subject()).exists(), holding.model


def test_an_unknown_account_finds_nothing(person: Any) -> None:
    for holding in registry().holdings:
        assert not rows_about(holding, Subject(user_id=uuid4())).exists(), holding.model
