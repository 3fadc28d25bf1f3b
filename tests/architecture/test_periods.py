"""Every storage period stands once, in the catalogue; nothing else in the code holds one (T1-T22)."""

import ast
import operator
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from datamap.catalogue import catalogue, length_of
from tests.architecture.test_floors import ROOT
from tests.architecture.test_sizes import production_files

CATALOGUE = ROOT / "qlekta" / "catalogue" / "periods.py"
# A calendar counts days without storing anything; the demo invents a past.
COUNT_DAYS = {"dsar/deadlines", "qlekta/demo", "visits/partitions.py", "datamap/periods.py", "benchmarks", "runner"}
LONG = {"days": 1, "weeks": 1, "hours": 25}
# Lengths that end nothing: how long somebody is silent, how far a clock may jump, how often a backup is made.
NOTHING_STORED = {"dsar/silence.py": 1, "retention/clock.py": 1, "replay/privacy.py": 1}


_SUMS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def periods_in(path: Path) -> Iterator[int]:
    """Lines that build a length of a day or more from numbers, however these are written."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {name: value for name, node in _constants(tree) if (value := _number(node, {})) is not None}
    factors = {
        id(node): node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
    }
    times = {
        id(call): number
        for node in factors.values()
        for call, other in ((node.left, node.right), (node.right, node.left))
        if (number := _number(other, named)) is not None
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "timedelta":
            lengths = [*zip(("days",), node.args, strict=False), *((word.arg, word.value) for word in node.keywords)]
            for unit, written in lengths:
                number = _number(written, named)
                if unit in LONG and number is not None and number * times.get(id(node), 1) >= LONG[unit]:
                    yield node.lineno


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and node.value is not None:
            yield target.id, node.value


def _number(node: ast.expr, named: dict[str, float]) -> float | None:
    """What a sum of numbers and named numbers comes to; None for anything else."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return named.get(name)
        case ast.BinOp(left=left, op=op, right=right):
            one, two, does = _number(left, named), _number(right, named), _SUMS.get(type(op))
            return None if one is None or two is None or does is None else does(one, two)
    return None


def test_all_terms_of_the_retention_table_are_in_the_catalogue() -> None:
    rules = {item.rule for item in catalogue().periods.values()}
    assert rules == {f"T{number}" for number in range(1, 23)}


@pytest.mark.clause("Q10.3")
def test_every_term_has_its_source_and_what_starts_it() -> None:
    for item in catalogue().periods.values():
        assert item.source, item.code
        assert item.starts or item.term is None, item.code


def test_no_other_module_holds_a_period() -> None:
    names = {path: str(path.relative_to(ROOT)) for path in production_files() if path != CATALOGUE}
    found = Counter(
        name
        for path, name in names.items()
        if not any(name.startswith(place) for place in COUNT_DAYS) and not _is_the_extended_month(path)
        for _line in periods_in(path)
    )
    assert found == NOTHING_STORED


def _is_the_extended_month(path: Path) -> bool:
    # The desk sorts by an estimate of the extended deadline; the deadline itself is computed.
    return path.relative_to(ROOT) == Path("dsar/queries.py")


def test_a_period_elsewhere_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "late.py"
    lines = [
        "KEEP = timedelta(weeks=20)",
        "TICK = timedelta(seconds=5)",
        "DAYS: Final = 14",
        "LATE = timedelta(days=DAYS - 1)",
        "LONG = 48 * timedelta(hours=1)",
        "OTHER = timedelta(hours=2) * DAYS",
        "PLAIN = timedelta(2)",
        "SHORT = 20 * timedelta(hours=1)",
    ]
    module.write_text("\n".join(lines), encoding="utf-8")
    assert sorted(periods_in(module)) == [1, 4, 5, 6, 7]


def test_settings_that_libraries_read_agree_with_the_catalogue() -> None:
    assert timedelta(days=settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS) == length_of("OPT_IN")
    assert timedelta(seconds=settings.LANGUAGE_COOKIE_AGE) == length_of("COOKIE_CHOICE")
    assert "14" in str(catalogue().periods["SESSION"].label)
    assert timedelta(seconds=settings.SESSION_COOKIE_AGE) == timedelta(days=14)
