"""Which reason wins over a row, and the published vectors with a hold (clauses.md 4)."""

import csv
from datetime import datetime
from itertools import product
from pathlib import Path

import pytest

from datamap.catalogue import period
from retention.management.commands.ends_at import ALIASES
from retention.precedence import KEEPING, Reason, Standing, decide, keepers
from tests.retention.conftest import NOW

VECTORS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "retention_vectors.csv").open(encoding="utf-8")))
HELD = [row for row in VECTORS if "hold" in row["flags"]]
PAST, FUTURE = NOW.replace(year=2020), NOW.replace(year=2030)


def test_the_vectors_with_a_hold_are_the_two_published_ones() -> None:
    assert [row["id"] for row in HELD] == ["R16", "R23"]


@pytest.mark.clause("Q10.5", "Q10.4")
@pytest.mark.parametrize("row", HELD, ids=lambda row: row["id"])
def test_a_hold_keeps_what_is_over_or_objected_to(row: dict[str, str]) -> None:
    end = period(ALIASES[row["rule"]]).ends_at(datetime.fromisoformat(row["start"]))
    assert end is not None
    wish = Reason.ERASURE if "objection" in row["flags"] else None
    as_of = datetime.fromisoformat(row["as_of"])
    verdict = decide(Standing(held=True, maximums=(end,), wish=wish), now=as_of)
    assert (verdict.is_kept, verdict.because, verdict.is_conflict) == (True, Reason.HOLD, True)
    assert row["expected"] == "keep"
    assert not decide(Standing(maximums=(end,), wish=wish), now=as_of).is_kept


@pytest.mark.clause("Q5.19")
@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("minimum", [True, False])
@pytest.mark.parametrize("wish", [None, Reason.ERASURE, Reason.CHILD])
@pytest.mark.parametrize("due", [True, False])
def test_the_strongest_reason_that_speaks_decides(
    *, held: bool, restricted: bool, minimum: bool, wish: Reason | None, due: bool
) -> None:
    standing = Standing(
        held=held,
        restricted=restricted,
        minimums=(FUTURE,) if minimum else (),
        maximums=(PAST,) if due else (),
        wish=wish,
    )
    ladder = [
        (held, True, Reason.HOLD),
        (minimum, True, Reason.MINIMUM),
        (wish is Reason.CHILD, False, Reason.CHILD),
        (restricted, True, Reason.RESTRICTION),
        (wish is Reason.ERASURE, False, Reason.ERASURE),
        (due, False, Reason.TERM),
        (True, True, None),
    ]
    kept, because = next((kept, reason) for speaks, kept, reason in ladder if speaks)
    verdict = decide(standing, now=NOW)
    assert (verdict.is_kept, verdict.because) == (kept, because)


def test_the_longest_minimum_delays_and_the_shortest_maximum_deletes() -> None:
    assert decide(Standing(minimums=(PAST, FUTURE), maximums=(PAST,)), now=NOW).is_kept
    assert not decide(Standing(minimums=(PAST,), maximums=(PAST, FUTURE)), now=NOW).is_kept
    assert decide(Standing(maximums=(FUTURE,)), now=NOW).is_kept


def test_a_conflict_is_reported_with_what_gave_way() -> None:
    verdict = decide(Standing(held=True, restricted=True, maximums=(PAST,), wish=Reason.ERASURE), now=NOW)
    assert verdict.overruled == (Reason.TERM, Reason.ERASURE)
    assert not decide(Standing(maximums=(PAST,)), now=NOW).is_conflict


@pytest.mark.clause("Q6.2")
def test_what_stands_against_whom() -> None:
    assert keepers(Reason.TERM) == keepers(Reason.ERASURE) == KEEPING
    assert keepers(Reason.CHILD) == {Reason.MINIMUM, Reason.HOLD}


def test_every_pair_has_one_winner() -> None:
    for one, other in product(Reason, Reason):
        assert (one == other) or (one > other) != (other > one)
