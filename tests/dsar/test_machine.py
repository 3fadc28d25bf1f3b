"""Random lives of requests over the real services and the real database: whatever people, staff, workers and the clock
do, in whatever order, nothing is given unproven, nothing is lost and nothing ends without its answer (security P1-P6).

`QLEKTA_HISTORIES=long` takes more than ten thousand steps, about twenty minutes: 249 lives with 9 583 steps took 17.
"""

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.dsar.lives.holding import STEPS, Lives

_COMMON: Final = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
SHORT: Final = settings(_COMMON, max_examples=6, stateful_step_count=40, derandomize=True)
LONG: Final = settings(_COMMON, max_examples=260, stateful_step_count=50)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("published_texts")
@pytest.mark.clause("Q4.2", "Q16.9", "Q16.10", "Q18.3")
@pytest.mark.requirement("P1", "P2", "P3", "P5", "P6", "I4", "I5", "I10", "I11", "G4")
def test_whatever_is_done_in_whatever_order_nothing_is_given_unproven_and_nothing_is_lost() -> None:
    is_long = os.environ.get("QLEKTA_HISTORIES") == "long"
    STEPS.clear()
    run_state_machine_as_test(Lives, settings=LONG if is_long else SHORT)
    assert STEPS["all"] >= (10_000 if is_long else 150), STEPS
