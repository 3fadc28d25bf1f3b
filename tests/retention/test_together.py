"""A table that a plan or receipt has several things to say about is named once (Q17.1; Art. 12(1))."""

import re

from django.template.loader import render_to_string

from datamap.terms import Erasure
from retention.planned import PlanLine
from retention.templatetags.receipts import together

LINES = (
    PlanLine("a.Post", "Your posts", Erasure.DELETE, 3, ("text",)),
    PlanLine("a.Order", "Your orders", Erasure.KEEP, 2, reason="books", act="Law 1", term="5 years"),
    PlanLine("a.Post", "Your posts", Erasure.KEEP, 1, reason="a claim", act="Law 2", term="until released"),
    PlanLine("a.Order", "Your orders", Erasure.KEEP, 2, reason="proof", act="Law 3", term="3 years"),
)


def test_lines_of_one_table_stand_together_with_one_count_where_they_agree() -> None:
    found = [(group.label, group.count, len(group.lines)) for group in together(LINES)]
    assert found == [("Your posts", None, 2), ("Your orders", 2, 2)]
    as_json = [{"label": line.label, "count": line.count} for line in LINES]
    assert [(group.label, group.count, len(group.lines)) for group in together(as_json)] == found


def test_the_label_is_there_once_and_everything_else_still_is() -> None:
    plan = render_to_string("dsar/plan_lines.html", {"lines": LINES, "kept": True})
    assert re.findall(r'rowspan="(\d)">(Your \w+)', plan) == [("2", "Your posts"), ("2", "Your orders")]
    assert (plan.count("Your posts"), plan.count("Your orders"), plan.count("<tr>")) == (1, 1, 5)
    assert all(str(line.reason) in plan for line in LINES)
    assert [plan.count(f"({count})") for count in (1, 2, 3)] == [1, 1, 1]
