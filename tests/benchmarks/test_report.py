"""A benchmark says plainly what it found; nothing here measures time."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS, _parser
from benchmarks.report import Report, Verdict


def test_a_report_shows_its_table_and_its_verdicts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = Report("purge", ("way", "rows"), rows=[("slow", 1000), ("fast", 0.25)])
    report.verdicts += [Verdict("wall", 0.1, 0.2), Verdict("WAL", 0.002, 0.001)]
    report.show()
    shown = capsys.readouterr().out
    assert "slow  1 000" in shown
    assert "met    wall: 0.1, goal at most 0.2" in shown
    assert "MISSED WAL: 0.002, goal at most 0.001" in shown
    report.save(tmp_path / "found.json")
    assert json.loads((tmp_path / "found.json").read_text())["verdicts"][1]["limit"] == 0.001


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_each_benchmark_says_what_it_is_for_and_takes_a_file(name: str) -> None:
    assert (BENCHMARKS[name].__doc__ or "").strip()
    assert _parser().parse_args([name, "--json", "x.json"]).json == Path("x.json")
