"""Rows of several tables in one question are the rows that each question alone would give."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.trail import Actor, record
from datamap.together import together
from dsar import folder

SYSTEM = Actor.system("test")


def values(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    """Every column as it was read; bytes compared as bytes."""
    found = ([(field.attname, row.__dict__[field.attname]) for field in row._meta.concrete_fields] for row in rows)
    return [{name: bytes(value) if isinstance(value, memoryview) else value for name, value in row} for row in found]


def test_several_tables_are_one_question_each_in_its_own_order(person: User, other_person: User) -> None:
    now = timezone.now()
    for hours in range(3):
        record("viewed", actor=SYSTEM, subject=person.pk, details={"hours": hours}, now=now + timedelta(hours=hours))
    people, looks = User.objects.order_by("given_name"), Entry.objects.filter(action="viewed").order_by("-id")
    with CaptureQueriesContext(connection) as asked:
        found = together(people, looks[:2], User.objects.none(), Entry.objects.filter(action="nobody's"))
    assert len(asked) == 1
    assert values(found[0]) == values(people) != []
    assert values(found[1]) == values(looks[:2]) != []
    assert found[2:] == [[], []]
    assert [row._state.adding for row in found[0]] == [False, False]


def test_nothing_asked_is_nothing_found() -> None:
    assert together() == []


@pytest.mark.django_db
def test_whatever_lies_in_the_folder_of_a_request_is_read_as_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed texts, numbers, days and moments of the tables for which it is used."""
    monkeypatch.setenv("DEMO_LISTINGS", "20")
    call_command("publish_texts")
    call_command("seed_demo")
    tables = [apps.get_model("dsar", name) for name in ("SubjectRequest", "CaseMessage", "CaseEvent", "CasePause")]
    tables += folder.tables()
    for table in tables:
        rows = table._base_manager.order_by("pk")
        assert values(together(rows)[0]) == values(rows), table
    assert sum(table._base_manager.exists() for table in tables) >= 4
