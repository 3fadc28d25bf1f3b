"""The trail says who, when, about whom and why, and holds no value of a person (L6)."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser

from audit.models import Entry
from audit.trail import Actor, record
from tests.audit.conftest import ANNA, START

pytestmark = pytest.mark.django_db


@pytest.mark.clause("Q3.1")
def test_an_entry_says_who_when_about_whom_and_why(entries: list[Entry]) -> None:
    entry = record("corrected", actor=Actor("staff", "7"), subject=ANNA, about=entries[0], reason="case 9", now=START)
    found = Entry.objects.get(pk=entry.pk)
    assert (found.action, found.actor_kind, found.actor_id, found.subject) == ("corrected", "staff", "7", ANNA)
    assert (found.at, found.object_type, found.object_id) == (START, "audit.Entry", str(entries[0].pk))
    assert (found.reason, found.details) == ("case 9", {})


def test_an_actor_is_staff_a_person_or_the_system() -> None:
    user = get_user_model()
    staff, person = user(is_staff=True), user()
    assert Actor.of(staff) == Actor("staff", str(staff.pk))
    assert Actor.of(person) == Actor("person", str(person.pk))
    assert Actor.of(AnonymousUser()) == Actor("system", "anonymous")


@pytest.mark.requirement("L6")
@pytest.mark.parametrize("value", ["anna@example.lv", "x" * 201])
def test_a_detail_that_looks_like_a_value_is_refused(value: str) -> None:
    record("changed", actor=Actor.system("test"), details={"fields": "email"}, now=START)
    with pytest.raises(ValueError, match="'new' looks like a personal value"):
        record("changed", actor=Actor.system("test"), details={"new": value}, now=START)
    assert Entry.objects.count() == 1


@pytest.mark.requirement("L6")
def test_the_trail_hangs_on_no_other_table() -> None:
    assert [field.name for field in Entry._meta.get_fields() if field.is_relation] == []
