"""What the portal counts is what the copy holds: every table of a person whose data stand everywhere, twice."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import LoginEvent
from datamap.registry import registry
from datamap.trace import Reading, rows_about
from dsar.holdings import held_about, holdings_about
from tests.keystone.planting import NOW, Planted, Planter
from tests.keystone.special import special_values
from visits.partitions import make_partitions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts", "his")]


@pytest.fixture
def hers(person: Any) -> Planted:
    make_partitions(now=NOW)
    return Planter(person, 1, special_values()).plant_everywhere()


@pytest.fixture
def his(other_person: Any) -> Planted:
    make_partitions(now=NOW)
    return Planter(other_person, 2, special_values()).plant_everywhere()


def test_a_nested_question_finds_the_same_rows_as_one_asked_step_by_step(hers: Planted) -> None:
    for holding in registry().holdings:
        step_by_step = set(rows_about(holding, hers.subject).values_list("pk", flat=True))
        nested = set(Reading(hers.subject).rows(holding).values_list("pk", flat=True))
        assert nested == step_by_step, holding.model


def test_every_table_is_counted_once_for_each_row(hers: Planted) -> None:
    counted = {item.holding.model: item.rows for item in held_about(Reading(hers.subject))}
    there = {
        holding.model: len(set(rows_about(holding, hers.subject).values_list("pk", flat=True)))
        for holding in registry().holdings
    }
    assert all(there.values())
    assert counted == there


def test_everything_is_told_in_as_many_questions_however_many_rows_there_are(hers: Planted) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            holdings_about(Reading(hers.subject))
        return len(questions)

    few = asked()
    LoginEvent.objects.bulk_create(LoginEvent(user_id=hers.subject.user_id, at=NOW, kind="login") for _ in range(50))
    assert asked() == few
    assert few <= 13


def test_each_line_says_until_when_by_a_day_or_by_what_ends_it(hers: Planted) -> None:
    lines = [item for group in holdings_about(Reading(hers.subject)).groups for item in group.held]
    assert {item.holding.model for item in lines} == {holding.model for holding in registry().holdings}
    assert all(item.until for item in lines)
    by_day = {item.holding.model for item in lines if item.last}
    assert {"accounts.LoginEvent", "visits.Visit", "mailing.OutgoingMessage"} <= by_day
