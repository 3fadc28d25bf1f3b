"""What staff read is what the desk shows: each right, each step, each role, and no button that there is not."""

import re
from typing import Final

from django.utils.translation import override

from datamap.terms import Right
from dsar.deadlines import Channel
from dsar.deadlines.arithmetic import ASK_WITHIN_WORKING_DAYS, BREACH_HOURS, EXTENDED_MONTHS, FIRST_MONTHS
from dsar.desk import STEPS
from dsar.silence import END_AFTER, REMIND_AFTER
from qlekta.catalogue.roles import ROLES
from retention.openings import READABLE
from tests.architecture.test_floors import ROOT
from tests.site.test_translations import every_marked_string

TEXT: Final = (ROOT / "docs" / "staff.md").read_text(encoding="utf-8")
BOLD: Final = {" ".join(found.split()) for found in re.findall(r"\*\*(.+?)\*\*", TEXT, re.DOTALL)}
NAMED: Final = set(re.findall(r"`(\w+)`", TEXT))
WORDS: Final = {1: "one", 3: "three"}


def labels() -> dict[str, str]:
    with override("en"):
        return {name: str(step.label) for name, step in STEPS.items()}


def test_each_step_of_the_desk_is_in_it_by_its_name() -> None:
    assert len(STEPS) > 30
    assert {name: label for name, label in labels().items() if label not in BOLD} == {}


def test_no_button_is_named_that_there_is_not() -> None:
    assert BOLD - set(labels().values()) - every_marked_string() == set()


def test_each_right_has_its_own_heading() -> None:
    headings = re.findall(r"^### .*\(`(\w+)`\)$", TEXT, re.MULTILINE)
    assert sorted(headings) == sorted(Right.values)


def test_each_role_and_each_channel_is_named() -> None:
    assert {role.name for role in ROLES} - NAMED == set()
    assert set(Channel.values) - NAMED == set()


def test_its_days_are_those_of_the_site() -> None:
    text = " ".join(TEXT.split())
    for sentence in (
        f"reminds after {REMIND_AFTER} days and ends the question after {END_AFTER} by itself",
        f"later than {WORDS[ASK_WITHIN_WORKING_DAYS]} working days",
        f"{WORDS[FIRST_MONTHS].capitalize()} month from the day of arrival",
        f"the {WORDS[EXTENDED_MONTHS]} months count from the arrival",
        f"{BREACH_HOURS[-1][1]} hours to the authority",
        f"within {READABLE.total_seconds() / 3600:.0f} hours",
    ):
        assert sentence in text
