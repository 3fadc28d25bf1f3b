"""Reads the clause marks of all tests and writes `docs/clauses.md` from them.

Run it with `python -m tests.architecture.clause_marks`.
"""

import ast
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
DOCUMENT = ROOT / "docs" / "clauses.md"
REQUIREMENTS = TESTS / "data" / "clauses.csv"

CONTRADICTIONS = {f"X{number}" for number in range(1, 42)}
"""The numbered contradictions of the policy; a test may show how one was resolved."""

RULES = {f"D{number}" for number in range(1, 13)} | {f"T{number}" for number in range(1, 23)}
"""The numbered decisions on identity and receipt, and the terms of storage."""

Marks = dict[str, list[str]]

_LAST = {"C": 9, "D": 11, "E": 14, "F": 32, "G": 10, "H": 14, "I": 12, "L": 7, "O": 6, "P": 6, "R": 9, "S": 5, "V": 4}
SECURITY = {f"{letter}{number}" for letter, last in {**_LAST, "X": 3}.items() for number in range(1, last + 1)}
"""The security requirements, and the faults (F) that a test injects."""


def clauses() -> dict[str, str]:
    """Clause id -> the requirement in one sentence, in the order of the policy."""
    with REQUIREMENTS.open(encoding="utf-8", newline="") as sheet:
        return {row["id"]: row["requirement"] for row in csv.DictReader(sheet)}


def marks() -> Marks:
    """Clause id -> the tests that show it, as `file::test`."""
    found: Marks = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, clause in _marked(ast.parse(path.read_text(encoding="utf-8")), "clause"):
            found[clause].append(f"{path.relative_to(ROOT)}::{name}")
    return found


def requirements() -> set[str]:
    """The security requirements that tests name."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("test_*.py"))
    return {number for tree in trees for _name, number in _marked(tree, "requirement")}


def _marked(tree: ast.Module, mark: str) -> Iterator[tuple[str, str]]:
    """What a mark names, for each test: its own, and that of the whole file."""
    of_all = [number for decorator in _of_the_file(tree) for number in _named_by(decorator, mark)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield from ((node.name, number) for number in of_all)
            for decorator in node.decorator_list:
                yield from ((node.name, number) for number in _named_by(decorator, mark))


def _of_the_file(tree: ast.Module) -> list[ast.expr]:
    match [node.value for node in tree.body if isinstance(node, ast.Assign) and _is_pytestmark(node)]:
        case [ast.List(elts=found)]:
            return found
        case [single]:
            return [single]
    return []


def _is_pytestmark(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)


def _named_by(decorator: ast.expr, mark: str) -> Iterator[str]:
    match decorator:
        case ast.Call(func=ast.Attribute(attr=name), args=args) if name == mark:
            yield from (item.value for item in args if isinstance(item, ast.Constant) and isinstance(item.value, str))


def document(found: Marks) -> str:
    """The page: every clause with its tests, then those that no test shows yet."""
    all_clauses = clauses()
    shown = [clause for clause in all_clauses if found.get(clause)]
    lines = [
        "# The policy, clause by clause",
        "",
        (
            "Written by `python -m tests.architecture.clause_marks` from the marks of the tests."
            " A clause that loses its only test fails the build."
        ),
        "",
        f"{len(shown)} of {len(all_clauses)} clauses have a test.",
        "",
        "| clause | what it asks | shown by |",
        "|---|---|---|",
    ]
    for clause in shown:
        tests = "<br>".join(f"`{name}`" for name in sorted(set(found[clause])))
        lines.append(f"| {clause} | {all_clauses[clause]} | {tests} |")
    lines += ["", "## Contradictions of the policy whose resolution a test shows", ""]
    resolved = sorted(CONTRADICTIONS & set(found), key=lambda name: int(name[1:]))
    lines += [f"- {name}: {', '.join(f'`{test}`' for test in sorted(set(found[name])))}" for name in resolved]
    if missing := [f"- {clause}: {text}" for clause, text in all_clauses.items() if not found.get(clause)]:
        lines += ["", "## Not shown yet", "", *missing]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(marks()), encoding="utf-8")
