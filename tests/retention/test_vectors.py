"""The published vectors of storage ends, through the command that anybody can run."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from datamap.catalogue import period
from retention.management.commands.ends_at import ALIASES

VECTORS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "retention_vectors.csv").open(encoding="utf-8")))
BY_TIME = [row for row in VECTORS if not row["flags"]]


def ends_at(rule: str, start: str) -> dict[str, str]:
    out = StringIO()
    call_command("ends_at", "--rule", rule, "--start", start, stdout=out)
    found: dict[str, str] = json.loads(out.getvalue())
    return found


@pytest.mark.clause("Q5.10", "Q10.4")
@pytest.mark.requirement("R1", "R2")
@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["id"])
def test_the_end_is_the_published_one(row: dict[str, str]) -> None:
    found = ends_at(row["rule"], row["start"])
    assert found["erase_at_utc"] == row["erase_at_utc"]
    assert found["rule"] == row["rule"]
    assert found["source"]


@pytest.mark.clause("Q5.10", "Q10.4")
@pytest.mark.parametrize("row", BY_TIME, ids=lambda row: row["id"])
def test_a_record_is_due_from_the_published_instant_on(row: dict[str, str]) -> None:
    rule = period(ALIASES[row["rule"]])
    as_of = datetime.fromisoformat(row["as_of"]).astimezone(UTC)
    assert rule.is_due(datetime.fromisoformat(row["start"]), now=as_of) is (row["expected"] != "keep")


@pytest.mark.parametrize(
    ("rule", "start", "sentence"),
    [
        ("visit_log_20w", "2026-03-01T00:00:00", "offset"),
        ("visit_log_20w", "yesterday", "ISO"),
        ("visit_log_20w", "0000-01-01T00:00:00Z", "ISO"),
        ("visit_log_20w", "10000-01-01T00:00:00Z", "ISO"),
        ("visit_log_20w", "9999-12-31T00:00:00Z", "years"),
        ("archive_6y", "9999-12-31T00:00:00Z", "years"),
        ("forever", "2026-03-01T00:00:00Z", "visit_log_20w"),
        ("ACCOUNT", "2026-03-01T00:00:00Z", "criterion"),
    ],
)
def test_nonsense_is_answered_with_a_sentence(rule: str, start: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        ends_at(rule, start)
