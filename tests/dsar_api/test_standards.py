"""Every stage and outcome has its name in both standards, and no name says more than was done."""

from itertools import product

import pytest

from dsar.api.standards import STANDINGS, Drp, DrpReason, OpenDsr, standing_of
from dsar.terms import CLOSED, Outcome, RefusalReason, Stage

GIVEN = {Stage.ANSWERED, Stage.PARTLY_REFUSED}


@pytest.mark.clause("Q16.10")
def test_every_stage_with_every_outcome_has_its_name_in_both_standards() -> None:
    assert set(STANDINGS) == set(Stage)
    for stage, outcome, ground in product(Stage, Outcome, (None, *RefusalReason)):
        found = standing_of(stage, outcome, ground)
        assert (found.opendsr in {OpenDsr.COMPLETED, OpenDsr.CANCELLED}) == (stage in CLOSED)
        assert (found.drp in {Drp.OPEN, Drp.IN_PROGRESS}) == (stage not in CLOSED)
        assert (found.drp is Drp.DENIED) <= (found.drp_reason is not DrpReason.NONE)


def test_nothing_is_called_done_that_was_not_given() -> None:
    for stage, outcome in product(Stage, Outcome):
        found = standing_of(stage, outcome)
        if stage not in GIVEN or (stage is Stage.ANSWERED and outcome == Outcome.REFUSED):
            assert found.opendsr is not OpenDsr.COMPLETED
            assert found.drp is not Drp.FULFILLED


def test_every_name_of_the_standards_is_used() -> None:
    found = {standing_of(stage, ground=ground) for stage in Stage for ground in (None, *RefusalReason)}
    found.add(standing_of(Stage.ANSWERED, Outcome.FULFILLED, result_is_gone=True))
    assert {item.opendsr for item in found} == set(OpenDsr)
    assert {item.drp for item in found} == set(Drp)
    assert {item.drp_reason for item in found} == set(DrpReason)
