"""The clause marks stand: `docs/clauses.md` says what the tests show, and no clause loses its only test."""

import re

from tests.architecture.clause_marks import (
    CONTRADICTIONS,
    DOCUMENT,
    RULES,
    SECURITY,
    clauses,
    document,
    marks,
    requirements,
)


def documented() -> set[str]:
    shown = DOCUMENT.read_text(encoding="utf-8").partition("## Not shown yet")[0]
    return set(re.findall(r"^\| (Q\d+\.\d+) \|", shown, flags=re.MULTILINE))


def test_every_mark_names_a_clause_of_the_policy() -> None:
    assert set(marks()) - set(clauses()) - CONTRADICTIONS - RULES == set()


def test_every_requirement_that_a_test_names_exists() -> None:
    assert requirements(), "no test names a requirement"
    assert requirements() - SECURITY == set()


def test_no_clause_lost_its_only_test() -> None:
    assert documented(), "docs/clauses.md lists no clause"
    assert documented() - set(marks()) == set()


def test_the_document_is_what_the_marks_say() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(marks()), "run: python -m tests.architecture.clause_marks"
