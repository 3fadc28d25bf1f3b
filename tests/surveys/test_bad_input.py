"""What is wrong is said in a summary with links, what was typed stays, and nothing of it is kept or run (clause 5)."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from surveys.forms import LONG_LENGTH
from surveys.models import Participation, Question, Survey
from surveys.terms import QuestionKind
from tests.naughty import CORPUS
from tests.people import log_in
from tests.surveys.making import made, page_of, take_part

SCRIPT = "<script>alert(1)</script>"

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def survey(client: Client, person: User) -> Survey:
    log_in(client, person)
    found = made()
    for number, kind in ((4, QuestionKind.SHORT), (5, QuestionKind.NUMBER)):
        Question.objects.create(survey=found, number=number, kind=kind, text_lv=f"Jautājums {number}?")
    return found


def stored() -> Any:
    return json.loads(Participation.objects.get().answers)


@pytest.mark.clause("Q5.8")
@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"q1": ""}, "q1"),
        ({"q1": "9"}, "q1"),
        ({"q1": "0"}, "q1"),
        ({"q1": "x"}, "q1"),
        ({"q2": ["1", "7"]}, "q2"),
        ({"q3": "x" * (LONG_LENGTH + 1)}, "q3"),
        ({"q4": "x" * 201}, "q4"),
        ({"q5": "daudz"}, "q5"),
        ({"q5": "1e400"}, "q5"),
        ({"q5": "NaN"}, "q5"),
        ({"q5": "99999999999999"}, "q5"),
        ({"agreed": ""}, "agreed"),
    ],
)
def test_each_mistake_is_named_with_a_link_to_it_and_everything_else_stays(
    client: Client, survey: Survey, form: dict[str, Any], field: str
) -> None:
    refused = take_part(client, survey, **({"q3": "Mani vārdi", "q4": "Īsi"} | form))
    page = refused.content.decode()
    assert refused.status_code == 400
    link = re.search(rf'class="error-summary".*href="#(id_{field}(?:_0)?)"', page, re.DOTALL)
    assert link is not None
    assert re.search(rf'<(input|textarea)[^>]* id="{link[1]}"', page), "the link leads to what takes the focus"
    assert ("Mani vārdi" in page) is (field != "q3")
    assert ("Īsi" in page) is (field != "q4")
    assert not Participation.objects.exists()


@pytest.mark.requirement("H2")
def test_scripts_in_answers_are_text(client: Client, survey: Survey) -> None:
    assert take_part(client, survey, q3=SCRIPT, q4='"><img src=x onerror=alert(1)>').status_code == 302
    page = client.get(page_of(survey)).content.decode()
    assert SCRIPT not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


def test_texts_of_all_kinds_are_kept_as_they_were_typed(client: Client, survey: Survey) -> None:
    for text in CORPUS[::25]:
        assert take_part(client, survey, q3=text).status_code == 302, text
        assert text.strip() in ["", *stored().values()]
        assert client.get(page_of(survey)).status_code == 200


@pytest.mark.parametrize(("typed", "kept"), [("3,5", "3.5"), ("3.5", "3.5"), (" 12 ", "12"), ("-4", "-4")])
def test_numbers_are_read_as_latvians_and_others_write_them(
    client: Client, survey: Survey, typed: str, kept: str
) -> None:
    assert take_part(client, survey, q5=typed).status_code == 302
    assert kept in stored().values()


def test_a_long_text_may_have_as_many_lines_as_it_has_room_for(client: Client, survey: Survey) -> None:
    assert take_part(client, survey, q3="x\r\n" * (LONG_LENGTH // 2)).status_code == 302


def test_only_the_mandatory_fields_are_needed(client: Client, survey: Survey) -> None:
    assert take_part(client, survey).status_code == 302
    assert len(stored()) == 1


def test_fields_that_the_form_does_not_have_are_not_kept(client: Client, survey: Survey) -> None:
    take_part(client, survey, q9="x", user="1", won_at="2026-01-01", survey_id="x")
    assert len(stored()) == 1
    assert Participation.objects.get().won_at is None
