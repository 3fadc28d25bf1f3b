"""Totals name nobody: no group of fewer than five is shown, and none can be found by subtracting (clause 10)."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.trail import Actor
from consent.services import give
from surveys.in_use import answers_of, participations
from surveys.models import Participation, Question, Survey
from surveys.running import NotPossible, count
from surveys.tallies import report, tally
from surveys.terms import Audience
from tests.consents import HOW
from tests.surveys.making import made, over, stored

STAFF = Actor("staff", "0")
ONE = Question(kind="one", text_lv="Cik?", options_lv="A\nB\nC\nD")
SEVERAL = Question(kind="several", text_lv="Ko?", options_lv="A\nB")
NUMBER = Question(kind="number", text_lv="Cik gadu?")
TEXT = Question(kind="long", text_lv="Kāpēc?")

pytestmark = pytest.mark.usefixtures("published_texts")


def tallied(question: Question, values: Mapping[Any, int]) -> Any:
    """The totals of one question, with so many sheets for each value; None is a sheet without it."""
    sheets = [
        {} if value is None else {str(question.pk): list(value) if isinstance(value, tuple) else value}
        for value, times in values.items()
        for _ in range(times)
    ]
    return tally([question], sheets)["questions"].get(str(question.pk))


def test_of_fewer_than_five_people_nothing_is_shown() -> None:
    assert tally([ONE], [{str(ONE.pk): 1}] * 4) == {"people": None, "questions": {}}


def test_large_groups_stand_apart_and_small_ones_together() -> None:
    assert tallied(ONE, {1: 9, 2: 7, 3: 3, 4: 2}) == {
        "shown": {"1": 9, "2": 7},
        "together": {"choices": [0, 3, 4], "count": 5},
    }


def test_what_a_subtraction_would_tell_goes_together_with_the_next_group() -> None:
    assert tallied(ONE, {1: 9, 2: 7, 3: 1}) == {
        "shown": {"1": 9},
        "together": {"choices": [0, 2, 3, 4], "count": 8},
    }
    assert tallied(ONE, {1: 9, None: 1}) == {"shown": {}, "together": {"choices": [0, 1, 2, 3, 4], "count": 10}}


@given(st.dictionaries(st.sampled_from([None, 1, 2, 3, 4]), st.integers(0, 12)))
def test_no_group_of_one_to_four_is_ever_shown_nor_left_over(counts: dict[int | None, int]) -> None:
    found = tallied(ONE, counts)
    people = sum(counts.values())
    if people < 5:
        assert found is None
        return
    shown = found["shown"].values()
    assert all(one >= 5 for one in shown)
    assert people - sum(shown) == found["together"]["count"]
    assert not 0 < found["together"]["count"] < 5


def test_of_several_choices_each_is_counted_unless_it_or_the_rest_is_a_small_group() -> None:
    assert tallied(SEVERAL, {(1, 2): 6, (1,): 3, (): 5}) == {"chosen": {"1": 9, "2": 6}}
    assert tallied(SEVERAL, {(1, 2): 4, (1,): 7}) == {"chosen": {"1": 11, "2": None}}
    assert tallied(SEVERAL, {(1,): 8, (2,): 2}) == {"chosen": {"1": None, "2": None}}


def test_numbers_are_averaged_and_texts_only_counted() -> None:
    assert tallied(NUMBER, {"3": 4, "4.5": 2}) == {"count": 6, "average": "3.50"}
    assert tallied(NUMBER, {"3": 4, None: 6}) == {"count": None}
    assert tallied(TEXT, {"Ļoti slepeni": 6}) == {"count": 6}


@pytest.fixture
def survey() -> Survey:
    return made(audience=Audience.NOBODY)


def counted(survey: Survey) -> Survey:
    count(survey.pk, actor=STAFF, now=timezone.now())
    survey.refresh_from_db()
    return survey


def test_they_are_made_once_when_it_is_over_and_stay_when_the_answers_go(survey: Survey) -> None:
    first = survey.questions.get(number=1)
    stored(survey, {str(first.pk): 2}, number=6)
    with pytest.raises(NotPossible):
        counted(survey)
    over(survey)
    counted(survey)
    Participation.objects.all().delete()
    with pytest.raises(NotPossible):
        counted(survey)
    (section, *_others) = report(survey)
    assert section.question == "Cik bieži?"
    assert section.lines == [("Bieži", "6"), ("kopā: bez atbildes, Reti, Nekad", "0")]


@pytest.mark.clause("Q7.4")
def test_only_answers_whose_consent_holds_are_counted(person: User, other_person: User) -> None:
    survey = made()
    for someone in (person, other_person):
        row = Participation(survey=survey, user=someone, answers="{}", answered_at=timezone.now())
        row.ends_at = survey.answers_end_at
        row.save()
    stored(survey, {}, number=4)
    give(person.pk, "SURVEY", **HOW, now=timezone.now(), scope=survey.scope)
    over(survey)
    assert counted(survey).totals["people"] == 5


def test_counting_takes_as_many_queries_for_ten_as_for_twenty(survey: Survey, django_assert_num_queries: Any) -> None:
    for number in (10, 20):
        stored(survey, {"x": "y"}, number=number)
        with django_assert_num_queries(4):
            found = [answers_of(row) for row in participations(survey, now=timezone.now())]
        assert found[0] == {"x": "y"}
