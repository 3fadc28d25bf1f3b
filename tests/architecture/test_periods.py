"""Every storage period stands once, in the catalogue; nothing else in the code holds one (T1-T22)."""

import ast
from collections.abc import Iterator
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


def periods_in(path: Path) -> Iterator[int]:
    """Lines that build a length of a day or more from a written number."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "timedelta":
            for word in node.keywords:
                number = word.value.value if isinstance(word.value, ast.Constant) else None
                if word.arg in LONG and isinstance(number, int | float) and number >= LONG[word.arg]:
                    yield node.lineno


def test_all_terms_of_the_retention_table_are_in_the_catalogue() -> None:
    rules = {item.rule for item in catalogue().periods.values()}
    assert rules == {f"T{number}" for number in range(1, 23)}


@pytest.mark.clause("Q10.3")
def test_every_term_has_its_source_and_what_starts_it() -> None:
    for item in catalogue().periods.values():
        assert item.source, item.code
        assert item.starts or item.term is None, item.code


def test_no_other_module_holds_a_period() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in production_files()
        if path != CATALOGUE and not any(str(path.relative_to(ROOT)).startswith(place) for place in COUNT_DAYS)
        for line in periods_in(path)
        if not _is_the_extended_month(path)
    }
    assert found == set()


def _is_the_extended_month(path: Path) -> bool:
    # The desk sorts by an estimate of the extended deadline; the deadline itself is computed.
    return path.relative_to(ROOT) == Path("dsar/queries.py")


def test_a_period_elsewhere_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "late.py"
    module.write_text("KEEP = timedelta(weeks=20)\nTICK = timedelta(seconds=5)\n", encoding="utf-8")
    assert list(periods_in(module)) == [1]


def test_settings_that_libraries_read_agree_with_the_catalogue() -> None:
    assert timedelta(days=settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS) == length_of("OPT_IN")
    assert timedelta(seconds=settings.LANGUAGE_COOKIE_AGE) == length_of("COOKIE_CHOICE")
    assert "14" in str(catalogue().periods["SESSION"].label)
    assert timedelta(seconds=settings.SESSION_COOKIE_AGE) == timedelta(days=14)
